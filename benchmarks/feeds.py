"""How fast a course directory of 200,000 rows is read, beside SQLite writing the same rows with nothing around it.

The file is read twice by `flask feeds import`, in processes of their own. The rows that were written are then read out
and put into an empty database by `executemany`, indexes and triggers and all. A file of a tenth says whether memory
grows.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.figures import Baseline, Figure, Of, Scale, alone, at_least, at_most, say
from catalogue.source_models import SourceRun
from database import migrate
from database.engine import connect
from gazetteer.table import Table
from settings import ROOT, load_settings

ROWS = 200_000
LEAST_SHARE = 0.25
MOST_MB = 150
MOST_GROWTH = 1.15
LEAST_TIMES = 10.0
PROVIDERS = 800
VENUES = 6_000
# What an import writes, in the order in which each may stand; what is derived from them comes last.
TABLES = (
    "provider", "venue", "opportunity", "opportunity_venue", "occurrence", "source", "source_record", "spot",
    "opportunity_text", "search_word", "venue_sum", "cell_sum",
)  # fmt: skip
SUBJECTS = ("Welding", "Bakery", "Floristry", "Childcare", "Carpentry", "Plumbing", "Coding", "Pottery", "Nursing")
BEGINNINGS = ("Introduction to", "Level 1 in", "Level 2 Certificate in", "Evening class in", "Taster day in")
COLUMNS = [
    "PROVIDER_UKPRN",
    "COURSE_ID",
    "COURSE_RUN_ID",
    "LEARN_AIM_REF",
    "COURSE_NAME",
    "WHO_THIS_COURSE_IS_FOR",
    "DELIVER_MODE",
    "STUDY_MODE",
    "ATTENDANCE_PATTERN",
    "FLEXIBLE_STARTDATE",
    "STARTDATE",
    "DURATION_UNIT",
    "DURATION_VALUE",
    "COST",
    "COST_DESCRIPTION",
    "NATIONAL",
    "REGIONS",
    "LOCATION_NAME",
    "LOCATION_ADDRESS1",
    "LOCATION_ADDRESS2",
    "LOCATION_COUNTY",
    "LOCATION_EMAIL",
    "LOCATION_LATITUDE",
    "LOCATION_LONGITUDE",
    "LOCATION_POSTCODE",
    "LOCATION_TELEPHONE",
    "LOCATION_TOWN",
    "LOCATION_WEBSITE",
    "COURSE_URL",
    "UPDATED_DATE",
    "ENTRY_REQUIREMENTS",
    "HOW_YOU_WILL_BE_ASSESSED",
    "COURSE_TYPE",
    "SECTOR",
    "EDUCATION_LEVEL",
    "AWARDING_BODY",
]


def figures(scale: Scale) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield from measure(Path(folder), scale.times(ROWS))


def measure(folder: Path, rows: int) -> Iterator[Figure]:
    large, small = folder / "large.csv", folder / "small.csv"
    write_courses(large, rows)
    write_courses(small, rows // 10)
    small_mb = _import(folder / "small.db", small)[1]
    first, first_mb = _import(folder / "large.db", large)
    say("feeds: the same again")
    again, again_mb = _import(folder / "large.db", large)
    plain = _plainly(folder / "large.db", folder / "plain.db")
    share = at_least(LEAST_SHARE, Of.RATIO)
    read = Baseline("their rows written plainly", rows / plain)
    yield Figure("courses read", rows / first, "/ s", size=rows, baseline=read, goals=(share,))
    less = at_most(1 / LEAST_TIMES, Of.RATIO)
    unchanged = Baseline("the first time", first)
    yield Figure("the same with nothing changed", again, "s", size=rows, baseline=unchanged, goals=(less,))
    goals = at_most(MOST_MB), at_most(MOST_GROWTH, Of.RATIO)
    tenth = Baseline("a tenth of them", small_mb)
    yield Figure("peak memory", max(first_mb, again_mb), "MB", size=rows, baseline=tenth, goals=goals)


def write_courses(file: Path, count: int, at: int = VENUES) -> None:
    """A course directory that nobody offers, at so many venues, in the published columns: the same at every call."""
    dice = Random(1)
    table = Table(load_settings().gazetteer_file)
    table.check()
    venues = table.draw(at, dice.random)
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, COLUMNS, restval="")
        writer.writeheader()
        for number in range(count):
            writer.writerow(_course(number, dice, venues[int(dice.random() ** 2 * len(venues))]))


def _course(number: int, dice: Random, venue: tuple[str, float, float, str]) -> dict[str, object]:
    subject = dice.choice(SUBJECTS)
    postcode, latitude, longitude, town = venue
    return {
        "PROVIDER_UKPRN": 10_000_000 + int(latitude * 1e4) % PROVIDERS,
        "COURSE_ID": f"c{number // 3}",
        "COURSE_RUN_ID": f"00000000-0000-4000-8000-{number:012d}",
        "COURSE_NAME": f"{dice.choice(BEGINNINGS)} {subject} {number % 97}",
        "WHO_THIS_COURSE_IS_FOR": f"For anyone over 16 who wants to learn {subject.lower()} and meet others who do. "
        "You need no experience: we begin at the beginning, and you take home what you make. Materials are there.",
        "DELIVER_MODE": 1 if dice.random() < 0.9 else 2,
        "STUDY_MODE": 2,
        "ATTENDANCE_PATTERN": dice.randrange(1, 5),
        "STARTDATE": f"{dice.randrange(1, 28):02d}/{dice.randrange(1, 13):02d}/2099",
        "DURATION_UNIT": 2,
        "DURATION_VALUE": dice.randrange(1, 40),
        "COST": f"{dice.randrange(0, 900)}.00",
        "NATIONAL": "False",
        "LOCATION_NAME": f"Centre at {postcode}",
        "LOCATION_ADDRESS1": "1 High Street",
        "LOCATION_LATITUDE": latitude,
        "LOCATION_LONGITUDE": longitude,
        "LOCATION_POSTCODE": postcode,
        "LOCATION_TOWN": town,
        "COURSE_URL": f"https://courses.example/{number}",
        "EDUCATION_LEVEL": dice.randrange(1, 5),
    }


def _import(database: Path, file: Path) -> tuple[float, float]:
    """Seconds that a reading took, as its run says, and the peak memory of its process in MB."""
    was_there = database.exists()
    command = [sys.executable, "-m", "flask", "feeds", "import", "course-directory", str(file), "--name", "Courses"]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "LOG_LEVEL": "ERROR"}
    # In a child of a child, as the peak that the system keeps is that of all one's children.
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(  # noqa: S603  (our own)
        [sys.executable, "-c", program, *command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    unit = 1 if sys.platform == "darwin" else 1024
    engine = connect(f"sqlite:///{database}")
    with Session(engine) as session:
        run = session.scalars(select(SourceRun).order_by(SourceRun.id.desc())).first()
    engine.dispose()
    if run is None or run.ended_at is None or run.read != (run.unchanged if was_there else run.new):
        raise SystemExit(f"That was no whole reading: see {database}")
    return (run.ended_at - run.started_at).total_seconds(), int(done.stdout) * unit / 1_000_000


def _plainly(filled: Path, empty: Path) -> float:
    """Seconds to write by `executemany` all the rows of one database into another that has its tables, in one go."""
    made = connect(f"sqlite:///{empty}")
    migrate.upgrade(made)
    source = connect(f"sqlite:///{filled}")
    with source.connect() as connection:
        # Venues are copied with their points as they are kept; FTS5's rows by its columns.
        rows = {}
        for name in TABLES:
            columns = "rowid, title, skills, rest" if name == "opportunity_text" else "*"
            rows[name] = connection.exec_driver_sql(f"SELECT {columns} FROM {name}").fetchall()  # noqa: S608
    with closing(made.raw_connection()) as raw:
        begun = time.perf_counter()
        for name, values in rows.items():
            if not values:
                continue
            columns = "(rowid, title, skills, rest)" if name == "opportunity_text" else ""
            marks = ", ".join("?" * len(values[0]))
            raw.cursor().executemany(f"INSERT INTO {name} {columns} VALUES ({marks})", list(map(tuple, values)))  # noqa: S608
        raw.commit()
        seconds = time.perf_counter() - begun
    made.dispose()
    source.dispose()
    return seconds


if __name__ == "__main__":
    sys.exit(alone(figures))
