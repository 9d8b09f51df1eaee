"""Lists by cursor: nothing twice and nothing lost, whatever comes and goes between two pages."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from api import cursor, places
from api.cursor import NoSuchPlace, read, write
from app import create_app
from catalogue import derived, pathway_pages
from catalogue.models import Occurrence, Opportunity, Provider, Venue
from catalogue.pathway_models import Pathway
from catalogue.words import DestinationKind, Kind, Reach
from search import listing
from settings import Settings
from tests.catalogue.factories import opportunity, provider, venue
from tests.client import CheckedClient

ADDRESS = "/api/v1/opportunities"
LATITUDE, LONGITUDE = 50.37, -4.14
HERE = f"near={LATITUDE},{LONGITUDE}"
STRANGE = "far-away"
_numbers = count(1)


@pytest.fixture
def small(site_settings: Settings) -> Iterator[Flask]:
    """A site that shows five a page."""
    app = create_app(site_settings.model_copy(update={"page_size": 5}))
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def rows(small: Flask) -> Iterator[Session]:
    """A session of its own, as another process has it. What it writes is taken away after the test."""
    with Session(small.extensions["engine"]) as made:
        yield made
        made.rollback()
        for provider_id in made.info.pop("providers", []):
            made.execute(delete(Provider).where(Provider.id == provider_id))
        made.execute(delete(Venue).where(Venue.slug.like(f"{STRANGE}-%")))
        made.commit()


def add(rows: Session, draw: random.Random, **values: Any) -> Opportunity:
    """One more opportunity somewhere near, or with `reach` nowhere."""
    number = next(_numbers)
    owner = provider(slug=f"{STRANGE}-{number}")
    somewhere = venue(
        # Few enough places that some are as far away as others.
        LATITUDE + draw.randint(-20, 20) / 2_000,
        LONGITUDE + draw.randint(-20, 20) / 2_000,
        slug=f"{STRANGE}-{number}",
    )
    at = [] if "reach" in values else [somewhere]
    found = opportunity(*at, key=f"cursor:{number}", title="Kayak", provider=owner, **values)
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=draw.randint(1, 9))
    found.occurrences = [Occurrence(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))]
    found.ends_at = found.occurrences[0].ends_at if draw.random() < 0.7 else None
    found.added_at = starts_at - timedelta(days=30)
    rows.add(found)
    rows.flush()
    rows.info.setdefault("providers", []).append(owner.id)
    derived.index(rows, [found.id])
    return found


def ask(client: CheckedClient, query: str) -> dict[str, Any]:
    answer = client.get(f"{ADDRESS}?{query}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


ORDERS = [
    f"{HERE}&kind=information&sort=distance",
    f"{HERE}&kind=information&sort=soonest",
    f"{HERE}&kind=information&sort=newest",
    f"{HERE}&kind=information&q=kayak",
    f"{HERE}&kind=information&within=1",
    "elsewhere=1&kind=information",
]


@pytest.mark.parametrize("query", ORDERS)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_comes_twice_and_nothing_that_was_there_is_lost(
    small: Flask, rows: Session, query: str, seed: int
) -> None:
    draw, client = random.Random(seed), CheckedClient(small)
    kind: dict[str, Any] = {"kind": Kind.INFORMATION}

    def one_more() -> Opportunity:
        reach = {"reach": draw.choice((Reach.ONLINE, Reach.NATIONAL, Reach.UNKNOWN))}
        return add(rows, draw, **kind, **(reach if "elsewhere" in query else {}))

    there = [one_more() for _ in range(23)]
    rows.commit()
    throughout = {each["id"] for each in every_page(client, query)}
    assert len(throughout) >= 10
    page, seen = ask(client, query), []
    while True:
        seen += [each["id"] for each in page["features"]]
        if "next" not in page:
            break
        for _ in range(draw.randint(0, 4)):
            one_more()
        for _ in range(draw.randint(0, 2)):
            gone = there.pop(draw.randrange(len(there)))
            throughout.discard(gone.id)
            rows.delete(gone)
        rows.commit()
        page = ask(client, urlsplit(page["next"]).query)
    assert len(seen) == len(set(seen))
    assert throughout <= set(seen)


def every_page(client: CheckedClient, query: str) -> list[dict[str, Any]]:
    page = ask(client, query)
    found: list[dict[str, Any]] = list(page["features"])
    while "next" in page:
        page = ask(client, urlsplit(page["next"]).query)
        found += page["features"]
    return found


SOME = [
    "&kind=job",
    "&sort=distance&kind=course",
    "&sort=soonest&kind=workshop",
    "&sort=newest&kind=workshop",
    "&q=learn",
]


@pytest.mark.parametrize("asked", [*SOME, "&box=-4.2,50.3,-4.1,50.4", "&minutes=60&by=bike"])
def test_cursors_lead_through_the_same_list_as_pages(small: Flask, asked: str) -> None:
    client, query = CheckedClient(small), f"near=PL1+2AA&within=any{asked}"
    by_cursor = every_page(client, query)
    by_page: list[dict[str, Any]] = []
    for page in range(1, len(by_cursor) // 5 + 2):
        by_page += ask(client, f"{query}&page={page}")["features"]
    assert len(by_cursor) > 10
    assert by_cursor == by_page


def test_a_page_by_number_leads_on_by_cursor(small: Flask) -> None:
    client, query = CheckedClient(small), "near=PL1+2AA&within=any&facets=1"
    second = ask(client, f"{query}&page=2")
    third = ask(client, urlsplit(second["next"]).query)
    assert third == ask(client, f"{query}&page=3") | {"next": third["next"]}
    assert (third["page"], third["features"][0]["properties"]["number"]) == (3, 11)


def test_the_distance_stays_that_of_the_first_page(small: Flask, rows: Session) -> None:
    client, draw = CheckedClient(small), random.Random(1)
    far = "near=57.5,-6.2"
    first = ask(client, far)
    assert first["radius_miles"] == 50
    rows.commit()
    query = parse_qs(urlsplit(ask(client, "near=PL1+2AA")["next"]).query)
    before = ask(client, "near=PL1+2AA")["radius_miles"]
    for _ in range(31):
        add(rows, draw, kind=Kind.INFORMATION)
    rows.commit()
    assert ask(client, urlencode(query, doseq=True))["radius_miles"] == before


def test_some_of_the_words_are_enough_on_every_page_or_on_none(small: Flask) -> None:
    client = CheckedClient(small)
    first = ask(client, "near=PL1+2AA&q=learn+glockenspiel+welding&within=any")
    assert "next" in first
    second = ask(client, urlsplit(first["next"]).query)
    assert second["features"]
    assert not {each["id"] for each in first["features"]} & {each["id"] for each in second["features"]}


def test_orders_of_the_nearest_keep_to_those_that_took_part(small: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "COUNT_BOUND", 12)
    client, query = CheckedClient(small), "near=PL1+2AA&within=any&sort=soonest"
    first = ask(client, query)
    place = places.read_place("opportunities?near=PL1+2AA&within=any&sort=soonest", _cursor(first), None, True)
    assert place.bound is not None


def _cursor(page: dict[str, Any]) -> str:
    (found,) = parse_qs(urlsplit(page["next"]).query)["cursor"]
    return found


SENTENCE = {"error": "This “cursor” is of another list, or was changed. Start again without it."}


def test_a_cursor_that_is_none_of_the_list_is_a_bad_request(small: Flask) -> None:
    client, query = CheckedClient(small), "near=PL1+2AA&within=any"
    good = _cursor(ask(client, query))
    wrong = ["", "x", "%00", "é", good[:-1], good + "A", "A" + good[1:], good[:20], "x" * 5_000, "🚪", "....", good * 2]
    for text in wrong:
        answer = client.get(ADDRESS, query_string={"near": "PL1 2AA", "within": "any", "cursor": text})
        assert (answer.status, json.loads(answer.text)) == (400, SENTENCE), text
    for other in ("near=PL1+2AB&within=any", f"{query}&kind=job", f"{query}&sort=newest", "elsewhere=1"):
        assert client.get(f"{ADDRESS}?{other}&cursor={good}").status == 400
    assert client.get(f"/api/v1/pathways?cursor={good}").status == 400
    assert ask(client, f"{query}&facets=1&cursor={good}")["features"]


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1],
        [None] * 9,
        [True] * 9,
        ["a"] * 9,
        [1e308] * 9,
        [2**61] * 9,
        [-(2**61)] * 9,
        [{}] * 9,
        [0] * 9,
        [[1]],
        "x",
    ],
)
@pytest.mark.parametrize("query", ["near=PL1+2AA", "near=PL1+2AA&sort=soonest", "elsewhere=1"])
def test_who_forges_the_digest_too_gets_a_sentence_or_a_page(client: CheckedClient, query: str, values: Any) -> None:
    for made in (values, values[:8], values[:4], values[:3]):
        forged = write(f"opportunities?{query}", made)
        answer = client.get(f"{ADDRESS}?{query}&cursor={forged}")
        assert answer.status in (200, 400), answer.text
        assert client.get(f"/api/v1/pathways?cursor={write(places.PATHWAYS, made)}").status in (200, 400)


def test_a_page_and_a_cursor_are_too_much(client: CheckedClient) -> None:
    for path in (f"{ADDRESS}?near=PL1&page=2&cursor=x", "/api/v1/pathways?page=2&cursor=x"):
        answer = client.get(path)
        assert (answer.status, json.loads(answer.text)) == (400, {"error": "Give “page” or “cursor”, not both."})


def test_pathways_come_once_each_while_others_come_and_go(
    small: Flask, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pathway_pages, "PAGE", 4)
    client, owner = CheckedClient(small), provider(slug=f"{STRANGE}-pathways")
    rows.add(owner)
    rows.flush()
    rows.info.setdefault("providers", []).append(owner.id)
    page = json.loads(client.get("/api/v1/pathways").text)
    throughout = page["count"]
    seen: list[str] = []
    for letter in "abcdefghijkl":
        seen += [each["slug"] for each in page["pathways"]]
        if "next" not in page:
            break
        # One before all the others, and one after.
        for title in (f"A{letter}", f"Z{letter}"):
            rows.add(
                Pathway(
                    slug=f"{STRANGE}-{title.lower()}",
                    provider_id=owner.id,
                    title=title,
                    summary="-",
                    description="",
                    destination="-",
                    destination_kind=DestinationKind.WORDS,
                )
            )
        rows.commit()
        page = json.loads(client.get(page["next"].removeprefix("http://localhost")).text)
    assert len(seen) == len(set(seen))
    assert len([slug for slug in seen if not slug.startswith(STRANGE)]) == throughout


def test_what_is_written_is_read() -> None:
    for values in ([], [1, 2.5, None, True, "Caffè"], [-(2**61)]):
        assert read("a", write("a", values)) == values
        with pytest.raises(NoSuchPlace):
            read("b", write("a", values))
    assert len(write("a", [1, "x" * 200, 3])) < cursor.MOST_CHARACTERS
