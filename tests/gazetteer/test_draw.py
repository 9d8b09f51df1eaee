"""Drawing postcodes that are in use, as often as the country has them."""

import sqlite3
from collections import Counter
from itertools import takewhile
from pathlib import Path
from random import Random

import pytest

from gazetteer.table import Drawn, GazetteerUnavailable, Table
from gazetteer.writer import PlaceRow, UnitRow, write

IN_USE = UnitRow("PL1 1AA", 50.37, -4.14, False)
CLOSED = UnitRow("PL1 1AD", 50.9, -4.9, True)
NOWHERE = UnitRow("PL1 2AA", None, None, False)
TOWNS = [PlaceRow("Plymouth", [], 50.37, -4.14, 260_000), PlaceRow("Stonehouse", [], 50.37, -4.14, 9_000)]


def test_a_draw_is_the_same_for_the_same_numbers(table: Table) -> None:
    first = table.draw(50, Random(1).random)
    assert table.draw(50, Random(1).random) == first
    assert table.draw(50, Random(2).random) != first


def test_areas_are_drawn_as_often_as_they_have_postcodes(table: Table) -> None:
    connection = sqlite3.connect(table.path)
    areas = dict(connection.execute("SELECT code, live_units FROM centre WHERE part = 'area' AND code <> 'BT'"))
    connection.close()
    drawn = Counter("".join(takewhile(str.isalpha, each.postcode)) for each in table.draw(20_000, Random(1).random))
    assert set(drawn) <= set(areas)
    for area, live in areas.items():
        assert drawn[area] / 20_000 == pytest.approx(live / sum(areas.values()), abs=0.005)


def test_only_postcodes_in_use_that_have_a_place_are_drawn(tmp_path: Path) -> None:
    write(tmp_path / "g.db", [([IN_USE, CLOSED, NOWHERE], 3)], [place._replace(district="PL1") for place in TOWNS])
    drawn = Table(tmp_path / "g.db").draw(20, Random(1).random)
    assert drawn == [Drawn("PL1 1AA", 50.37, -4.14, "Plymouth")] * 20


def test_without_a_postcode_in_use_it_says_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "g.db", [([CLOSED, NOWHERE], 2)], [])
    with pytest.raises(GazetteerUnavailable, match="run `flask gazetteer build`"):
        Table(tmp_path / "g.db").draw(1, Random(1).random)
