"""Reading a file of pathways, with everything that is wrong in it by its line."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.pathway_models import Pathway, pathway_leads_on
from catalogue.sample_records import (
    BadgeRecord,
    GroupRecord,
    OptionRecord,
    PathwayFile,
    PathwayRecord,
    StepRecord,
    problem_of_group,
    problem_of_steps,
    step_slug,
)
from catalogue.yaml_file import BadFile, Document, Place, Wrong, read

NAMED: dict[str, InstrumentedAttribute[str]] = {
    "provider": Provider.slug,
    "skill": Skill.slug,
    "badge": Badge.slug,
    "opportunity": Opportunity.key,
    "pathway": Pathway.slug,
}
SHAPES = (PathwayFile, BadgeRecord, PathwayRecord, GroupRecord, StepRecord, OptionRecord)
FIELDS = sorted({name for shape in SHAPES for name in shape.model_fields})
# What a slug may be is a pattern, which says little to whoever wrote another.
SLUGS = "write it in small letters and digits with hyphens between, such as hand-tools"
AT_ONCE = 500  # names in a statement
SUGGESTED_FROM = 20_000  # names that a slip is compared with
MAX_CIRCLES = 20

# What is named, its name, and where.
Reference = tuple[str, str, Place]


def read_pathways(session: Session, path: Path) -> PathwayFile:
    """The badges and the pathways of a file, all that they name being there.

    Raises:
        BadFile: with every mistake of shape, every name that is not in the database or in the file, every
            circle of pathways.
    """
    document = read(path)
    wrongs = [*document.wrongs]
    records: PathwayFile | None = None
    try:
        records = PathwayFile.model_validate(document.data)
    except ValidationError as error:
        wrongs += [_wrong(dict(each), document) for each in error.errors(include_url=False, include_context=False)]
        wrongs += _hidden(document)
    wrongs += _twice(document)
    wrongs += _unknown(session, document)
    wrongs += _circles(session, document)
    if wrongs or records is None:
        raise BadFile(wrongs)
    return records


def _wrong(error: Mapping[str, Any], document: Document) -> Wrong:
    """A mistake that pydantic found, in words and with its line."""
    location, kind = error["loc"], error["type"]
    place = document.place(location)
    words = [str(each) for each in place if isinstance(each, str)]
    name = words[-1] if words else "the file"
    # What is not there has no line: that of the whole it should be in.
    line = document.line(location)
    if kind == "missing":
        return Wrong(line, f"{location[-1]} is missing")
    if kind == "extra_forbidden":
        return Wrong(line, f"there is no {location[-1]} here{_or_rather(str(location[-1]), FIELDS)}")
    if kind == "string_type":
        return Wrong(line, f"{name} is a text: put it in quotes" if _is_plain(error["input"]) else f"{name} is a text")
    if kind == "string_pattern_mismatch":
        return Wrong(line, f"{name}: {SLUGS}")
    if kind in ("model_type", "dict_type"):
        return Wrong(line, f"{name}: here stand names and values, such as `title: …`")
    message = error["msg"].removeprefix("Value error, ")
    return Wrong(line, message if kind == "value_error" else f"{name}: {message}")


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float | bool)


def _or_rather(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; do you mean {close[0]}?" if close else ""


def _maps(holder: Any, place: Place, name: str) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The mappings in the list of this name, as far as it is one."""
    listed = holder.get(name) if isinstance(holder, Mapping) else None
    for number, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, Mapping):
            yield (*place, name, number), each


