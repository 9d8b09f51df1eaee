"""Which steps of a pathway can be done where: what a city asks before it fills a gap."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from io import StringIO
from math import isinf
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from catalogue import pathway_answers
from catalogue.pathway_answers import Answer
from catalogue.pathway_models import Pathway, Step
from catalogue.pathway_ways import Way
from gazetteer.districts import districts
from gazetteer.locate import Located, Unlocated
from gazetteer.table import Table
from pathways import words
from search import labels
from search.forms import MAX_MILES, MAX_PROBLEMS, SearchRequest
from web.formats import step_miles

MAX_DISTRICTS = 20
WITHIN_MILES = 10.0
# A spreadsheet takes what begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "step",
    "title",
    "layer",
    "optional",
    "group",
    "needed_of_group",
    "district",
    "within_miles",
    "state",
    "number_near",
    "number_is_at_least",
    "number_online",
    "nearest_miles",
    "nearest",
    "nearest_provider",
    "what_would_do",
)


class State(StrEnum):
    """What there is for a step in a district."""

    NEAR = "near"
    ONLINE = "online"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """The districts and the distance that were asked for.

    `places` are the texts with the districts that each stands for, `problems` sentences about what could not be used.
    """

    places: Mapping[str, Sequence[Located]] = field(default_factory=dict)
    districts: Sequence[Located] = ()
    within_miles: float = WITHIN_MILES
    problems: Sequence[str] = ()

    @classmethod
    def from_args(cls, args: MultiDict[str, str], table: Table) -> "CoverageRequest":
        """Read a query string: `district`, any number of times and each with commas, and `within`. Never raises."""
        problems: list[str] = []
        within_miles = _within(args, problems)
        texts = _texts(args.getlist("district"))
        places: dict[str, Sequence[Located]] = {}
        # What is beyond is not even looked up: a miss costs a search among all names.
        for text in texts[:MAX_DISTRICTS]:
            found = districts(table, text)
            if isinstance(found, Unlocated):
                problems.append(labels.unlocated(found))
            else:
                places[text] = found
        unique = list({each.label: each for some in places.values() for each in some}.values())
        if len(unique) > MAX_DISTRICTS or len(texts) > MAX_DISTRICTS:
            most = gettext("We can look at %(most)s districts at once. These are the first.", most=MAX_DISTRICTS)
            problems.insert(0, most)
        return cls(places, unique[:MAX_DISTRICTS], within_miles, problems[:MAX_PROBLEMS])

    @property
    def miles(self) -> str:
        """The distance in words: `10 miles`."""
        return gettext("1 mile") if self.within_miles == 1 else gettext("%(miles)s miles", miles=self.number)

    @property
    def number(self) -> str:
        return f"{self.within_miles:g}"

    @property
    def typed(self) -> str:
        """What the box of districts says."""
        return ", ".join(self.places)

    @property
    def towns(self) -> list[tuple[str, str]]:
        """The texts that stand for other districts than they name, each with these."""
        named = [(text, [each.label for each in some]) for text, some in self.places.items()]
        return [(text, ", ".join(codes)) for text, codes in named if codes != [text.upper()]]

    def query(self) -> dict[str, Any]:
        """The parameters that ask for the same districts."""
        return {"district": [each.label for each in self.districts], "within": self.number}


def _clean(text: str) -> str:
    """A text as a search reads its place: folded, without what must not stand in a page, no longer than it may be."""
    return SearchRequest.from_args(MultiDict({"near": text})).near


def _texts(values: Sequence[str]) -> list[str]:
    parts = (part for value in values for part in value.replace(";", ",").replace("\n", ",").split(","))
    return list(dict.fromkeys(text for part in parts if (text := _clean(part))))


def _within(args: MultiDict[str, str], problems: list[str]) -> float:
    search = SearchRequest.from_args(MultiDict({"within": args.get("within", "")}))
    problems += search.problems
    miles = search.within_miles
    if miles is not None and isinf(miles):
        most = f"{MAX_MILES:g}"
        problems.append(gettext("A distance is needed here, of %(most)s miles at most.", most=most))
        return WITHIN_MILES
    return miles or WITHIN_MILES


@dataclass(frozen=True, slots=True)
class Cell:
    """What there is for a step in a district."""

    located: Located
    answer: Answer

    @property
    def state(self) -> State:
        if self.answer.near_count:
            return State.NEAR
        return State.ONLINE if self.answer.elsewhere_count else State.GAP

    @property
    def number(self) -> str:
        """How many are near, as people are told."""
        return f"{self.answer.near_count}{'' if self.answer.is_counted_out else '+'}"

    @property
    def nearest_miles(self) -> float | None:
        """How far off the nearest is, however far, no finer than is known; None where there is none with a place."""
        miles = self.answer.card.distance_miles if self.answer.card else None
        step = step_miles(self.located.radius_miles)
        return None if miles is None else round(round(miles / step) * step, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A step with what there is for it in each district."""

    step: Step
    ways: Sequence[Way]
    cells: Sequence[Cell]

    @property
    def lacking(self) -> list[Cell]:
        """The districts that have nothing near."""
        return [cell for cell in self.cells if cell.state is not State.NEAR]


