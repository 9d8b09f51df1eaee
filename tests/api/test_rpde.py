"""Our catalogue as an RPDE feed, followed as OpenActive's consumers do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api import openactive, rpde
from api.views import description
from catalogue import changes
from catalogue.models import Occurrence, Opportunity, Provider, Skill, Venue
from catalogue.words import Kind, Reach
from tests.catalogue.factories import opportunity, provider, venue
from tests.client import Answer, CheckedClient

FEED = "/api/v1/rpde/opportunities"
SITE = "http://localhost"
NOW = datetime.now(UTC)
# What https://openactive.io/modelling-opportunity-data/ requires of each.
REQUIRED = {
    "Event": {"name", "activity", "location", "organizer", "startDate", "url"},
    "SessionSeries": {"name", "activity", "location", "organizer", "subEvent", "url"},
    "CourseInstance": {"name", "activity", "location", "organizer", "startDate", "url"},
    "OnDemandEvent": {"name", "activity", "organizer", "url"},
}


def ask(client: CheckedClient, url: str) -> tuple[Answer, dict[str, Any]]:
    answer = client.get(url.removeprefix(SITE))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json"), answer.text
    page = json.loads(answer.text)
    assert set(page) == {"items", "next", "license"}
    assert page["license"] == "https://creativecommons.org/licenses/by/4.0/"
    return answer, page


def follow(client: CheckedClient, url: str = FEED) -> tuple[list[dict[str, Any]], str]:
    """All items until the last page, and the address of that. It ends only where RPDE says so."""
    found: list[dict[str, Any]] = []
    url = SITE + url.removeprefix(SITE)
    while True:
        answer, page = ask(client, url)
        if page["next"] == url:
            assert page["items"] == []
            assert answer.headers["Cache-Control"] == "public, max-age=8"
            return found, url
        assert page["items"] or "again=" in page["next"]
        found += page["items"]
        url = page["next"]


@pytest.fixture
def rows(site: Flask) -> Iterator[Session]:
    with Session(site.extensions["engine"]) as made:
        yield made
        made.rollback()
        made.execute(delete(Provider).where(Provider.slug.like("followed-%")))
        made.execute(delete(Venue).where(Venue.slug.like("followed-%")))
        made.commit()


def test_a_follower_finds_all_that_has_a_type_and_is_to_come(
    client: CheckedClient, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpde, "PAGE", 50)
    items, _ = follow(client)
    there = {item["id"] for item in items if item["state"] == "updated"}
    wanted = set()
    for one in rows.scalars(select(Opportunity)):
        end = max((each.ends_at for each in one.occurrences), default=None)
        is_dated = end is not None and min(end, one.ends_at or end) > NOW
        if one.kind in openactive.FOLLOWED.dated and is_dated:
            wanted.add(one.id)
        if one.kind in openactive.FOLLOWED.undated and (one.ends_at is None or one.ends_at > NOW):
            wanted.add(one.id)
    assert there == wanted
    assert len(wanted) > 50
    numbers = [item["modified"] for item in items]
    assert numbers == sorted(set(numbers))


def test_items_have_what_openactive_requires(client: CheckedClient) -> None:
    items, _ = follow(client)
    seen = set()
    for item in items:
        if item["state"] == "deleted":
            assert set(item) == {"state", "kind", "id", "modified"}
            continue
        data = item["data"]
        seen.add(data["@type"])
        assert item["kind"].split(".")[0] == data["@type"]
        assert data["@context"] == "https://openactive.io/"
        assert data["@id"] == f"{SITE}{FEED}#{item['id']}"
        missing = REQUIRED[data["@type"]] - set(data)
        is_online = data.get("eventAttendanceMode", "").endswith("OnlineEventAttendanceMode")
        assert missing <= ({"location"} if is_online else set()), data
        assert client.get(data["url"].removeprefix(SITE)).status == 200
        for name in ("startDate", "endDate"):
            if name in data:
                assert data[name].endswith("Z")
                assert datetime.fromisoformat(data[name]).tzinfo
    assert seen == set(REQUIRED)


def test_a_follower_hears_what_changes_and_what_goes(client: CheckedClient, rows: Session) -> None:
    _, last = follow(client)
    owner = provider(slug="followed-1", name="Owner", url="https://owner.example")
    made = opportunity(
        venue(50.37, -4.14, slug="followed-1", name="Hall", address="1 Road", town="Plymouth"),
        provider=owner,
        kind=Kind.COURSE,
        title="Caulking",
        cost_pence=1250,
        age_min=16,
        is_full=True,
    )
    starts = (NOW + timedelta(days=3)).replace(microsecond=0)
    made.occurrences = [
        Occurrence(starts_at=starts + timedelta(days=n), ends_at=starts + timedelta(days=n, hours=2)) for n in (0, 7)
    ]
    rows.add(made)
    rows.commit()
    (item,), last = follow(client, last)
    number, data = made.id, item["data"]
    assert (item["state"], item["kind"], item["id"]) == ("updated", "CourseInstance", number)
    assert (data["name"], data["description"]) == ("Caulking", "A thing to do.")
    assert data["startDate"] == f"{starts:%Y-%m-%dT%H:%M:%SZ}"
    assert [each["@type"] for each in data["subEvent"]] == ["Event", "Event"]
    assert [each["duration"] for each in data["subEvent"]] == ["PT2H", "PT2H"]
    assert data["location"]["address"]["postalCode"] == "PL1 2AA"
    assert data["location"]["geo"]["latitude"] == 50.37
    assert data["organizer"] | {"@id": ""} == {
        "@type": "Organization",
        "@id": "",
        "name": "Owner",
        "url": "https://owner.example",
    }
    assert data["offers"][0]["price"] == 12.5
    assert data["ageRange"] == {"@type": "QuantitativeValue", "minValue": 16}
    assert data["remainingAttendeeCapacity"] == 0
    made.checked_at = NOW + timedelta(days=1)
    rows.commit()
    assert follow(client, last) == ([], last)
    made.title = "Sealing"
    rows.commit()
    (changed,), last = follow(client, last)
    assert (changed["id"], changed["data"]["name"]) == (number, "Sealing")
    assert changed["modified"] > item["modified"]
    rows.delete(made)
    rows.commit()
    (gone,), last = follow(client, last)
    assert {name: gone[name] for name in gone if name != "modified"} == {
        "state": "deleted",
        "kind": "CourseInstance",
        "id": number,
    }


def test_many_that_are_not_told_of_are_not_taken_for_the_end(
    client: CheckedClient, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, last = follow(client)
    owner = provider(slug="followed-3")
    # With ids that none had before: SQLite gives those of the last again.
    rows.add_all(opportunity(id=900_000 + n, provider=owner, kind=Kind.JOB) for n in range(30))
    rows.add(opportunity(id=900_030, provider=owner, kind=Kind.ONLINE, title="At last"))
    rows.commit()
    monkeypatch.setattr(rpde, "PAGE", 5)
    monkeypatch.setattr(rpde, "ROUNDS", 2)
    first = ask(client, last)[1]
    assert first["items"] == []
    assert first["next"].endswith("&again=1")
    items, _ = follow(client, first["next"])
    assert [item["data"]["name"] for item in items] == ["At last"]


def test_who_has_the_last_page_already_is_told_so(client: CheckedClient) -> None:
    _, last = follow(client)
    mark = client.get(last.removeprefix(SITE)).headers["ETag"]
    assert client.get(last.removeprefix(SITE), headers={"If-None-Match": mark}).status == 304


def test_a_full_page_may_be_kept_for_longer(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(client)
    monkeypatch.setattr(rpde, "PAGE", 5)
    answer, page = ask(client, FEED)
    assert len(page["items"]) == 5
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("said", ["", "x", "-1", "1.5", "9" * 19, "١", "1&afterChangeNumber=2"])
def test_a_number_that_is_none_is_a_bad_request(client: CheckedClient, said: str) -> None:
    for name in ("afterChangeNumber", "again"):
        answer = client.get(f"{FEED}?{name}={said.replace('afterChangeNumber', name)}")
        assert (answer.status, list(json.loads(answer.text))) == (400, ["error"])


def test_beyond_the_last_number_there_is_the_last_page(client: CheckedClient) -> None:
    _, page = ask(client, f"{FEED}?afterChangeNumber={10**18 - 1}")
    assert page["items"] == []
    assert page["next"] == f"{SITE}{FEED}?afterChangeNumber={10**18 - 1}"


def test_where_nothing_can_be_written_what_has_a_number_is_told(
    client: CheckedClient, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, last = follow(client)
    rows.add(opportunity(provider=provider(slug="followed-2"), kind=Kind.ONLINE))
    rows.commit()

    def fails(*_: object) -> None:
        raise OperationalError("locked", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(changes, "number_waiting", fails)
        assert ask(client, last)[1]["items"] == []
    assert len(follow(client, last)[0]) == 1


def test_the_description_names_every_type() -> None:
    schemas = description()["components"]["schemas"]
    types = [each for each in openactive.TYPES.values() if each]
    assert set(schemas["RpdeKind"]["enum"]) == {each.kind for each in types}
    assert set(schemas["RpdeUpdated"]["properties"]["data"]["properties"]["@type"]["enum"]) == set(REQUIRED)
    assert schemas["RpdePage"]["properties"]["items"]["maxItems"] == rpde.PAGE


def test_every_kind_has_a_type_or_is_left_out_on_purpose() -> None:
    assert set(openactive.TYPES) == set(Kind)
    assert {each.name for each in openactive.TYPES.values() if each} == set(REQUIRED)
    followed = openactive.FOLLOWED
    assert followed.dated | followed.undated == {kind for kind, found in openactive.TYPES.items() if found}


@pytest.mark.parametrize("reach", [Reach.NATIONAL, Reach.REGION, Reach.UNKNOWN, Reach.ONLINE])
def test_what_has_no_place_says_what_is_known_of_it(site: Flask, reach: Reach) -> None:
    one = opportunity(
        id=7,
        provider=provider(slug="owner"),
        reach=reach,
        region="Devon" if reach is Reach.REGION else None,
        skills=[Skill(name="Caulking")],
        description="",
    )
    kind = openactive.TYPES[Kind.EVENT]
    assert kind
    with site.test_request_context():
        data = openactive.data(one, kind, "https://site.example/feed")
    if reach is Reach.ONLINE:
        assert "location" not in data
    else:
        assert data["location"]["name"] == ("Devon" if reach is Reach.REGION else "United Kingdom")
    assert data["activity"] == [{"@type": "Concept", "prefLabel": "Caulking"}]
    assert "subEvent" not in data
