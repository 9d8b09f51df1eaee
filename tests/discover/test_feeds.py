"""Following a search: its Atom feed and its calendar, read by other parsers than wrote them."""

from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask import Flask
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy.orm import Session

from catalogue.models import Opportunity
from catalogue.queries import Card
from database.session import session as site_session
from discover import atom, feeds
from discover.feeds import MOST_ENTRIES, MOST_SITTINGS
from gazetteer.locate import Located, Precision
from search.forms import SearchRequest
from tests.catalogue.factories import opportunity
from tests.client import Answer, CheckedClient, text_of

NEAR = "near=PL1+2AA"
A = "{http://www.w3.org/2005/Atom}"
# What RFC 4287, section 4.1 requires of each, exactly once.
OF_FEED = ("id", "title", "updated")
OF_ENTRY = ("id", "title", "updated", "published", "summary")
HERE = Located(50.37, -4.14, "PL1 2AA", Precision.UNIT)
NOW = datetime.fromisoformat("2026-06-01T12:00:00+00:00")


def read(answer: Answer) -> ElementTree.Element:
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.text)  # noqa: S314 -- our own
    assert feed.tag == f"{A}feed"
    for element, required in [(feed, OF_FEED), *((entry, OF_ENTRY) for entry in feed.findall(f"{A}entry"))]:
        for name in required:
            (only,) = element.findall(f"{A}{name}")
            assert only.text
        assert datetime.fromisoformat(element.findtext(f"{A}updated") or "").tzinfo
        assert [link.get("rel") for link in element.findall(f"{A}link")].count("alternate") == 1
    return feed


def calendar(answer: Answer) -> Calendar:
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return IcsCalendarStream.calendar_from_ics(answer.text)


def test_a_search_has_a_feed_of_what_is_new_in_it(client: CheckedClient) -> None:
    feed = read(client.get(f"/discover.atom?{NEAR}&kind=workshop&within=25"))
    assert feed.findtext(f"{A}title") == "Doorstep: Workshops near PL1 2AA"
    titles = [entry.findtext(f"{A}title") for entry in feed.findall(f"{A}entry")]
    page = client.get(f"/discover?{NEAR}&kind=workshop&within=25&sort=newest")
    assert titles[:5] == page.texts(".//ol[@id='hits']/li//h3/a")[:5]
    updated = [entry.findtext(f"{A}updated") or "" for entry in feed.findall(f"{A}entry")]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext(f"{A}updated") == updated[0]


def test_what_is_new_is_named_for_good_and_leads_to_its_page(client: CheckedClient) -> None:
    first, second = (read(client.get(f"/discover.atom?{NEAR}&within={miles}")) for miles in (5, 10))
    ids = [entry.findtext(f"{A}id") or "" for entry in first.findall(f"{A}entry")]
    assert len(set(ids)) == len(ids) <= MOST_ENTRIES
    assert all(each.startswith("tag:localhost,2026:opportunity:") for each in ids)
    assert first.findtext(f"{A}id") == "tag:localhost,2026:search?near=PL1%202AA&within=5"
    assert first.findtext(f"{A}id") != second.findtext(f"{A}id")
    entry = first.find(f"{A}entry")
    assert entry is not None
    link = entry.find(f"{A}link")
    assert link is not None
    address = (link.get("href") or "").removeprefix("http://localhost")
    assert address.endswith("?near=PL1")
    assert entry.findtext(f"{A}title") in client.get(address).texts(".//h1")