def coverage(session: Session, pathway: Pathway, asked: CoverageRequest, now: datetime) -> list[Row]:
    """The steps of a pathway, each with what there is for it near each district.

    The statements are those of `pathway_answers.near`, once a district. As everywhere, from the middle
    of a district we look as much farther as the district is wide.
    """
    columns = [
        pathway_answers.near(
            session, pathway, each, now, slack_miles=each.radius_miles, within_miles=asked.within_miles
        ).steps
        for each in asked.districts
    ]
    ways = [way for _, way in pathway_answers.ways_by_step(pathway)]
    return [
        Row(
            step,
            some,
            [Cell(located, answers[number]) for located, answers in zip(asked.districts, columns, strict=True)],
        )
        for number, (step, some) in enumerate(zip(pathway.steps, ways, strict=True))
    ]


def summaries(rows: Sequence[Row], asked: CoverageRequest) -> list[str]:
    """For each district how many steps have nothing near, and how many of these can be done online."""
    return [
        _summary([row.cells[number].state for row in rows], located.label, asked.miles)
        for number, located in enumerate(asked.districts)
    ]


def _summary(states: Sequence[State], district: str, miles: str) -> str:
    total, lacking = len(states), sum(state is not State.NEAR for state in states)
    if not lacking:
        return gettext("Every step can be done within %(miles)s of %(place)s.", miles=miles, place=district)
    said = ngettext(
        "%(num)s of %(total)s steps has nothing within %(miles)s of %(place)s.",
        "%(num)s of %(total)s steps have nothing within %(miles)s of %(place)s.",
        lacking,
        total=total,
        miles=miles,
        place=district,
    )
    online = states.count(State.ONLINE)
    if not online:
        return said
    if online == lacking:
        return f"{said} " + ngettext(
            "It can be done online or anywhere.", "All of these can be done online or anywhere.", online
        )
    return f"{said} " + gettext("%(number)s of these can be done online or anywhere.", number=online)


def needs(pathway: Pathway) -> dict[int, str]:
    """By position, of the steps that not everyone must do, why."""
    said = {step.position: gettext("You can skip this one") for step in pathway.steps if step.is_optional}
    for group in pathway.groups:
        positions = [step.position for step in pathway.steps if step.group_number == group.number]
        if positions:
            number = {"number": group.needed, "first": positions[0], "last": positions[-1]}
            said |= dict.fromkeys(positions, gettext("Any %(number)s of steps %(first)s to %(last)s", **number))
    return said


def as_csv(pathway: Pathway, rows: Sequence[Row], asked: CoverageRequest) -> str:
    """The same as a table with a line for each step and district, for spreadsheets: RFC 4180, with a BOM."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    needed = {group.number: group.needed for group in pathway.groups}
    for line in _lines(rows, asked, needed):
        writer.writerow([_defused(value) for value in line])
    return "\ufeff" + out.getvalue()


def _lines(rows: Sequence[Row], asked: CoverageRequest, needed: Mapping[int, int]) -> Iterator[list[Any]]:
    for row in rows:
        step = row.step
        of_group = needed.get(step.group_number) if step.group_number else None
        fixed = [step.position, step.title, step.layer.value, _yes(step.is_optional), step.group_number, of_group]
        ways = "; ".join(words.way(each) for each in row.ways)
        for cell in row.cells:
            answer, card = cell.answer, cell.answer.card
            yield [
                *fixed,
                cell.located.label,
                asked.number,
                cell.state.value,
                answer.near_count,
                _yes(not answer.is_counted_out),
                answer.elsewhere_count,
                cell.nearest_miles,
                card.opportunity.title if card else None,
                card.opportunity.provider.name if card else None,
                ways,
            ]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _defused(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
