"""Loading the real files: every row is there or explained, and 1,000 of each are where the file puts them."""

import csv
import io
import lzma
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from geopy.distance import geodesic
from pyproj import Transformer

from gazetteer.files import Summary, units
from gazetteer.table import Table
from gazetteer.writer import write
from tests.conftest import SHARED_DATA

CODE_POINT = SHARED_DATA / "codepo_gb_10_areas.zip"
NSPL = SHARED_DATA / "nspl_2025-05_gb.csv.xz"
SAMPLE = 1_000
ABSENT = "the reference postcodes are not beside this checkout"
# The seven parameters that Ordnance Survey publishes, in "A guide to coordinate systems in Great Britain".
GRID_TO_DEGREES = (
    "+proj=pipeline +step +inv +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
    " +step +proj=push +v_3 +step +proj=cart +ellps=airy"
    " +step +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489"
    " +convention=position_vector"
    " +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3"
    " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


def loaded(source: Path, path: Path) -> tuple[Table, Summary, int]:
    """The table of a source, what was said of it, and the number of its units."""
    summary = Summary()
    counts = write(path, units(source, summary), [])
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM unit").fetchone() == (counts.units,)
    return Table(path), summary, counts.units


def code_point_rows() -> Iterator[list[str]]:
    with ZipFile(CODE_POINT) as archive:
        for name in archive.namelist():
            if name.startswith("Data/CSV/"):
                yield from csv.reader(io.StringIO(archive.read(name).decode()))


@pytest.mark.skipif(not CODE_POINT.exists(), reason=ABSENT)
def test_every_row_of_code_point_open_is_where_it_says(tmp_path: Path) -> None:
    table, summary, count = loaded(CODE_POINT, tmp_path / "g.db")
    rows = list(code_point_rows())
    assert (summary.read, summary.refused) == (len(rows), {})
    assert count == len(rows) == 179_365
    convert = Transformer.from_pipeline(GRID_TO_DEGREES)
    for postcode, quality, easting, northing, *_ in random.Random(27700).sample(rows, SAMPLE):
        unit = table.unit(postcode if " " in postcode else f"{postcode[:-3]} {postcode[-3:]}")
        assert unit is not None, postcode
        assert not unit.is_terminated
        if quality == "90":
            assert unit.latitude is None
            continue
        longitude, latitude = convert.transform(float(easting), float(northing))
        assert geodesic((unit.latitude, unit.longitude), (latitude, longitude)).m < 1, postcode


@pytest.mark.skipif(not NSPL.exists(), reason=ABSENT)
def test_every_row_of_nspl_is_where_it_says_or_explained(tmp_path: Path) -> None:
    table, summary, count = loaded(NSPL, tmp_path / "g.db")
    with lzma.open(NSPL, "rt") as file:
        rows = list(csv.reader(file))[1:]
    # NPT was Newport's before it had numbers; GIR 0AA was a bank's.
    unfit = [row[0] for row in rows if row[0].startswith(("NPT ", "GIR "))]
    assert {reason: refusal.count for reason, refusal in summary.refused.items()} == {
        "not a postcode": len(unfit) - 1,
        "has no place on the map": 1,
    }
    assert summary.read == len(rows) == 2_651_941
    assert count == len(rows) - len(unfit) == 2_649_523
    for postcode, latitude, longitude in random.Random(2025).sample(rows, SAMPLE):
        unit = table.unit(postcode)
        if postcode in unfit:
            assert unit is None
            continue
        assert unit is not None, postcode
        expected = (float(latitude), float(longitude)) if latitude else (None, None)
        assert (unit.latitude, unit.longitude) == expected
