"""The page where a pathway is got for another website, and the script that such a page includes."""

import pytest
from flask import Flask

from catalogue.seeds import read
from embeds.builder import SANDBOX
from embeds.loader import NEWEST, integrity, loader
from tests.client import Answer, CheckedClient, parse

SLUG = "cook-for-a-living"
BUILDER = f"/pathways/{SLUG}/embed"
AT = "http://localhost"

# What hosts have pinned. A loader that is out is never changed: make a new one under the next number.
PUBLISHED = {1: "sha384-6UGYheiIo5NSqsLX1SagCS65/qTKzG1iWB7h1K0a9DKRhjOLi5J4ffuRSQZHqgOQ"}


def copied(page: Answer, name: str) -> str:
    return page.all(f".//textarea[@id='{name}']")[0].text or ""


def test_every_pathway_has_lines_to_copy(client: CheckedClient) -> None:
    for sample in read().pathways.pathways:
        page = client.get(f"/pathways/{sample.slug}/embed")
        assert page.status == 200
        assert f"/embed/pathways/{sample.slug}" in copied(page, "frame-snippet")
        assert f'slug="{sample.slug}"' in copied(page, "script-snippet")
        assert copied(page, "page-address") == f"{AT}/pathways/{sample.slug}"


def test_the_pathway_leads_there(client: CheckedClient) -> None:
    (link,) = [each for each in client.get(f"/pathways/{SLUG}").all(".//main//a") if each.get("href") == BUILDER]
    assert link.text == "Put this on your own website"


def test_the_frame_has_a_title_a_height_a_sandbox_and_a_link_below(client: CheckedClient) -> None:
    tree = parse(copied(client.get(f"{BUILDER}?near=PL1+2AA&theme=dark"), "frame-snippet"))
    frame, link = tree.find(".//iframe"), tree.find(".//p/a")
    assert frame is not None
    assert link is not None
    assert frame.get("src") == f"{AT}/embed/pathways/{SLUG}?near=PL1+2AA&theme=dark"
    assert frame.get("title") == link.text == "Cook for a living"
    assert frame.get("loading") == "lazy"
    assert int(frame.get("height") or 0) > 200
    assert link.get("href") == f"{AT}/pathways/{SLUG}?near=PL1+2AA"


def test_the_sandbox_gives_the_widget_no_origin(client: CheckedClient) -> None:
    page = client.get(BUILDER)
    shown = [frame.get("sandbox") for frame in page.all(".//iframe")]
    assert shown == [SANDBOX, SANDBOX]
    assert "allow-same-origin" not in SANDBOX
    assert f'sandbox="{SANDBOX}"' in copied(page, "frame-snippet")
    text = loader()
    assert text is not None
    assert f'"{SANDBOX}"' in text


def test_the_element_carries_what_was_chosen_and_nothing_else(client: CheckedClient) -> None:
    query = "?near=&theme=auto&accent=%230A7D5C&ground=&radius=8&steps=3&heading=3&target=inside&compact=1&lang=en"
    page = client.get(BUILDER + query)
    assert page.status == 200
    widget = parse(copied(page, "script-snippet")).find(".//doorstep-pathway")
    assert widget is not None
    chosen = {name: value for name, value in widget.attrib.items() if name not in ("slug", "style")}
    assert chosen == {
        "accent": "0a7d5c",
        "radius": "8",
        "steps": "3",
        "heading": "3",
        "target": "inside",
        "compact": "1",
    }


def test_the_form_shows_what_was_chosen(client: CheckedClient) -> None:
    page = client.get(f"{BUILDER}?near=PL1&theme=light&steps=2&compact=1&fixed=1&accent=0a7d5c")
    values = {each.get("id"): each.get("value") for each in page.all(".//form//input[@id]")}
    assert values == {"near": "PL1", "accent": "#0a7d5c", "ground": ""}
    assert [each.get("name") for each in page.all(".//form//input[@checked]")] == ["compact", "fixed"]
    chosen = {each.get("value") for each in page.all(".//form//option[@selected]")}
    assert chosen == {"light", "2"}


@pytest.mark.parametrize(
    "query", ["accent=javascript:", "accent=%3Cscript%3E", "steps=900", "heading=7", "theme=%22%3E%3Cb%3E", "target=x"]
)
def test_what_cannot_be_used_is_said_and_left_out(client: CheckedClient, query: str) -> None:
    page = client.get(f"{BUILDER}?near=PL1&{query}")
    assert page.status == 400
    assert len(page.all(".//div[@id='made']/p[@class='message']")) == 1
    name = query.split("=")[0]
    assert f"{name}=" not in copied(page, "script-snippet").split("style=")[0]
    assert 'near="PL1"' in copied(page, "script-snippet")


def test_nothing_that_was_given_breaks_out(client: CheckedClient) -> None:
    near = '"><script>alert(1)</script></textarea>'
    page = client.get(BUILDER, query_string={"near": near})
    assert "<script>alert" not in page.text
    widget = parse(copied(page, "script-snippet")).find(".//doorstep-pathway")
    assert widget is not None
    assert widget.get("near") in (near, None)
    assert len(parse(copied(page, "frame-snippet")).findall(".//script")) == 0


def test_an_unknown_pathway_is_not_found(client: CheckedClient) -> None:
    assert client.get("/pathways/nothing/embed").status == 404


def test_the_builder_may_frame_only_ourselves_and_not_be_framed(client: CheckedClient) -> None:
    headers = client.get(BUILDER).headers
    assert "frame-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_the_script_may_be_included_anywhere(client: CheckedClient) -> None:
    for path, cached in (("/embed.js", "max-age=3600"), (f"/embed-{NEWEST}.js", "immutable")):
        answer = client.get(path)
        assert answer.status == 200
        assert answer.text == loader()
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert cached in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_the_script_is_not_sent_again_to_who_has_it(site: Flask, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    asked = site.test_client()
    first = asked.get("/embed.js", headers=headers)
    again = asked.get("/embed.js", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_the_script_weighs_at_most_three_kilobytes_on_the_line(site: Flask, encoding: str) -> None:
    answer = site.test_client().get("/embed.js", headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert 0 < len(answer.data) <= 3_000


def test_there_is_no_script_of_another_number(client: CheckedClient) -> None:
    assert client.get(f"/embed-{NEWEST + 1}.js").status == 404
    with pytest.raises(KeyError):
        integrity(NEWEST + 1)


def test_a_script_that_is_out_has_not_changed() -> None:
    assert {version: integrity(version) for version in range(1, NEWEST + 1)} == PUBLISHED


def test_the_builder_offers_a_script_that_is_held_to_its_digest(client: CheckedClient) -> None:
    assert "integrity" not in copied(client.get(BUILDER), "script-snippet")
    script = parse(copied(client.get(f"{BUILDER}?fixed=1"), "script-snippet")).find(".//script")
    assert script is not None
    assert script.get("src") == f"{AT}/embed-{NEWEST}.js"
    assert script.get("integrity") == integrity()
    assert script.get("crossorigin") == "anonymous"
    assert "async" in script.attrib