def _groups(pathway: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    return ((where, each) for where, each in _maps(pathway, place, "steps") if "of" in each)


def _steps(pathway: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for where, each in _maps(pathway, place, "steps"):
        yield from _maps(each, where, "of") if "of" in each else [(where, each)]


def _hidden(document: Document) -> Iterator[Wrong]:
    """What is wrong with wholes whose parts are wrong too: pydantic looks at a whole only if its parts are right."""
    for place, pathway in _maps(document.data, (), "pathways"):
        for where, group in _groups(pathway, place):
            needed, steps = group.get("any"), group["of"]
            if isinstance(needed, int) and isinstance(steps, list) and (said := problem_of_group(needed, len(steps))):
                yield Wrong(document.line(where), said)
        slugs = [each.get("slug") or each.get("title") for _, each in _steps(pathway, place)]
        called = [step_slug(each) for each in slugs if isinstance(each, str)]
        is_whole = len(called) == len(slugs) and len(list(_maps(pathway, place, "steps"))) == _count(pathway, "steps")
        if is_whole and (said := problem_of_steps(called)):
            yield Wrong(document.line(place), said)


def _count(holder: Mapping[str, Any], name: str) -> int:
    listed = holder.get(name)
    return len(listed) if isinstance(listed, list) else -1


def _twice(document: Document) -> Iterator[Wrong]:
    """Badges and pathways that have a slug which another one of the file has."""
    for name in ("badges", "pathways"):
        first: dict[str, int] = {}
        for place, each in _maps(document.data, (), name):
            slug, line = each.get("slug"), document.line((*place, "slug"))
            if isinstance(slug, str) and slug in first:
                yield Wrong(line, f"{slug} stands twice in {name}: first on line {first[slug]}")
            elif isinstance(slug, str):
                first[slug] = line


def _references(data: Any) -> Iterator[Reference]:
    """Everything that badges and pathways name, as far as it is a text."""
    for place, badge in _maps(data, (), "badges"):
        yield from _names(badge, place, provider="provider", skills="skill")
    for place, pathway in _maps(data, (), "pathways"):
        yield from _names(pathway, place, provider="provider", destination_skill="skill", leads_on="pathway")
        for where, step in _steps(pathway, place):
            for spot, option in _maps(step, where, "options"):
                yield from _names(
                    option, spot, badge="badge", opportunity="opportunity", skill="skill", provider="provider"
                )


def _names(holder: Mapping[str, Any], place: Place, **kinds: str) -> Iterator[Reference]:
    """What a mapping names under some keys, each of one kind; a list names several."""
    for key, kind in kinds.items():
        value = holder.get(key)
        if isinstance(value, str):
            yield kind, value, (*place, key)
        elif isinstance(value, list):
            yield from ((kind, each, (*place, key, at)) for at, each in enumerate(value) if isinstance(each, str))


def _unknown(session: Session, document: Document) -> Iterator[Wrong]:
    """The names of what is neither in the database nor in the file."""
    references = list(_references(document.data))
    own = {
        kind: {str(each.get("slug")) for _, each in _maps(document.data, (), f"{kind}s")}
        for kind in ("badge", "pathway")
    }
    for kind, column in NAMED.items():
        wanted = {name for of, name, _ in references if of == kind} - own.get(kind, set())
        lacking = wanted - _present(session, column, sorted(wanted))
        known = session.scalars(select(column).order_by(column).limit(SUGGESTED_FROM)).all() if lacking else []
        suggestions = {name: _or_rather(name, [*known, *sorted(own.get(kind, ()))]) for name in lacking}
        for of, name, place in references:
            if of == kind and name in lacking:
                yield Wrong(document.line(place), f"there is no {kind} {name!r}{suggestions[name]}")


def _present(session: Session, column: InstrumentedAttribute[str], names: Sequence[str]) -> set[str]:
    """Which of some names there are. A statement for each `AT_ONCE` of them."""
    parts = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    return {name for part in parts for name in session.scalars(select(column).where(column.in_(part)))}


def _circles(session: Session, document: Document) -> Iterator[Wrong]:
    """Pathways that would lead back to themselves, through others of the file or of the database."""
    places: dict[tuple[str, str], Place] = {}
    for place, each in _maps(document.data, (), "pathways"):
        for _, name, where in _names(each, place, leads_on="pathway"):
            places.setdefault((str(each.get("slug")), name), where)
    own = {str(each.get("slug")) for _, each in _maps(document.data, (), "pathways")}
    edges = {*places, *(edge for edge in _kept_edges(session) if edge[0] not in own)} if places else set()
    for _ in range(MAX_CIRCLES):
        circle = _circle(sorted(edges))
        if not circle:
            break
        steps = [edge for edge in pairwise(circle) if edge in places]
        edge = min(steps, key=lambda edge: document.line(places[edge]))
        # Told from the pathway that stands first in the file.
        start = circle.index(edge[0])
        told = [*circle[start:-1], *circle[: start + 1]]
        yield Wrong(document.line(places[edge]), f"these lead on in a circle: {' → '.join(told)}")
        edges.remove(edge)


def _kept_edges(session: Session) -> list[tuple[str, str]]:
    following = aliased(Pathway)
    found = session.execute(
        select(Pathway.slug, following.slug)
        .join(pathway_leads_on, pathway_leads_on.c.pathway_id == Pathway.id)
        .join(following, following.id == pathway_leads_on.c.next_id)
    )
    return [(before, after) for before, after in found]


def _circle(edges: Sequence[tuple[str, str]]) -> list[str]:
    """Pathways of which each leads on to the next, and the last is the first again; none if there is no such circle."""
    graph: TopologicalSorter[str] = TopologicalSorter()
    for before, after in edges:
        graph.add(after, before)
    try:
        graph.prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
