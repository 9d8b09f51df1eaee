"""Building the table: whole or not at all."""

import sqlite3
from pathlib import Path

import pytest
from flask import Flask

from gazetteer import packages
from gazetteer.locate import Located, Precision, locate
from gazetteer.table import GazetteerUnavailable, Table
from gazetteer.writer import Counts, PlaceRow, UnitBatches, UnitRow, write

UNITS = [
    UnitRow("PL1 1AA", 50.3700, -4.1400, False),
    UnitRow("PL1 1AB", 50.3710, -4.1420, False),
    UnitRow("PL1 1AD", 50.9000, -4.9000, True),
    UnitRow("PL1 2AA", None, None, False),
    UnitRow("PL2 1AA", 50.4000, -4.1500, True),
]


PLACES = [PlaceRow("Plymouth", ["Aberplymm"], 50.37, -4.14, 260_000)]


def batches() -> UnitBatches:
    yield UNITS[:3], 5
    yield UNITS[3:], 5


def build(path: Path) -> Counts:
    return write(path, batches(), PLACES)


def test_a_build_can_be_searched(tmp_path: Path) -> None:
    seen = []
    counts = write(tmp_path / "g.db", batches(), PLACES, lambda done, total: seen.append((done, total)))
    table = Table(tmp_path / "g.db")
    table.check()
    assert counts.units == 5
    assert counts.places == 1
    assert seen == [(3, 5), (5, 5)]
    place = locate(table, "aberplymm")
    assert isinstance(place, Located)
    assert place.label == "Plymouth"


def test_middles_are_means_of_live_units(tmp_path: Path) -> None:
    build(tmp_path / "g.db")
    centre = Table(tmp_path / "g.db").centre("PL1 1")
    assert centre is not None
    assert (centre.latitude, centre.longitude) == (50.3705, -4.141)
    assert 50 < centre.radius_m < 150
    # Where none is live, of all.
    assert Table(tmp_path / "g.db").centre("PL2 1") is not None


def test_a_unit_without_a_position_is_placed_by_its_district(tmp_path: Path) -> None:
    build(tmp_path / "g.db")
    place = locate(Table(tmp_path / "g.db"), "PL1 2AA")
    assert isinstance(place, Located)
    assert (place.label, place.precision, place.asked) == ("PL1", Precision.DISTRICT, "PL1 2AA")


def test_an_interrupted_build_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "g.db"
    build(path)
    before = path.read_bytes()

    def interrupted() -> UnitBatches:
        yield UNITS[:3], 5
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, interrupted(), PLACES)
    assert path.read_bytes() == before
    # And what it left half done does not stop the next.
    assert build(path).units == 5


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _name: None)
    with pytest.raises(GazetteerUnavailable, match=r"postcodinator is missing: run `pip install"):
        packages.check()


def test_the_command_builds_and_says_what(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "check", lambda: None)
    monkeypatch.setattr(packages, "units", batches)
    monkeypatch.setattr(packages, "places", lambda: PLACES)
    monkeypatch.setitem(site.extensions, "gazetteer", Table(tmp_path / "made.db"))
    result = site.test_cli_runner().invoke(args=["gazetteer", "build"])
    assert result.exit_code == 0, result.output
    assert "5 postcodes" in result.output
    with sqlite3.connect(tmp_path / "made.db") as made:
        assert made.execute("SELECT count(*) FROM unit").fetchone() == (5,)
