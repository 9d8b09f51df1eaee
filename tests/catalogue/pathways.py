"""Small pathways for tests, and the statements that a test sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from catalogue import derived, pathway_pages
from catalogue.models import Badge, Opportunity, Skill, Venue
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.words import DestinationKind, Layer, OptionKind
from tests.catalogue.factories import provider, venue

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Here:
    latitude: float = 50.37
    longitude: float = -4.14


def miles_north(miles: float) -> Venue:
    return venue(50.37 + miles / 69.1, -4.14)


def skill(slug: str) -> Skill:
    return Skill(slug=slug, name=slug.title(), framework="Ours", identifier=slug)


def badge(slug: str = "saw-it", **values: Any) -> Badge:
    defaults = {"name": "Saw it", "summary": "", "criteria": "", "layer": Layer.ENGAGE, "type": "Activity"}
    return Badge(slug=slug, provider=provider(), **defaults | values)


def rule(**values: Any) -> StepOption:
    return StepOption(option_kind=OptionKind.RULE, **{f"rule_{name}": value for name, value in values.items()})


def named(thing: Opportunity | Badge) -> StepOption:
    if isinstance(thing, Badge):
        return StepOption(option_kind=OptionKind.BADGE, badge=thing)
    return StepOption(option_kind=OptionKind.OPPORTUNITY, opportunity=thing)


def step(*options: StepOption) -> Step:
    for position, option in enumerate(options, start=1):
        option.position = position
    return Step(title="A step", asks_for="Do it", layer=Layer.ENGAGE, options=list(options))


def pathway(*steps: Step, **values: Any) -> Pathway:
    for position, each in enumerate(steps, start=1):
        each.position = position
        each.slug = each.slug or f"step-{position}"
    defaults = {"slug": "into-tests", "title": "Into tests", "summary": "", "destination": "Tester"}
    made: dict[str, Any] = defaults | {"destination_kind": DestinationKind.JOB} | values
    return Pathway(provider=provider(), steps=list(steps), **made)


def kept(session: Session, *rows: object) -> Pathway:
    """The pathway among some rows, as its page reads it."""
    session.add_all(rows)
    session.flush()
    derived.index(session)
    session.expire_all()
    found = pathway_pages.pathway(session, "into-tests")
    assert found is not None
    return found


@contextmanager
def counting(source: Connection | Engine) -> Iterator[list[str]]:
    """The statements that are sent within."""
    statements: list[str] = []

    def listen(*call: Any) -> None:
        statements.append(call[2])

    event.listen(source, "before_cursor_execute", listen)
    yield statements
    event.remove(source, "before_cursor_execute", listen)
