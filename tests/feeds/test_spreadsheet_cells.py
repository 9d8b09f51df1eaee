"""What people write in cells, and what it means."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import spreadsheet_cells as cells
from feeds.spreadsheet_cells import Cell, Mistake, Moment

DAY = date(2027, 1, 5)
EVENING = Moment(DAY, time(18, 30))
ANY_CELL = st.one_of(
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.text("0123456789/:. -£,apm", max_size=20),
)


@pytest.mark.parametrize(
    "cell",
    [
        "05/01/2027 18:30",
        "5/1/27 18:30",
        "5.1.2027 at 6.30pm",
        "05-01-2027, 18.30",
        "2027-01-05T18:30:00",
        "5 Jan 2027 18:30",
        "Tuesday 5th January 2027 at 6:30 pm",
        "5-Jan-27 18:30",
        "Jan 5, 2027 6:30 p.m.",
        " 5\xa0January\n2027  18:30 ",
        datetime(2027, 1, 5, 18, 29, 59, 999_000),  # noqa: DTZ001  # a workbook knows no zones
        46392.770833333336,
        "46392.7708333",
    ],
)
def test_a_day_and_a_time(cell: Cell) -> None:
    assert cells.moment(cell) == EVENING


@pytest.mark.parametrize(
    "cell",
    ["05/01/2027", "5 January 2027", "2027-01-05", datetime.combine(DAY, time()), DAY, 46392, "46392", 46392.0],
)
def test_a_day(cell: Cell) -> None:
    assert cells.moment(cell) == Moment(DAY, None)


@pytest.mark.parametrize(
    "cell", ["18:30", "18.30", "6.30pm", "6:30 PM", "18:30:00", time(18, 30), timedelta(hours=18.5), 0.7708333333]
)
def test_a_time(cell: Cell) -> None:
    assert cells.moment(cell) == Moment(None, time(18, 30))


def test_noon_and_midnight_on_a_clock_of_twelve_hours() -> None:
    assert cells.moment("12pm") == Moment(None, time(12))
    assert cells.moment("12.15am") == Moment(None, time(0, 15))


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2027",
        "01/13/2027",
        "soon",
        "5",
        "25:00",
        "13pm",
        "05/01/2027 late",
        "12",
        5,
        9e99,
        "#REF!",
        "5/1/1927",
        True,
    ],
)
def test_what_is_no_moment_is_said(cell: Cell) -> None:
    with pytest.raises(Mistake, match="write"):
        cells.moment(cell)


def test_days_come_before_months() -> None:
    assert cells.moment("04/05/2027") == Moment(date(2027, 5, 4), None)


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("12.50", (1250, None)),
        ("£1,250", (125000, None)),
        (12.5, (1250, None)),
        (10, (1000, None)),
        ("Free!", (0, None)),
        (0, (0, None)),
        ("", (None, None)),
        ("£5, or £3 for under 18s", (300, "£5, or £3 for under 18s")),
        ("Free for under 19s, otherwise £120", (12000, "Free for under 19s, otherwise £120")),
        ("€20", (None, "€20")),
        ("a donation", (None, "a donation")),
    ],
)
def test_costs(cell: Cell, meaning: tuple[int | None, str | None]) -> None:
    assert cells.cost(cell) == meaning


def test_costs_that_cannot_be() -> None:
    for cell in ("-5", "-£5", "£9999999", -5):
        with pytest.raises(Mistake, match=r"write .*12.50"):
            cells.cost(cell)


def test_ages_links_postcodes_yeses_and_names() -> None:
    assert [cells.age(cell) for cell in ("16", 16.0, "16+", "18 years", "", None, "any")] == [
        16,
        16,
        16,
        18,
        *[None] * 3,
    ]
    assert cells.link("www.college.example/x") == "https://www.college.example/x"
    assert cells.full_postcode("pl15qg ") == "PL1 5QG"
    assert [cells.yes(cell) for cell in ("Yes", True, "x", 1, "no", "", None, False, 0)] == [*[True] * 4, *[False] * 5]
    assert cells.names("Welding; welding,  Health and\tsafety\n") == ["Welding", "Health and safety"]
    for meaning, cell in (
        (cells.age, "121"),
        (cells.age, "16-18"),
        (cells.age, "²"),
        (cells.link, "see the website"),
        (cells.link, "javascript:alert(1)"),
        (cells.link, "https://a@b.example"),
        (cells.full_postcode, "PL1"),
        (cells.yes, "perhaps"),
    ):
        with pytest.raises(Mistake, match="write"):
            meaning(cell)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("05/01/2027 18:30", "18:30", "before it starts"),
        ("05/01/2027 18:30", "04/01/2027 20:30", "before it starts"),
        ("05/01/2027 18:30", "05/06/2027 20:30", "151 days"),
        ("18:30", "20:30", "no day"),
    ],
)
def test_sittings_that_cannot_be(start: str, end: str, why: str) -> None:
    begins, finishes = cells.moment(start), cells.moment(end)
    assert begins
    assert finishes
    with pytest.raises(Mistake, match=why):
        cells.sitting(begins, finishes)


def test_a_sitting_over_the_change_of_clocks_is_as_long_as_it_is() -> None:
    begins, finishes = cells.moment("28/03/2027 00:30"), cells.moment("02:30")
    assert begins
    assert finishes
    starts_at, ends_at = cells.sitting(begins, finishes)
    assert ends_at.timestamp() - starts_at.timestamp() == 3600


@settings(deadline=None)
@given(ANY_CELL)
def test_no_cell_breaks_any_meaning(cell: Cell) -> None:
    for meaning in (cells.moment, cells.cost, cells.age, cells.yes, cells.full_postcode, cells.link, cells.names):
        with suppress(Mistake):
            meaning(cell)
