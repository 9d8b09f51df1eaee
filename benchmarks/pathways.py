"""How quickly the longest pathway is answered among a million opportunities, beside the same among ten thousand.

A pathway of twelve steps with ten options each, of every sort, is put into a
copy of the catalogue of synthetic opportunities that benchmarks share. Its page
is asked for near postcodes in a city, a town and the Highlands that were not
asked for before, and once without a place.
"""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app import create_app
from benchmarks.figures import Figure, Of, Scale, alone, at_most, measured
from benchmarks.places import PLACES, spot
from benchmarks.synthetic import BENCH, spatialite
from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.pathway_models import MAX_STEPS, Pathway, Step, StepOption
from catalogue.words import DestinationKind, Kind, Layer, OptionKind, Reach
from settings import Settings, load_settings
from web import garbage

OPTIONS = 10
MOST_MS = 80.0  # of 19 in 20
MOST_STATEMENTS = 50  # as tests/catalogue/test_pathway_answers.py and tests/pathways explain
ASKED = 60  # times each
WARM_UP = 5
SLUG = "the-longest"


def figures(scale: Scale) -> Iterator[Figure]:
    few = scale.town
    with site(few) as small, site(scale.largest) as large:
        for near in ("nowhere", *PLACES):
            asked = [path(number, near) for number in range(WARM_UP + scale.times(ASKED, least=8))]
            statements: list[int] = []
            ours, beside = [], []
            for number, each in enumerate(asked):
                if number == WARM_UP:
                    garbage.settle()  # as a server does
                with Counting(large.extensions["engine"]) as sent:
                    ours.append(ask(large, each))
                statements.append(sent.count)
                beside.append(ask(small, each))  # in turns, so that both have the same machine
            what = f"{MAX_STEPS} steps of {OPTIONS} options, near {near}"
            goals = [at_most(MOST_MS, Of.P95)]
            baseline = f"of {few:,}", beside[WARM_UP:]
            yield measured(what, ours[WARM_UP:], "ms", baseline, goals, scale.largest, "SpatiaLite")
            goal = (at_most(MOST_STATEMENTS),)
            yield Figure(what, max(statements), "statements", size=scale.largest, database="SpatiaLite", goals=goal)


@contextmanager
def site(size: int) -> Iterator[Flask]:
    """An app with the longest pathway among so many opportunities."""
    shared = spatialite(size).removeprefix("sqlite:///")
    with tempfile.TemporaryDirectory(dir=BENCH) as folder:
        copy = Path(folder) / "pathways.db"
        shutil.copy(shared, copy)
        gazetteer = load_settings().gazetteer_file
        url = f"sqlite:///{copy}"
        app = create_app(
            Settings(_env_file=None, database_url=url, gazetteer_file=gazetteer, log_level="ERROR", rate_limit=0)
        )
        with Session(app.extensions["engine"]) as session:
            session.add(the_longest(session, random.Random(1)))
            session.commit()
        yield app
        app.extensions["engine"].dispose()


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


def ask(app: Flask, path: str) -> float:
    """Milliseconds of an answer."""
    start = time.perf_counter()
    answer = app.test_client().get(path)
    took = (time.perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered with {answer.status_code}")
    return took


def path(number: int, near: str) -> str:
    """The page that is asked for at a turn: each time near another point."""
    return f"/pathways/{SLUG}{point(random.Random(number), near)}"


def point(chance: random.Random, near: str) -> str:
    if near not in PLACES:
        return ""
    latitude, longitude = spot(chance, near)
    return f"?near={latitude:.3f},{longitude:.3f}"


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


if __name__ == "__main__":
    sys.exit(alone(figures))
