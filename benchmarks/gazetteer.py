"""`make bench`: what the gazetteer understands, how exactly, and how fast.

Prints a table and writes it to `instance/bench-gazetteer.json`. Each goal is
marked met or missed; the command ends with 1 if one is missed. Rows that need
the reference postcodes beside the checkout are left out where those are not.
"""

import csv
import json
import lzma
import random
import statistics
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table as Grid

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


@dataclass(frozen=True)
class Row:
    """One figure, its unit, what it should be, and whether it is."""

    what: str
    figure: float
    unit: str
    goal: str
    met: bool


def main() -> int:
    table = Table(load_settings().gazetteer_file)
    table.check()
    rows: list[Row] = []
    rows += taken_for_postcodes()
    if LIVE.exists():
        live = read_live()
        rows += parsed(live)
        rows += against_nspl(table, live)
        rows += in_northern_ireland(table)
    units = some_units()
    rows += look_ups(table, units)
    if Path("/proc/self/statm").exists():
        rows.append(memory(table.path, units))
    rows.append(building())
    show(rows)
    (ROOT / "instance" / "bench-gazetteer.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 0 if all(row.met for row in rows) else 1


def read_live() -> list[str]:
    with lzma.open(LIVE, "rt") as file:
        return [line.strip() for line in file]


def parsed(live: list[str]) -> Iterator[Row]:
    read = sum([reading.text for reading in postcode.readings(text)] == [text] for text in live)
    yield Row("live units that parse as themselves", read, f"of {len(live)}", "all", read == len(live))


def taken_for_postcodes() -> Iterator[Row]:
    """Random texts of postcode length that break a rule of the shape, by construction."""
    dice = random.Random(26)
    taken = sum(is_unit(text) for text in (broken_postcode(dice) for _ in range(RANDOM_TEXTS)))
    yield Row("random non-postcodes taken for one", taken, f"of {RANDOM_TEXTS}", "none", taken == 0)


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


def against_nspl(table: Table, live: list[str]) -> Iterator[Row]:
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
    by_unit = counts[Precision.UNIT] / total
    coarser = 1 - by_unit - counts[Precision.SECTOR] / total
    p50, p99 = statistics.median(errors), statistics.quantiles(errors, n=100)[98]
    yield Row("live units placed by unit", round(100 * by_unit, 2), "%", "at least 99.5", by_unit >= 0.995)
    yield Row("live units placed by district only", round(100 * coarser, 3), "%", "at most 0.1", coarser <= 0.001)
    yield Row("median error against NSPL", round(p50, 2), "m", "at most 2", p50 <= 2)
    yield Row("99th percentile error against NSPL", round(p99, 1), "m", "at most 100", p99 <= 100)


def in_northern_ireland(table: Table) -> Iterator[Row]:
    near = total = 0
    with NORTHERN_IRELAND.open() as file:
        for record in csv.DictReader(file):
            place = locate(table, record["postcode"])
            if isinstance(place, Located):
                total += 1
                near += metres(place, float(record["lat"]), float(record["lon"])) <= 8 * METRES_PER_MILE
    share = near / total
    yield Row("Northern Irish units within 8 miles", round(100 * share, 1), "%", "at least 95", share >= 0.95)


def metres(place: Located, latitude: float, longitude: float) -> float:
    """A distance on a plane at that latitude: exact enough for errors of metres and bounds of miles."""
    north = (place.latitude - latitude) * 111_200
    east = (place.longitude - longitude) * 111_200 * np.cos(np.radians(latitude))
    return float(np.hypot(north, east))


def some_units() -> list[str]:
    """Postcodes from all over the table, in no order."""
    dice = random.Random(60)
    units = [row.postcode for rows, _ in packages.units() for row in rows if dice.random() < 0.01]
    dice.shuffle(units)
    return units[:LOOKUPS]


def look_ups(table: Table, units: list[str]) -> Iterator[Row]:
    whole = statistics.median(timed(partial(locate, table, text)) for text in units) * 1e6
    bare = statistics.median(timed(partial(table.unit, text)) for text in units) * 1e6
    yield Row("look-up of a unit, p50", round(whole, 1), "µs", "at most 60", whole <= 60)
    yield Row("the same, as a ratio to the bare SQL look-up", round(whole / bare, 1), "×", "", True)


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


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


def memory(path: Path, units: list[str]) -> Row:
    """What look-ups all over the table, and a misspelt place, add to a process: what a worker would see."""
    command = [sys.executable, "-c", PROBE, str(path)]
    run = subprocess.run(command, input="\n".join(units), cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  (our own)
    added = int(run.stdout) / 1_000_000
    return Row("memory that the table adds to a worker", round(added, 1), "MB", "at most 30", added <= 30)


def building() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write(Path(folder) / "built.db", packages.units(), packages.places())
        seconds = time.perf_counter() - start
    return Row("building from packages", round(seconds, 1), "s", "at most 30", seconds <= 30)


def show(rows: list[Row]) -> None:
    grid = Grid("what", "figure", "goal", "")
    for row in rows:
        verdict = ("met" if row.met else "MISSED") if row.goal else ""
        grid.add_row(row.what, f"{row.figure:,} {row.unit}", row.goal, verdict)
    Console(width=120).print(grid)


if __name__ == "__main__":
    sys.exit(main())
