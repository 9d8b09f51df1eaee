"""Find an apprenticeship: its pages, and what a vacancy becomes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds.apprenticeships import FORMAT, record, reference, vacancies_address, wage_note
from feeds.fetching import FetchFailed
from feeds.iso_times import moment
from feeds.reading import Item, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Refused, VenueRecord
from tests.feeds.fakes_documents import FakeFetcher, a_feed, account, damages

SAMPLE = Path(__file__).parent / "samples/apprenticeships/page.json"
PAGE: dict[str, Any] = json.loads(SAMPLE.read_text())
BOATS, DIGITAL = PAGE["vacancies"]
ADDRESS = "https://apprentices.example.org"


def page(vacancies: list[Any], total: object = 1) -> bytes:
    return json.dumps({"vacancies": vacancies, "total": len(vacancies), "totalPages": total}).encode()


def served(*pages: bytes) -> FakeFetcher:
    return FakeFetcher({_at(place): body for place, body in enumerate(pages, 1)})


def _at(place: int) -> str:
    return f"{ADDRESS}/vacancies/vacancy?PageNumber={place}&PageSize=100"


def vacancy(identifier: int) -> dict[str, Any]:
    return {"vacancyReference": identifier, "title": "Apprentice", "employerName": "Employer"}


def test_a_vacancy_becomes_an_apprenticeship() -> None:
    assert record(BOATS) == OpportunityRecord(
        title="Apprentice boat builder",
        kind=Kind.APPRENTICESHIP,
        layer=Layer.DEMONSTRATE,
        provider=ProviderRecord(name="Teats Hill Boats", url="https://www.boats.example.org"),
        reach=Reach.VENUE,
        summary="Learn to plank, caulk and paint beside people who have built boats for years.",
        description=(
            "Training: Boatbuilder (level 3) with Mount Wise College\n\nMonday to Friday, 8am to 4pm\n\n"
            "Starts on 7 September 2026."
        ),
        venues=(
            VenueRecord(
                address="The Slip, Teats Hill Road",
                town="Plymouth",
                postcode="PL4 0NE",
                latitude=50.3655,
                longitude=-4.1309,
            ),
            VenueRecord(address="Unit 3", postcode="PL4 0RA"),
        ),
        closes_at=datetime(2026, 7, 15, 22, 59, 59, tzinfo=UTC),
        cost_pence=0,
        cost_note="Paid, £18,000 a year",
        age_min=16,
        level="Level 3",
        time_needed="36 months, 37.5 hours a week",
        how_to_apply="Apply at https://boats.example.org/apply",
        url="https://www.findapprenticeship.service.gov.uk/apprenticeship/VAC1000012345",
        accessibility="The employer is Disability Confident.",
    )


def test_the_older_way_of_writing_places_is_understood_and_each_place_is_named_once() -> None:
    found = record(DIGITAL)
    assert found.venues == (
        VenueRecord(address="1 Long Row", town="Leeds", postcode="LS1 4AP", latitude=53.79, longitude=-1.54),
        VenueRecord(address="2 Short Row", postcode="LS2 7QT"),
    )
    assert found.level == "Level 4 or 5"
    assert found.closes_at == moment("2026-01-31T23:59:59Z")


def test_no_name_of_a_contact_is_kept() -> None:
    (item,) = FORMAT.read(a_feed(ADDRESS, served(page([BOATS])), key="k"))
    assert isinstance(item, Item)
    assert b"Persona" not in item.content
    assert "Persona" not in repr(item.read())


def test_a_national_vacancy_has_no_place_of_its_own() -> None:
    found = record({**BOATS, "isNationalVacancy": True})
    assert (found.reach, found.venues) == (Reach.NATIONAL, ())
    assert "many places in England" in found.description


def test_without_an_address_nothing_is_said_of_its_place() -> None:
    assert record(vacancy(1)).reach is Reach.UNKNOWN


def test_an_employer_without_a_name_is_stood_in_for_by_who_trains() -> None:
    assert record({**BOATS, "employerName": None}).provider.name == "Mount Wise College"


@pytest.mark.parametrize(("missing", "said"), [("title", "no title"), ("employerName", "neither an employer")])
def test_what_lacks_the_most_needed_is_refused(missing: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        record({**vacancy(1), missing: " "})


@pytest.mark.parametrize(
    ("wage", "said"),
    [
        ({"wageAmount": 9.2, "wageUnit": "Hourly"}, "Paid, £9.20 an hour"),
        ({"wageAmountLowerBound": "9", "wageAmountUpperBound": 9.5, "wageUnit": "Hourly"}, "Paid, £9 to £9.50 an hour"),
        ({"wageAmount": 350, "wageUnit": "NotApplicable"}, "Paid, £350"),
        ({"wageAmount": 0, "wageType": "ApprenticeshipMinimum"}, "Paid, the National Minimum Wage for apprentices"),
        (DIGITAL["wage"], "Paid, the National Minimum Wage. Reviewed each year"),
        ({"wageType": "Unknown", "wageAmount": "lots"}, "Paid"),
        ({}, "Paid"),
    ],
)  # fmt: skip
def test_what_it_pays_is_said_and_it_is_never_called_free(wage: dict[str, Any], said: str) -> None:
    assert wage_note(wage) == said


@pytest.mark.parametrize(
    ("course", "named", "said"),
    [
        ({"level": 6}, "", "Level 6"),
        ({"level": "4"}, "", "Level 4"),
        ({"level": 0, "title": "Welder (level 2)"}, "Advanced", "Level 2"),
        ({}, "Foundation", "Level 2"),
        ({}, "Degree", "Level 6 or 7"),
        ({}, "Level 5", "Level 5"),
        ({}, "Unknown", None),
    ],
)
def test_levels_however_they_are_written(course: dict[str, Any], named: str, said: str | None) -> None:
    assert record({**vacancy(1), "course": course, "apprenticeshipLevel": named}).level == said


@pytest.mark.parametrize("written", ["VAC1000012345", "1000012345", 1000012345, " vac1000012345 "])
def test_a_reference_is_the_same_with_and_without_its_letters(written: object) -> None:
    assert reference(written) == "1000012345"


@pytest.mark.parametrize("end", ["", "/", "/vacancies", "/vacancies/vacancy", "/vacancies/vacancy/"])
def test_the_address_may_go_some_of_the_way(end: str) -> None:
    assert vacancies_address(ADDRESS + end) == f"{ADDRESS}/vacancies/vacancy"


def test_every_page_is_read_with_the_key_and_at_the_pace_that_is_asked() -> None:
    web = served(page([vacancy(1)], 2), page([vacancy(2)], 2))
    found = account(FORMAT, a_feed(ADDRESS, web, key="open sesame"))
    assert list(found.records) == ["1", "2"]
    assert web.pace_kept == (150, 300)
    assert {(sent.headers["Ocp-Apim-Subscription-Key"], sent.headers["X-Version"]) for sent in web.requests} == {
        ("open sesame", "2")
    }


def test_a_vacancy_that_moves_between_pages_comes_once() -> None:
    found = account(FORMAT, a_feed(ADDRESS, served(page([vacancy(1)], 2), page([vacancy(1), vacancy(2)], 2)), key="k"))
    assert (list(found.records), found.bad) == (["1", "2"], [])


def test_a_total_that_is_too_low_hides_nothing() -> None:
    web = served(page([vacancy(number) for number in range(100)], 1), page([vacancy(100)], 1))
    assert len(account(FORMAT, a_feed(ADDRESS, web, key="k")).records) == 101


def test_a_total_that_is_too_high_ends_at_the_empty_page_when_it_is_empty_twice() -> None:
    web = served(page([vacancy(1)], 9), page([], 9))
    assert list(account(FORMAT, a_feed(ADDRESS, web, key="k")).records) == ["1"]
    assert web.asked == [_at(1), _at(2), _at(2)]


def test_without_a_key_nothing_is_asked() -> None:
    web = served(page([vacancy(1)]))
    with pytest.raises(SourceUnreadable, match="asks for a key"):
        list(FORMAT.read(a_feed(ADDRESS, web)))
    assert web.asked == []


@pytest.mark.parametrize("broken", [b'{"vacancies": [', b'{"message": "busy"}', b"[" * 5_000, b"<html>", b"7"])
def test_a_page_that_cannot_be_read_ends_the_reading_so_that_nothing_is_taken_for_gone(broken: bytes) -> None:
    with pytest.raises(SourceUnreadable, match=r"page 2|PageNumber=2"):
        list(FORMAT.read(a_feed(ADDRESS, served(page([vacancy(1)], 3), broken), key="k")))


def test_a_page_that_does_not_come_ends_the_reading_too() -> None:
    with pytest.raises(FetchFailed):
        list(FORMAT.read(a_feed(ADDRESS, served(page([vacancy(1)], 3)), key="k")))


def test_a_service_without_end_is_left() -> None:
    endless = FakeFetcher(lambda url: page([vacancy(1)], 10**9))
    with pytest.raises(SourceUnreadable, match="no end after 2,000 pages"):
        list(FORMAT.read(a_feed(ADDRESS, endless, key="k")))


def test_a_file_of_the_same_shape_needs_no_key() -> None:
    found = account(FORMAT, a_feed(str(SAMPLE)))
    assert list(found.records) == ["1000012345", "1000067890"]


def test_a_file_that_is_not_there_is_said_so() -> None:
    with pytest.raises(SourceUnreadable, match="No such file"):
        list(FORMAT.read(a_feed("/nowhere/vacancies.json")))


def test_what_has_no_reference_is_put_aside_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(page([vacancy(1), {"title": "Nameless"}, 7]))
    found = account(FORMAT, a_feed(str(path)))
    assert found.bad == [
        "page 1, vacancy 2: It has no vacancy reference.",
        "page 1, vacancy 3: It has no vacancy reference.",
    ]
    assert list(found.records) == ["1"]


def test_the_same_vacancy_has_the_same_content_in_whatever_order_it_is_written() -> None:
    one, other = (
        next(iter(FORMAT.read(a_feed(ADDRESS, served(page([written])), key="k"))))
        for written in (BOATS, dict(reversed(BOATS.items())))
    )
    assert one.content == other.content  # type: ignore[union-attr] # both are items


@given(damages(PAGE), st.booleans())
def test_no_damage_to_a_page_is_more_than_a_line(damaged: Any, is_served: bool) -> None:
    try:
        found = account(FORMAT, a_feed(ADDRESS, served(json.dumps(damaged).encode(), page([])), key="k"))
    except SourceUnreadable:
        return
    for read in found.records.values():
        assert read.title
        assert read.provider.name
        repr(read).encode()
