"""Against the National Statistics Postcode Lookup: 1,000 live postcodes chosen at random."""

import csv
import lzma
import random
import statistics

import pytest
from geopy.distance import geodesic

from gazetteer.locate import Located, Precision, locate
from gazetteer.table import Table
from tests.conftest import SHARED_DATA

LIVE = SHARED_DATA / "live_units_2025-02.txt.xz"
NSPL = SHARED_DATA / "nspl_2025-05_gb.csv.xz"
NORTHERN_IRELAND = SHARED_DATA / "northern_ireland_2026-07.csv"
SAMPLE = 1_000


@pytest.fixture(scope="module")
def truth() -> dict[str, tuple[float, float]]:
    """1,000 live postcodes that NSPL locates, with where it puts them."""
    with lzma.open(LIVE, "rt") as file:
        live = set(map(str.strip, file))
    with lzma.open(NSPL, "rt") as file:
        located = [
            (row["Postcode"], (float(row["lat"]), float(row["long"])))
            for row in csv.DictReader(file)
            if row["lat"] and row["Postcode"] in live
        ]
    return dict(random.Random(1000).sample(located, SAMPLE))


@pytest.mark.skipif(not NSPL.exists(), reason="the reference postcodes are not beside this checkout")
def test_live_postcodes_are_where_nspl_puts_them(table: Table, truth: dict[str, tuple[float, float]]) -> None:
    found = {text: locate(table, text) for text in truth}
    assert all(isinstance(place, Located) for place in found.values())
    errors = [
        geodesic((place.latitude, place.longitude), truth[text]).m
        for text, place in found.items()
        if isinstance(place, Located) and place.precision is Precision.UNIT
    ]
    precisions = {place.precision for place in found.values() if isinstance(place, Located)}
    print(f"by unit: {len(errors) / SAMPLE:.1%}, median error {statistics.median(errors):.2f} m")  # noqa: T201
    assert len(errors) >= 0.99 * SAMPLE
    assert precisions <= {Precision.UNIT, Precision.SECTOR, Precision.DISTRICT}
    assert statistics.median(errors) <= 2.0


@pytest.mark.skipif(not NORTHERN_IRELAND.exists(), reason="the reference postcodes are not beside this checkout")
def test_northern_irish_postcodes_are_placed_by_their_districts(table: Table) -> None:
    with NORTHERN_IRELAND.open() as file:
        rows = list(csv.DictReader(file))
    errors = []
    for row in rows:
        place = locate(table, row["postcode"])
        if not isinstance(place, Located):
            continue  # the records hold a few misspelt postcodes
        errors.append(geodesic((place.latitude, place.longitude), (float(row["lat"]), float(row["lon"]))).miles)
    assert len(errors) > 0.99 * len(rows)
    near = sum(miles <= 8 for miles in errors) / len(errors)
    print(f"within 8 miles: {near:.1%}, median {statistics.median(errors):.1f} miles")  # noqa: T201
    assert near >= 0.95
