"""Reading postcodes out of what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.postcode import (
    NoPlace,
    Part,
    Postcode,
    beginning,
    district_inside,
    inside,
    looks_like_postcode,
    readings,
    repairs,
    without_place,
)


@pytest.mark.parametrize(
    "typed",
    ["BR3 4HG", "br34hg", "BR34HG ", " br3  4hg", "BR3\u00a04HG", "BR3-4HG", "br3.4hg", "b r 3 4hg", "BR3–4HG"],
)
def test_a_full_postcode_however_it_is_written(typed: str) -> None:
    assert readings(typed) == [Postcode("BR3 4HG", Part.UNIT)]


@pytest.mark.parametrize(
    "text", ["M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "E1W 3SS", "NW1W 8AN"]
)
def test_every_shape_of_postcode(text: str) -> None:
    assert readings(text) == [Postcode(text, Part.UNIT)]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("PL", ["PL"]),
        ("pl1", ["PL1"]),
        ("PL12", ["PL12", "PL1 2"]),
        ("PL1 2", ["PL1 2", "PL12"]),
        ("PL1 2A", ["PL1 2"]),
        ("EC1A", ["EC1A", "EC1"]),
        ("EC1A 1", ["EC1A 1"]),
    ],
)
def test_the_first_part_of_a_postcode(typed: str, texts: list[str]) -> None:
    assert [reading.text for reading in readings(typed)][: len(texts)] == texts[: len(readings(typed))]


@pytest.mark.parametrize("typed", ["Plymouth", "", "12345", "PL1 2AO", "PL1 2AC", "ABC1 2DE", "BR34HGX", "<script>"])
def test_what_is_no_full_postcode(typed: str) -> None:
    assert all(reading.part is not Part.UNIT for reading in readings(typed))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("GIR 0AA", NoPlace.GIRO),
        ("BFPO 12", NoPlace.FORCES),
        ("BF1 2AB", NoPlace.FORCES),
        ("BX1 1LT", NoPlace.NON_GEOGRAPHIC),
        ("FIQQ 1ZZ", NoPlace.OVERSEAS),
        ("GX11 1AA", NoPlace.OVERSEAS),
        ("PL1 2AA", None),
        ("BR3 4HG", None),
    ],
)
def test_valid_postcodes_without_a_place(typed: str, reason: NoPlace | None) -> None:
    assert without_place(typed) is reason


def test_a_unit_lies_in_a_sector_in_a_district() -> None:
    unit = readings("EC1A 1BB")[0]
    assert unit.wider == Postcode("EC1A 1", Part.SECTOR)
    assert unit.wider.wider == Postcode("EC1A", Part.DISTRICT)
    assert unit.wider.wider.wider is None


def test_what_was_probably_meant_as_a_postcode() -> None:
    assert looks_like_postcode("ZZ99 9ZZ")
    assert looks_like_postcode("PL1 2AO")
    assert not looks_like_postcode("Plymouth")


@pytest.mark.parametrize(
    ("typed", "among"),
    [
        ("LSI 3BE", "LS1 3BE"),
        ("S014 7DW", "SO14 7DW"),
        ("0X1 1AA", "OX1 1AA"),
        ("BT1 SGS", "BT1 5GS"),
        ("W1A OAX", "W1A 0AX"),
        ("SOI4", "SO14"),
        ("P01 3AX", "PO1 3AX"),
        ("B51 4DJ", "BS1 4DJ"),
    ],
)
def test_look_alikes_are_put_where_they_belong(typed: str, among: str) -> None:
    assert among in [repaired.text for repaired in repairs(typed)]


@pytest.mark.parametrize("typed", ["PL1 2AO", "Plymouth", "", "ALL", "SOS", "12", "BR3 4H6", "١١١١"])
def test_what_is_right_or_beyond_repair_is_left(typed: str) -> None:
    assert repairs(typed) == []


def test_a_postcode_is_found_in_an_address() -> None:
    assert inside("10 Downing Street, London SW1A 2AA, UK") == "SW1A 2AA"
    assert inside("pl12aa please") == "PL1 2AA"
    assert inside("PL1 2AA or BR3 4HG") is None
    assert inside("no such thing") is None


def test_a_district_is_found_among_words() -> None:
    assert district_inside("Newport PO30") == ("PO30", "Newport")
    assert district_inside("Leeds, LS6") == ("LS6", "Leeds")
    assert district_inside("PL1") is district_inside("PL1 2AO") is None
    assert district_inside("Leeds LS6 LS7") is None


def test_where_a_text_begins() -> None:
    assert beginning("PL1 2AO") == beginning("PL12AO") == ["PL1 2", "PL1"]
    assert beginning("PL1 22") == ["PL1 2", "PL1"]
    assert beginning("BT99") == []
    assert beginning("Plymouth") == []


@given(st.text(max_size=12))
def test_any_text_can_be_read(text: str) -> None:
    for found in (*readings(text), *repairs(text)):
        assert found.text.isascii()
    assert without_place(text) is None or text
