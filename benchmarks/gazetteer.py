"""What the gazetteer understands, how exactly, and how fast.

Figures that need the reference postcodes beside the checkout are left out where those are not.
"""

import csv
import lzma
import random
import statistics
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.figures import FULL, Figure, Scale, alone, at_least, at_most, measured, milliseconds
from gazetteer import packages, postcode
from gazetteer.locate import Located, Precision, locate
from gazetteer.postcode import Part
from gazetteer.table import Table
from gazetteer.writer import write
from settings import ROOT, load_settings

SHARED = ROOT.parent / "shared" / "data" / "postcodes"
LIVE = SHARED / "live_units_2025-02.txt.xz"
NSPL = SHARED / "nspl_2025-05_gb.csv.xz"
NORTHERN_IRELAND = SHARED / "northern_ireland_2026-07.csv"
RANDOM_TEXTS = 100_000
LOOKUPS = 20_000
METRES_PER_MILE = 1609.344


def figures(scale: Scale) -> Iterator[Figure]:
    table = Table(load_settings().gazetteer_file)
    table.check()
    yield taken_for_postcodes(scale.times(RANDOM_TEXTS))
    if LIVE.exists():
        live = read_live()
        live = live[:: max(1, len(live) // scale.times(len(live)))]
        yield parsed(live)
        if scale is FULL:  # to read that takes most of a quick run, and so does building
            yield from against_nspl(table, live)
        yield in_northern_ireland(table)
    units = some_units(scale.times(LOOKUPS))
    yield look_ups(table, units)
    if Path("/proc/self/statm").exists():
        yield memory(table.path, units)
    if scale is FULL:
        yield building()


def read_live() -> list[str]:
    with lzma.open(LIVE, "rt") as file:
        return [line.strip() for line in file]


def parsed(live: list[str]) -> Figure:
    read = sum([reading.text for reading in postcode.readings(text)] == [text] for text in live)
    return Figure("live units that parse as themselves", read, "units", goals=(at_least(len(live)),))


def taken_for_postcodes(count: int) -> Figure:
    """Random texts of postcode length that break a rule of the shape, by construction."""
    dice = random.Random(26)
    taken = sum(is_unit(text) for text in (broken_postcode(dice) for _ in range(count)))
    return Figure("random non-postcodes taken for one", taken, "texts", note=f"of {count:,}", goals=(at_most(0),))


def is_unit(text: str) -> bool:
    return any(reading.part is Part.UNIT for reading in postcode.readings(text))


def broken_postcode(dice: random.Random) -> str:
    """A text like a postcode with one fault: an impossible shape, or a last letter that never ends one."""
    letters, digits = string.ascii_uppercase, string.digits
    match dice.randrange(4):
        case 0:  # ends on a letter that no inward code has
            return f"{dice.choice(letters)}{dice.choice(digits)} {dice.choice(digits)}A{dice.choice('CIKMOV')}"
        case 1:  # starts with a digit
            return f"{dice.choice(digits)}{dice.choice(letters)}{dice.choice(digits)} {dice.choice(digits)}AA"
        case 2:  # three letters before the first digit
            return "".join(dice.choices(letters, k=3)) + f"{dice.choice(digits)} {dice.choice(digits)}AA"
        case _:  # an inward code without its digit
            return f"{dice.choice(letters)}{dice.choice(digits)} " + "".join(dice.choices(letters, k=3))


def against_nspl(table: Table, live: list[str]) -> Iterator[Figure]:
    wanted = set(live)
    errors: list[float] = []
    counts = dict.fromkeys(Precision, 0)
    total = 0
    with lzma.open(NSPL, "rt") as file:
        for record in csv.DictReader(file):
            if not record["lat"] or record["Postcode"] not in wanted:
                continue
            total += 1
            place = locate(table, record["Postcode"])
            if isinstance(place, Located):
                counts[place.precision] += 1
                if place.precision is Precision.UNIT:
                    errors.append(metres(place, float(record["lat"]), float(record["long"])))
    by_unit = 100 * counts[Precision.UNIT] / total
    coarser = 100 - by_unit - 100 * counts[Precision.SECTOR] / total
    p50, p99 = statistics.median(errors), statistics.quantiles(errors, n=100)[98]
    yield Figure("live units placed by unit", by_unit, "%", goals=(at_least(99.5),))
    yield Figure("live units placed by district only", coarser, "%", goals=(at_most(0.1),))
    yield Figure("median error against NSPL", p50, "m", goals=(at_most(2),))
    yield Figure("99th percentile error against NSPL", p99, "m", goals=(at_most(100),))


def in_northern_ireland(table: Table) -> Figure:
    near = total = 0
    with NORTHERN_IRELAND.open() as file:
        for record in csv.DictReader(file):
            place = locate(table, record["postcode"])
            if isinstance(place, Located):
                total += 1
                near += metres(place, float(record["lat"]), float(record["lon"])) <= 8 * METRES_PER_MILE
    return Figure("Northern Irish units within 8 miles", 100 * near / total, "%", goals=(at_least(95),))


def metres(place: Located, latitude: float, longitude: float) -> float:
    """A distance on a plane at that latitude: exact enough for errors of metres and bounds of miles."""
    north = (place.latitude - latitude) * 111_200
    east = (place.longitude - longitude) * 111_200 * np.cos(np.radians(latitude))
    return float(np.hypot(north, east))


def some_units(count: int) -> list[str]:
    """Postcodes from all over the table, in no order."""
    dice = random.Random(60)
    units = [row.postcode for rows, _ in packages.units() for row in rows if dice.random() < 0.01]
    dice.shuffle(units)
    return units[:count]


def look_ups(table: Table, units: list[str]) -> Figure:
    bare, whole = [], []
    for text in units:  # in turns, so that both have the same machine
        bare.append(milliseconds(partial(table.unit, text)) * 1000)
        whole.append(milliseconds(partial(locate, table, text)) * 1000)
    return measured("look-up of a unit", whole, "µs", ("bare SQL look-up", bare), [at_most(60)])


PROBE = """
import os, sys
from pathlib import Path
from gazetteer.locate import locate
from gazetteer.table import Table
def resident():  # not the peak, which a child inherits from the process that forked it
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
codes = sys.stdin.read().splitlines()
table = Table(Path(sys.argv[1]))
before = resident()
for code in codes:
    locate(table, code)
locate(table, "plymuth")
print(resident() - before)
"""


def memory(path: Path, units: list[str]) -> Figure:
    """What look-ups all over the table, and a misspelt place, add to a process: what a worker would see."""
    command = [sys.executable, "-c", PROBE, str(path)]
    run = subprocess.run(command, input="\n".join(units), cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  (our own)
    added = int(run.stdout) / 1_000_000
    return Figure("memory that the table adds to a worker", added, "MB", goals=(at_most(30),))


def building() -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        seconds = milliseconds(lambda: write(Path(folder) / "built.db", packages.units(), packages.places())) / 1000
    return Figure("building from packages", seconds, "s", goals=(at_most(30),))


if __name__ == "__main__":
    sys.exit(alone(figures))
