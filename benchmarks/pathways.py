"""`make bench`, too: how quickly the longest pathway is answered among a million opportunities.

A pathway of twelve steps with ten options each, of every sort, is put into a
copy of the catalogue of synthetic opportunities that benchmarks share. Its page
is asked for near postcodes in a city, a town and the Highlands that were not
asked for before, and beside it the same page without a place. Prints a table and
writes it to `instance/bench-pathways.json`. Each goal is marked met or missed; the
command ends with 1 if one is missed.
"""

import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from flask import Flask
from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app import create_app
from benchmarks.synthetic import BENCH, spatialite
from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.pathway_models import MAX_STEPS, Pathway, Step, StepOption
from catalogue.words import DestinationKind, Kind, Layer, OptionKind, Reach
from settings import ROOT, Settings, load_settings
from web import garbage

OPPORTUNITIES = 1_000_000
OPTIONS = 10
MOST_MS = 80.0  # of 19 in 20
MOST_STATEMENTS = 50  # as tests/catalogue/test_pathway_answers.py and tests/pathways explain
ASKED = 60  # times each
WARM_UP = 5
SLUG = "the-longest"
# Corners of a part of the map: south, west, north, east.
PLACES = {
    "London": (51.48, -0.20, 51.54, -0.05),
    "Plymouth": (50.36, -4.18, 50.42, -4.08),
    "mid Wales": (52.1, -3.7, 52.6, -3.2),
    "the Highlands": (57.3, -5.4, 58.4, -4.4),
}


@dataclass(frozen=True)
class Row:
    """What a page near some place took, whole, in milliseconds, and how many statements at most."""

    near: str
    median_ms: float
    p95_ms: float
    statements: int

    @property
    def met(self) -> bool:
        return self.p95_ms <= MOST_MS and self.statements <= MOST_STATEMENTS


def main() -> int:
    shared = spatialite(OPPORTUNITIES).removeprefix("sqlite:///")
    with tempfile.TemporaryDirectory(dir=BENCH) as folder:
        copy = Path(folder) / "pathways.db"
        shutil.copy(shared, copy)
        app = create_app(
            Settings(
                _env_file=None,
                database_url=f"sqlite:///{copy}",
                gazetteer_file=load_settings().gazetteer_file,
                log_level="ERROR",
            )
        )
        chance = random.Random(1)
        with Session(app.extensions["engine"]) as session:
            session.add(the_longest(session, chance))
            session.commit()
        rows = [measure(app, chance, near) for near in ("nowhere", *PLACES)]
        app.extensions["engine"].dispose()
    show(rows)
    told = [asdict(row) | {"met": row.met} for row in rows]
    (ROOT / "instance" / "bench-pathways.json").write_text(json.dumps(told, indent=1))
    return 0 if all(row.met for row in rows) else 1


def the_longest(session: Session, chance: random.Random) -> Pathway:
    """Twelve steps with ten options each: rules of every sort, badges, and opportunities by name."""
    skills = list(session.scalars(select(Skill).order_by(Skill.id)))
    badges = list(session.scalars(select(Badge).order_by(Badge.id)))
    providers = list(session.scalars(select(Provider).order_by(Provider.id).limit(500)))
    at_venues = select(Opportunity).where(Opportunity.reach == Reach.VENUE).order_by(Opportunity.id)
    opportunities = list(session.scalars(at_venues.limit(2_000)))

    def option(position: int) -> StepOption:
        sort = chance.choices(["badge", "named", "provider", "kind", "layer", "skill"], [15, 10, 10, 45, 15, 5])[0]
        if sort == "badge":
            return StepOption(position=position, option_kind=OptionKind.BADGE, badge=chance.choice(badges))
        if sort == "named":
            named = chance.choice(opportunities)
            return StepOption(position=position, option_kind=OptionKind.OPPORTUNITY, opportunity=named)
        rule = StepOption(position=position, option_kind=OptionKind.RULE)
        if sort == "provider":
            rule.rule_provider = chance.choice(providers)
            return rule
        rule.rule_skill = chance.choice(skills)
        rule.rule_kind = chance.choice(list(Kind)) if sort == "kind" else None
        rule.rule_layer = chance.choice(list(Layer)) if sort == "layer" else None
        return rule

    steps = [
        Step(
            position=number,
            slug=f"step-{number}",
            title=f"Step {number}",
            asks_for="Do one of these.",
            layer=chance.choice(list(Layer)),
            options=[option(place) for place in range(1, OPTIONS + 1)],
        )
        for number in range(1, MAX_STEPS + 1)
    ]
    return Pathway(
        slug=SLUG,
        provider=providers[0],
        title="The longest pathway",
        summary="For measuring.",
        destination_kind=DestinationKind.JOB,
        destination="A job",
        destination_skill=skills[0],
        steps=steps,
    )


def measure(app: Flask, chance: random.Random, near: str) -> Row:
    """Ask so many times, each near another point."""
    client, times, statements = app.test_client(), [], []
    for number in range(WARM_UP + ASKED):
        if number == WARM_UP:
            garbage.settle()  # as a server does
        path = f"/pathways/{SLUG}{point(chance, near)}"
        with Counting(app.extensions["engine"]) as sent:
            start = time.perf_counter()
            answer = client.get(path)
            took = (time.perf_counter() - start) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered with {answer.status_code}")
        if number >= WARM_UP:
            times.append(took)
            statements.append(sent.count)
    return Row(
        near, round(statistics.median(times), 1), round(statistics.quantiles(times, n=20)[-1], 1), max(statements)
    )


def point(chance: random.Random, near: str) -> str:
    if near not in PLACES:
        return ""
    south, west, north, east = PLACES[near]
    return f"?near={chance.uniform(south, north):.3f},{chance.uniform(west, east):.3f}"


class Counting:
    """Counts the statements that are sent meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0

    def __enter__(self) -> "Counting":
        event.listen(self.engine, "before_cursor_execute", self._one_more)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._one_more)

    def _one_more(self, *_: object) -> None:
        self.count += 1


def show(rows: list[Row]) -> None:
    title = f"A pathway of {MAX_STEPS} steps, {OPTIONS} options each, among {OPPORTUNITIES:,}"
    grid = Grid("near", "median ms", "p95 ms", "statements", "", title=title)
    for row in rows:
        verdict = "met" if row.met else "[bold red]MISSED[/]"
        grid.add_row(row.near, f"{row.median_ms}", f"{row.p95_ms}", f"{row.statements}", verdict)
    console = Console(width=120)
    console.print(grid)
    console.print(f"Goals: p95 at most {MOST_MS:g} ms and at most {MOST_STATEMENTS} statements, of the whole page.")


if __name__ == "__main__":
    sys.exit(main())
