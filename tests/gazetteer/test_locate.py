"""From texts to places, on the gazetteer that `make setup` builds."""

import sqlite3
from pathlib import Path

import pytest
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import names
from gazetteer.locate import Located, Precision, Problem, Unlocated, locate
from gazetteer.table import GazetteerUnavailable, Table


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
        ("JE2 3AB", Problem.NO_POSITION),
        ("IM1 1AA", Problem.NO_POSITION),
        ("GIR 0AA", Problem.GIRO),
        ("BFPO 1", Problem.FORCES),
        ("BX1 1LT", Problem.NON_GEOGRAPHIC),
        ("STHL 1ZZ", Problem.OVERSEAS),
        ("'; DROP TABLE unit; --", Problem.UNKNOWN_PLACE),
        ("\x00", Problem.UNKNOWN_PLACE),
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
    from gazetteer.table import SCHEMA

    path = tmp_path / "half.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
    with pytest.raises(GazetteerUnavailable, match="incomplete"):
        Table(path).check()
