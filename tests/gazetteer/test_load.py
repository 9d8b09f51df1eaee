"""Loading a postcode file over the table: its places stay, it stays whole, and a running site follows."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from gazetteer import names, packages
from gazetteer.files import Summary, units
from gazetteer.locate import Located, Precision, locate
from gazetteer.table import Centre, GazetteerUnavailable, Table, Unit
from gazetteer.writer import PlaceRow, UnitBatches, UnitRow, kept_places, write
from settings import ROOT
from tests.gazetteer.test_files import CLASSIC, CODE_POINT, SHORT, many, written

PLACES = [PlaceRow("Plymouth", ["Aberplymm", "Plímoth"], 50.37, -4.14, 260_000), PlaceRow("St Ives", [], 50.2, -5.5, 1)]


def built() -> UnitBatches:
    yield [UnitRow("ZZ1 1AA", 50.5, -4.5, False)], 1


@pytest.fixture
def old(tmp_path: Path) -> Table:
    """A table of one postcode and two places, as it was before a load."""
    write(tmp_path / "g.db", built(), PLACES)
    return Table(tmp_path / "g.db")


def load(site: Flask, monkeypatch: pytest.MonkeyPatch, table: Table, file: Path) -> Result:
    monkeypatch.setitem(site.extensions, "gazetteer", table)
    return site.test_cli_runner().invoke(args=["gazetteer", "load", str(file)])


def test_the_command_replaces_the_postcodes_and_says_what_it_read(
    site: Flask, old: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "ons.csv", CLASSIC + "rubbish\n")
    result = load(site, monkeypatch, old, file)
    assert result.exit_code == 0, result.output
    assert "6 rows read, 5 kept, 1 refused\n" in result.output
    assert f"  1 too few or too many columns: first {file} line 7: rubbish\n" in result.output
    assert f"5 postcodes, 91 areas and 2 places in {old.path}\n" in result.output
    # The same object looks into the new file.
    assert old.unit("ZZ1 1AA") is None
    assert old.unit("AB10 1AA") == Unit(57.148, -2.096, True)


def test_a_file_of_a_part_of_the_country_is_said_to_be_smaller(
    site: Flask, old: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(old.path, [([UnitRow(f"ZZ1 {n}AA", 50.5, -4.5, False) for n in range(9)], 9)], PLACES)
    file = written(tmp_path / "short.csv", "Postcode,lat,long\nPL1 1AA,50.37,-4.14\n")
    result = load(site, monkeypatch, old, file)
    assert "It held 9 postcodes before." in result.output
    assert "It held" not in load(site, monkeypatch, old, file).output


def test_the_places_stay_with_all_their_names_however_often(
    site: Flask, old: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the packages: they are needed for building only.
    monkeypatch.setattr(packages, "find_spec", lambda _name: None)
    for content in (CLASSIC, SHORT, CODE_POINT):
        assert load(site, monkeypatch, old, written(tmp_path / "own.csv", content)).exit_code == 0
    kept = kept_places(old.path)
    assert [place._replace(others=sorted(place.others)) for place in kept] == [
        PLACES[0]._replace(others=sorted(map(names.key, PLACES[0].others))),
        PLACES[1],
    ]
    for name in ("Plymouth", "aberplymm", "PLÍMOTH"):
        place = locate(old, name)
        assert isinstance(place, Located)
        assert place.label == "Plymouth"


@pytest.mark.parametrize("content", ["", "not,a,postcode file\n", SHORT + "PL1 2A", "Postcode,lat,long\nPL1 1AA,0,0\n"])
def test_a_bad_file_is_one_line_and_leaves_the_table(
    site: Flask, old: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    before = old.path.read_bytes()
    file = written(tmp_path / "bad.csv", content)
    result = load(site, monkeypatch, old, file)
    assert result.exit_code == 1
    assert len([line for line in result.output.splitlines() if line.startswith(f"Error: {file}")]) == 1
    assert old.path.read_bytes() == before


def test_without_a_table_the_places_come_from_the_packages(
    site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(tmp_path / "new.db")
    file = written(tmp_path / "short.csv", SHORT)
    monkeypatch.setattr(packages, "places", lambda: PLACES)
    monkeypatch.setattr(packages, "find_spec", lambda _name: None)
    result = load(site, monkeypatch, table, file)
    assert result.exit_code == 1
    assert result.output.endswith("Error: There are no places to keep yet: run `flask gazetteer build` first\n")
    assert not table.path.exists()
    monkeypatch.setattr(packages, "find_spec", lambda _name: object())
    result = load(site, monkeypatch, table, file)
    assert result.exit_code == 0, result.output
    assert len(table.places("plymouth")) == 1


def test_northern_irish_units_are_exact_and_make_their_own_middles(old: Table, tmp_path: Path) -> None:
    file = written(tmp_path / "ons.csv", CLASSIC)
    write(old.path, units(file, Summary()), PLACES)
    exact = locate(old, "BT1 5GS")
    assert isinstance(exact, Located)
    assert (exact.precision, exact.latitude, exact.longitude) == (Precision.UNIT, 54.5968, -5.9254)
    assert old.centre("BT1") == old.centre("BT1 5") == Centre(54.5968, -5.9254, 0, False)
    # A district that the file has no units of keeps the middle that comes with the site.
    beside = locate(old, "BT2 7AA")
    assert isinstance(beside, Located)
    assert (beside.label, beside.precision) == ("BT2", Precision.DISTRICT)


def test_a_file_without_positions_makes_a_table(old: Table, tmp_path: Path) -> None:
    file = written(tmp_path / "short.csv", "Postcode,lat,long\nPL1 2AA,,\n")
    write(old.path, units(file, Summary()), PLACES)
    assert old.unit("PL1 2AA") == Unit(None, None, False)


def test_a_replaced_table_is_taken_up_by_every_thread(old: Table, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as other:
        for postcode, replaced in (("ZZ1 1AA", "PL1 1AA"), ("PL1 1AA", "AB1 1AA")):
            assert old.unit(postcode)
            assert other.submit(old.unit, postcode).result()
            write(old.path, [([UnitRow(replaced, 50.5, -4.5, False)], 1)], [])
            assert old.unit(postcode) is None
            assert other.submit(old.unit, postcode).result() is None
            assert old.unit(replaced)


def test_a_table_that_is_gone_still_answers_who_had_it_open(old: Table) -> None:
    assert old.unit("ZZ1 1AA")
    old.path.unlink()
    assert old.unit("ZZ1 1AA")
    with pytest.raises(GazetteerUnavailable, match="is missing"):
        old.check()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_load_that_is_ended_half_way_leaves_the_old_table(
    site: Flask, old: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    file = written(tmp_path / "long.csv", many(600_000))
    partial_file = old.path.with_name("g.db.partial")
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "gazetteer", "load", str(file)],
        cwd=ROOT,
        env=os.environ | {"GAZETTEER_FILE": str(old.path), "DATABASE_URL": f"sqlite:///{tmp_path}/none.db"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A shell that runs the tests in the background has its children ignore Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 60
        while not (partial_file.exists() and partial_file.stat().st_size > 1_000_000):
            assert process.poll() is None, "it ended before it was half way"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(how)
        assert process.wait(30) != 0
    finally:
        process.kill()
        process.wait()
    for table in (old, Table(old.path)):
        table.check()
        assert table.unit("ZZ1 1AA")
        assert table.unit("A0 0AA") is None
    # And what it left half done does not stop the next.
    assert load(site, monkeypatch, old, written(tmp_path / "short.csv", SHORT)).exit_code == 0
    assert old.unit("PL1 1AA")
    assert not partial_file.exists()
