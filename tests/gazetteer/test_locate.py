"""From texts to places, on the gazetteer that `make setup` builds."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import names
from gazetteer.locate import Located, Precision, Problem, Unlocated, locate
from gazetteer.online import Found
from gazetteer.table import SCHEMA, GazetteerUnavailable, Table
from gazetteer.writer import UnitRow, write


def found(table: Table, text: str) -> Located:
    result = locate(table, text)
    assert isinstance(result, Located), result
    return result


def problem(table: Table, text: str) -> Problem:
    result = locate(table, text)
    assert isinstance(result, Unlocated), result
    return result.problem


@pytest.mark.parametrize("text", ["BR3 4HG", "br34hg", " BR34HG "])
def test_a_full_postcode_is_exact(table: Table, text: str) -> None:
    place = found(table, text)
    assert (place.label, place.precision, place.is_approximate) == ("BR3 4HG", Precision.UNIT, False)
    assert geodesic((place.latitude, place.longitude), (51.4007, -0.0429)).m < 50


@pytest.mark.parametrize(
    ("text", "label", "precision"),
    [
        ("PL1 2", "PL1 2", Precision.SECTOR),
        ("pl1", "PL1", Precision.DISTRICT),
        ("PL12", "PL12", Precision.DISTRICT),
        ("PL", "PL", Precision.AREA),
        ("BT1", "BT1", Precision.DISTRICT),
    ],
)
def test_part_of_a_postcode_is_approximate(table: Table, text: str, label: str, precision: Precision) -> None:
    place = found(table, text)
    assert (place.label, place.precision, place.is_approximate) == (label, precision, True)
    assert place.radius_m > 0


def test_an_unknown_unit_is_placed_by_its_sector_and_says_so(table: Table) -> None:
    place = found(table, "PL1 2ZW")
    assert (place.label, place.precision, place.asked) == ("PL1 2", Precision.SECTOR, "PL1 2ZW")


def test_a_northern_irish_unit_is_placed_by_its_district_and_says_so(table: Table) -> None:
    place = found(table, "BT1 5GS")
    assert (place.label, place.precision, place.asked) == ("BT1", Precision.DISTRICT, "BT1 5GS")
    assert geodesic((place.latitude, place.longitude), (54.5968, -5.9254)).miles < 2


def test_a_terminated_postcode_is_located_and_says_so(table: Table) -> None:
    assert found(table, "AB1 0AA").is_terminated
    assert not found(table, "BR3 4HG").is_terminated


@pytest.mark.parametrize("text", ["Plymouth", "plymouth", "PLYMOUTH "])
def test_a_town_by_name(table: Table, text: str) -> None:
    place = found(table, text)
    assert (place.label, place.precision) == ("Plymouth", Precision.PLACE)
    assert geodesic((place.latitude, place.longitude), (50.3715, -4.143)).miles < 1


def test_the_sample_towns_are_known(table: Table) -> None:
    for town in ("Brighton and Hove", "Southampton", "Cambridge", "Leeds", "Bradford", "Belfast"):
        assert found(table, town).precision is Precision.PLACE
    assert found(table, "Kingston upon Thames").precision is Precision.PLACE


def test_a_shared_name_is_the_largest_and_the_others_are_offered(table: Table) -> None:
    newport = found(table, "Newport")
    assert len(newport.alternatives) > 3
    for alternative in newport.alternatives:
        other = found(table, alternative)
        assert geodesic((other.latitude, other.longitude), (newport.latitude, newport.longitude)).miles > 1
    # The label names it again.
    assert found(table, newport.label).latitude == newport.latitude


def test_a_district_after_a_comma_chooses_and_a_county_does_no_harm(table: Table) -> None:
    island = found(table, "Newport, PO30")
    assert geodesic((island.latitude, island.longitude), (50.701, -1.291)).miles < 1
    assert found(table, "Plymouth, Devon").label == "Plymouth"


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Plymouth, PL1 2AA", "PL1 2AA"),
        ("London, E1 6AN", "E1 6AN"),
        ("Leeds, LS6", "LS6"),
        ("Plymouth PL1", "Plymouth, PL1"),
        ("PL1\u200b2AA", "PL1 2AA"),
        ("near Plymouth", "Plymouth"),
        ("Plymouth, UK", "Plymouth"),
        ("SW1", "SW1"),
        ("W1", "W1"),
        ("BT48 6", "BT48"),
        ("London", "London"),
    ],
)
def test_what_people_write_around_a_place(table: Table, typed: str, label: str) -> None:
    place = found(table, typed)
    assert place.label == label
    assert not place.is_terminated


@pytest.mark.parametrize("typed", ["Newport, Shropshire", "Ashford, Surrey", "St Ives, Cornwall"])
def test_a_county_that_would_have_to_decide_is_a_choice(table: Table, typed: str) -> None:
    result = locate(table, typed)
    assert isinstance(result, Unlocated)
    assert result.problem is Problem.AMBIGUOUS
    assert len(result.suggestions) >= 2


def test_a_place_by_another_of_its_names_says_so(table: Table) -> None:
    assert found(table, "Caerdydd").corrected_from == "Caerdydd"
    assert found(table, "Newcastle").corrected_from is None


@pytest.mark.parametrize("typed", ["Plymouth Devon", "14 High St, Plymouth"])
def test_a_name_among_other_words_is_suggested(table: Table, typed: str) -> None:
    result = locate(table, typed)
    assert isinstance(result, Unlocated)
    assert result.suggestions == ("Plymouth",)


def test_coordinates_the_wrong_way_round_are_offered_the_right_way(table: Table) -> None:
    result = locate(table, "-0.12,51.5")
    assert isinstance(result, Unlocated)
    assert (result.problem, result.suggestions) == (Problem.OUTSIDE, ("51.5,-0.12",))


def test_a_retired_district_says_so(table: Table) -> None:
    assert found(table, "AB1").is_terminated


def test_a_short_name_of_a_city_is_the_city(table: Table) -> None:
    newcastle = found(table, "Newcastle")
    assert geodesic((newcastle.latitude, newcastle.longitude), (54.973, -1.614)).miles < 2


@pytest.mark.parametrize(
    ("typed", "label"),
    [("LSI 3BE", "LS1 3BE"), ("S014 7DW", "SO14 7DW"), ("P01 3AX", "PO1 3AX"), ("BR3 4HG", "BR3 4HG")],
)
def test_a_slip_with_one_reading_is_put_right_and_said(table: Table, typed: str, label: str) -> None:
    place = found(table, typed)
    assert place.label == label
    assert place.corrected_from == (None if typed == label else typed)


def test_a_slip_with_several_readings_is_a_choice(tmp_path: Path) -> None:
    rows = [UnitRow("L51 3BE", 53.4, -2.9, False), UnitRow("LS1 3BE", 53.8, -1.5, False)]
    write(tmp_path / "g.db", [(rows, 2)], [])
    result = locate(Table(tmp_path / "g.db"), "LSI 3BE")
    assert isinstance(result, Unlocated)
    assert (result.problem, set(result.suggestions)) == (Problem.AMBIGUOUS, {"L51 3BE", "LS1 3BE"})


@pytest.mark.parametrize(("typed", "meant"), [("plymuth", "Plymouth"), ("Cambrige", "Cambridge"), ("Ledes", "Leeds")])
def test_a_misspelt_place_is_answered_with_what_may_be_meant(table: Table, typed: str, meant: str) -> None:
    result = locate(table, typed)
    assert isinstance(result, Unlocated)
    assert meant in result.suggestions
    assert found(table, meant).precision is Precision.PLACE


def test_an_impossible_end_of_a_postcode_offers_its_beginning(table: Table) -> None:
    result = locate(table, "PL1 2AO")
    assert isinstance(result, Unlocated)
    assert result.suggestions == ("PL1 2",)


@pytest.mark.parametrize("typed", ["10 Downing Street, SW1A 2AA", "SW1A 2AA, UK", "ＳＷ１Ａ　２ＡＡ"])
def test_a_postcode_is_found_in_what_is_around_it(table: Table, typed: str) -> None:
    assert found(table, typed).label == "SW1A 2AA"


def test_only_a_coarse_name_of_the_place_is_for_others_to_see(table: Table) -> None:
    assert found(table, "BR3 4HG").outward == found(table, "BR3 4").outward == "BR3"
    assert found(table, "50.371,-4.142").outward == "PL1"
    assert found(table, "Plymouth").outward == "Plymouth"


@dataclass
class Oracle:
    """An online geocoder that knows one thing, and remembers what it was asked."""

    answer: Found | None
    asked: list[str] = field(default_factory=list)

    def find(self, text: str) -> Found | None:
        self.asked.append(text)
        return self.answer


def test_the_online_geocoder_is_asked_only_for_what_the_table_lacks(table: Table) -> None:
    oracle = Oracle(Found(54.6, -5.93, "Somewhere"))
    for text in ("BR3 4HG", "PL1", "Plymouth", "50.37,-4.14", "", "GIR 0AA"):
        locate(table, text, oracle)
    assert oracle.asked == []
    place = locate(table, "Nowheresby", oracle)
    assert isinstance(place, Located)
    assert (place.label, place.source) == ("Somewhere", "online")
    # A label from outside may be an address: others see the district only.
    assert place.outward == "BT1"
    locate(table, "BT1 5GS", oracle)
    assert oracle.asked == ["Nowheresby", "BT1 5GS"]


def test_of_two_names_in_a_district_the_place_that_is_called_so_is_meant(table: Table) -> None:
    assert found(table, "High Barnet, EN5").label == "High Barnet, EN5"
    assert found(table, "Barnet, EN5").label == "Barnet, EN5"


def test_what_it_finds_far_from_every_district_has_no_rough_name(table: Table) -> None:
    place = locate(table, "Nowheresby", Oracle(Found(48.85, 2.35, "Somewhere")))
    assert isinstance(place, Located)
    assert place.outward is None


def test_without_an_answer_from_it_the_table_s_stands(table: Table) -> None:
    place = locate(table, "BT1 5GS", Oracle(None))
    assert isinstance(place, Located)
    assert place.label == "BT1"


def test_saint_and_st_are_one(table: Table) -> None:
    assert found(table, "St Ives").label == found(table, "saint ives").label == found(table, "St. Ives").label
    assert names.key("St. Mary's & Aberdâr") == "st marys and aberdar"


def test_a_welsh_name(table: Table) -> None:
    assert found(table, "Caerdydd").label == "Cardiff"


def test_coordinates_of_a_device_are_labelled_by_the_district_around(table: Table) -> None:
    place = found(table, "50.371,-4.142")
    assert (place.precision, place.label, place.source) == (Precision.DEVICE, "PL1", "device")
    assert (place.latitude, place.longitude) == (50.371, -4.142)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Problem.EMPTY),
        (" \t\u00a0", Problem.EMPTY),
        ("x" * 101, Problem.TOO_LONG),
        ("ZZ9 9ZZ", Problem.UNKNOWN_POSTCODE),
        ("PL1 2AO", Problem.UNKNOWN_POSTCODE),
        ("Nowheresby", Problem.UNKNOWN_PLACE),
        ("0,0", Problem.OUTSIDE),
        ("999,999", Problem.OUTSIDE),
        ("50.85,1.58", Problem.OUTSIDE),  # Calais
        ("54.27,-8.47", Problem.OUTSIDE),  # Sligo
        ("56,-1", Problem.OUTSIDE),  # the North Sea
        ("Wales", Problem.TOO_WIDE),
        ("St Helier, JE2 3AB", Problem.JERSEY),
        ("all", Problem.UNKNOWN_PLACE),
        ("12", Problem.UNKNOWN_PLACE),
        ("hallo", Problem.UNKNOWN_PLACE),
        ("JE2 3AB", Problem.JERSEY),
        ("GY1 1AA", Problem.GUERNSEY),
        ("IM1 1AA", Problem.ISLE_OF_MAN),
        ("GIR 0AA", Problem.GIRO),
        ("BFPO 1", Problem.FORCES),
        ("BX1 1LT", Problem.NON_GEOGRAPHIC),
        ("STHL 1ZZ", Problem.OVERSEAS),
        ("'; DROP TABLE unit; --", Problem.UNKNOWN_PLACE),
        ("\x00", Problem.EMPTY),
    ],
)
def test_what_has_no_place_says_why(table: Table, text: str, expected: Problem) -> None:
    assert problem(table, text) is expected


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer(table: Table, text: str) -> None:
    result = locate(table, text)
    if isinstance(result, Located):
        assert 49 < result.latitude < 61
        assert -9 < result.longitude < 2.5


def test_a_missing_table_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(GazetteerUnavailable, match="is missing: run `flask gazetteer build`"):
        Table(tmp_path / "none.db").check()


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00"])
def test_a_broken_table_says_what_to_run(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(content)
    with pytest.raises(GazetteerUnavailable, match="incomplete or of another version"):
        Table(path).check()


def test_a_half_built_table_says_what_to_run(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
    with pytest.raises(GazetteerUnavailable, match="incomplete"):
        Table(path).check()
