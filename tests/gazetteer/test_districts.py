"""The postcode districts that a text stands for."""

import pytest

from gazetteer.districts import districts
from gazetteer.locate import Located, Precision, Problem, Unlocated
from gazetteer.table import Table


def codes(table: Table, text: str) -> list[str]:
    found = districts(table, text)
    assert isinstance(found, list)
    assert all(each.precision is Precision.DISTRICT for each in found)
    return [each.label for each in found]


@pytest.mark.parametrize("text", ["PL1", "pl1", "PL1 2AA", "PL1 2", "50.3706,-4.1543"])
def test_a_postcode_or_a_part_of_one_stands_for_its_district(table: Table, text: str) -> None:
    assert codes(table, text) == ["PL1"]


def test_a_town_stands_for_the_districts_whose_middles_it_reaches_the_nearest_first(table: Table) -> None:
    found = codes(table, "Plymouth")
    assert found[0] == "PL1"
    assert {"PL2", "PL3", "PL4"} < set(found)
    # PL95 is one firm's own.
    assert not {"PL11", "PL19", "PL95", "TR26"} & set(found)


def test_a_village_stands_for_the_one_district_around_it(table: Table) -> None:
    assert codes(table, "St Ives, TR26") == ["TR26"]


def test_an_area_stands_for_all_its_districts_in_order(table: Table) -> None:
    found = codes(table, "TR")
    assert found[0] == "TR1"
    assert found == sorted(found, key=lambda code: int(code[2:]))
    assert codes(table, "BT")[0] == "BT1"


def test_what_has_no_place_says_why(table: Table) -> None:
    assert districts(table, "Nowheresby") == Unlocated(Problem.UNKNOWN_PLACE, "Nowheresby")
    assert districts(table, "") == Unlocated(Problem.EMPTY, "")


def test_every_district_of_the_table_is_its_own(table: Table) -> None:
    for area in ("PL", "BT", "EC", "N", "WC"):
        for code in table.districts_of(area):
            found = districts(table, code)
            assert isinstance(found, list)
            assert [each.label for each in found if isinstance(each, Located)] == [code]