def test_a_feed_is_bounded(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ENTRIES", 3)
    assert len(read(client.get(f"/discover.atom?{NEAR}&within=any&page=4")).findall(f"{A}entry")) == 3


@pytest.mark.parametrize("kind", ["atom", "ics"])
@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_a_reader_that_has_it_already_is_told_so(site: Flask, kind: str, encoding: str) -> None:
    path, headers = f"/discover.{kind}?{NEAR}&within=5", {"Accept-Encoding": encoding}
    asked = site.test_client()
    with asked.get(path, headers=headers) as first:
        etag, body = first.headers["ETag"], first.data
    assert body
    with asked.get(path, headers=headers | {"If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")
    with asked.get(path, headers=headers | {"If-None-Match": '"another"'}) as other:
        assert other.status_code == 200


def test_a_reader_may_ask_by_date_too(site: Flask) -> None:
    asked = site.test_client()
    with asked.get(f"/discover.atom?{NEAR}") as first:
        date = first.headers["Last-Modified"]
    with asked.get(f"/discover.atom?{NEAR}", headers={"If-Modified-Since": date}) as again:
        assert again.status_code == 304
    with asked.get(f"/discover.atom?{NEAR}", headers={"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}) as old:
        assert old.status_code == 200


def test_text_from_providers_is_text(session: Session, wordy_app: Flask, site: Flask) -> None:
    awkward = 'A <b>bold</b> & "quoted" ]]> title \x0b\ufffe ${x} 🦭 <script>alert(1)</script>'
    one = opportunity(title=awkward, summary=awkward)
    session.add(one)
    session.flush()
    with site.test_request_context():
        made = atom.atom(SearchRequest("PL1"), HERE, [Card(one, None)], ["<no>"], NOW)
    feed = ElementTree.fromstring(made)  # noqa: S314 -- our own
    entry = feed.find(f"{A}entry")
    assert entry is not None
    assert entry.findtext(f"{A}title") == ('A <b>bold</b> & "quoted" ]]> title ${x} 🦭 <script>alert(1)</script>')
    assert feed.findtext(f"{A}subtitle") == "<no>"
    assert "<script>" not in made.decode()


def test_a_feed_without_an_entry_is_one_all_the_same(client: CheckedClient) -> None:
    feed = read(client.get("/discover.atom?near=57.5,-6.2&within=0.1"))
    assert feed.findall(f"{A}entry") == []


def test_a_search_has_a_calendar_of_its_dates_to_come(site: Flask, client: CheckedClient) -> None:
    found = calendar(client.get(f"/discover.ics?{NEAR}&kind=workshop&within=any"))
    assert 0 < len(found.events) <= MOST_SITTINGS
    starts = [event.dtstart for event in found.events]
    assert starts == sorted(starts, key=str)
    assert len({event.uid for event in found.events}) == len(found.events)
    with site.test_request_context():
        for event in found.events[:10]:
            number = int((event.uid or "").split("-")[1])
            one = site_session().get(Opportunity, number)
            assert one is not None
            assert event.summary == one.title
            assert event.dtstart in [sitting.starts_at for sitting in one.occurrences]
            assert str(event.url).startswith(f"http://localhost/opportunities/{number}-")
            assert event.location


def test_a_calendar_has_only_the_sittings_that_are_asked_for(client: CheckedClient) -> None:
    weekends = calendar(client.get(f"/discover.ics?{NEAR}&time=weekend&within=any")).events
    assert weekends
    assert {event.dtstart.weekday() for event in weekends if event.dtstart} <= {5, 6}


def test_a_sitting_is_called_alike_in_the_calendar_of_a_search_and_of_an_opportunity(client: CheckedClient) -> None:
    event = calendar(client.get(f"/discover.ics?{NEAR}&kind=workshop&within=any")).events[0]
    path = str(event.url).removeprefix("http://localhost")
    assert event.uid in {each.uid for each in calendar(client.get(f"{path}.ics")).events}


@pytest.mark.parametrize("kind", ["atom", "ics"])
def test_a_bad_parameter_is_said_and_the_rest_is_answered(client: CheckedClient, kind: str) -> None:
    answer = client.get(f"/discover.{kind}?{NEAR}&kind=nonsense&within=5")
    assert answer.status == 400
    assert "We do not know “nonsense”" in answer.text.replace("\r\n ", "")
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("kind", ["atom", "ics", "csv"])
@pytest.mark.parametrize(
    ("near", "status"), [("", 400), ("x" * 200, 400), ("Nowheresby", 404), ("ZZ99+9ZZ", 404), ("JE2+4UE", 404)]
)
def test_without_a_place_there_is_a_sentence(client: CheckedClient, kind: str, near: str, status: int) -> None:
    answer = client.get(f"/discover.{kind}?near={near}")
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.strip()


@pytest.mark.parametrize("path", ["/discover", "/discover/map"])
def test_results_lead_to_both_and_say_roughly_where(client: CheckedClient, path: str) -> None:
    page = client.get(f"{path}?{NEAR}&kind=job&sort=soonest&minutes=30")
    heads = {link.get("type"): link.get("href") or "" for link in page.all(".//link[@rel='alternate']")}
    links = {link.get("type"): link.get("href") or "" for link in page.all(".//div[@class='follow']//a")}
    assert text_of(page.all(".//div[@class='follow']//a")[0]) == "Follow this search"
    for kind, name in [("application/atom+xml", "atom"), ("text/calendar", "ics")]:
        assert links[kind] == f"/discover.{name}?near=PL1&kind=job&minutes=30"
        assert heads[kind] == f"http://localhost{links[kind]}"
        assert client.get(links[kind]).status == 200


def test_where_there_is_no_place_there_is_nothing_to_follow(client: CheckedClient) -> None:
    page = client.get("/discover?near=Nowheresby")
    assert page.all(".//link[@rel='alternate']") == page.all(".//div[@class='follow']") == []
