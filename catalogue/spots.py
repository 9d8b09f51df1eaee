"""Where everything is, by what it counts for: the index through which pathways look.

A pathway asks many small questions of the same place: where is the nearest
workshop in video editing, where is this badge earned, what does that provider
offer. Each would cost a search of its own. So the table `spot` keeps, for each
skill, badge and provider (a *tag*), and for everything (`ANYTHING`), the cells of
a grid in which it is to be had, and one statement asks all the questions of the
cells around a place. It is a copy of what the catalogue says, so whoever writes
opportunities calls `index`.

The Earth is cut into bands from south to north and these into cells from west
to east, about 0.9 miles each way in Britain.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, floor, radians
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Select, Table, TextClause, select, text
from sqlalchemy.orm import Session

from catalogue.earth import METRES_PER_DEGREE_OF_LATITUDE, METRES_PER_DEGREE_OF_LONGITUDE, Point, box_around
from catalogue.models import Opportunity, Skill
from catalogue.words import Kind, Layer
from database.base import Base
from database.engine import dialect_of

BANDS_PER_DEGREE = 80
CELLS_PER_DEGREE = 50
PLACELESS = -1  # the band of what is tied to no one place, less the code of its kind
ANYTHING = 0
BATCH = 500
# What stands in the table. Whoever changes these indexes everything anew.
KIND_CODES = {kind: code for code, kind in enumerate(Kind)}
LAYER_CODES = {layer: code for code, layer in enumerate(Layer)}
ANY_KIND = (1 << len(KIND_CODES)) - 1
ALL_AT_ONCE = -1  # instead of one kind after another
ANY_LAYER = -1
ANY_SKILL = -1
SKILL_BITS = 60
# Those of skills and of everything, of which pathways ask for a kind: what is rare is looked for far away, where
# all the other kinds would be read too.
_HAS_KINDS = "(tag & 3) < 2"

spot = Table(
    "spot",
    Base.metadata,
    Column("tag", Integer, primary_key=True, autoincrement=False),
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("cell", Integer, primary_key=True, autoincrement=False),
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("layer", Integer, primary_key=True, autoincrement=False),
    Column("opportunity_id", ForeignKey("opportunity.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("venue_id", Integer, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Column("is_full", Boolean, nullable=False),
    # Of a badge: bits for the skills that the opportunity teaches, those of their ids modulo `SKILL_BITS`. Of
    # anything else all bits.
    Column("skill_bits", BigInteger, nullable=False, server_default=text("-1")),
    Index(
        "ix_spot_kind",
        *("tag", "kind", "band", "cell", "until", "is_full"),
        sqlite_where=text(_HAS_KINDS),
        postgresql_where=text(_HAS_KINDS),
    ),
)


def skill_tag(skill_id: int) -> int:
    return skill_id * 4 + 1


def skill_tags(slugs: Iterable[str]) -> Select[int]:
    """Those of the skills with these slugs."""
    return select(Skill.id * 4 + 1).where(Skill.slug.in_(sorted(slugs)))


def badge_tag(badge_id: int) -> int:
    return badge_id * 4 + 2


def provider_tag(provider_id: int) -> int:
    return provider_id * 4 + 3


@dataclass(frozen=True, slots=True)
class Question:
    """What an opportunity must carry and be.

    A tag; one of `kinds`, if there are any; the layer, if there is one; and one of the
    skills of these ids, if there are any.
    """

    tag: int = ANYTHING
    kinds: frozenset[Kind] = frozenset()
    layer: Layer | None = None
    skill_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells that touch a circle, from the first to the last, and a radius in metres within which all is in them."""

    south: int
    north: int
    west: int
    east: int
    radius_m: float

    @classmethod
    def around(cls, point: Point, radius_m: float) -> "Cells":
        west, south, east, north = box_around(point, radius_m)
        cells = cls(_band(south), _band(north), _cell(west), _cell(east), radius_m)
        up = min(point.latitude - cells.south_edge, cells.north_edge - point.latitude)
        across = min(point.longitude - cells.west_edge, cells.east_edge - point.longitude)
        sure_m = min(up * METRES_PER_DEGREE_OF_LATITUDE, across * _metres_per_degree(cells, point))
        return replace(cells, radius_m=max(radius_m, sure_m))

    @property
    def area_m2(self) -> float:
        """How many square metres they are, roughly, and more than none."""
        up = (self.north_edge - self.south_edge) * METRES_PER_DEGREE_OF_LATITUDE
        middle = min(90.0, abs(self.south_edge + self.north_edge) / 2)
        across = METRES_PER_DEGREE_OF_LONGITUDE * max(1e-6, cos(radians(middle)))
        return up * (self.east_edge - self.west_edge) * across

    @property
    def south_edge(self) -> float:
        return self.south / BANDS_PER_DEGREE - 90

    @property
    def north_edge(self) -> float:
        return (self.north + 1) / BANDS_PER_DEGREE - 90

    @property
    def west_edge(self) -> float:
        return self.west / CELLS_PER_DEGREE - 180

    @property
    def east_edge(self) -> float:
        return (self.east + 1) / CELLS_PER_DEGREE - 180


class Spotted(NamedTuple):
    """An answer to a question, by the question's place in the list: an opportunity at one of its venues."""

    question: int
    opportunity_id: int
    venue_id: int
    is_full: bool


# How many of one door's can be among the nearest: all of a door are equally far, and then go by their ids.
MOST_AT_A_VENUE = 10
ALWAYS = 1 << 40  # in seconds: long after what has a date
_IDS = {"sqlite": "group_concat(opportunity_id)", "postgresql": "string_agg(opportunity_id::text, ',')"}
_UNTIL = {"sqlite": "CAST(strftime('%s', ends_at) AS INTEGER)", "postgresql": "floor(extract(epoch FROM ends_at))"}


# That a spot may teach what a way asks: bits are sooner compared than skills looked up.
_MAY_TEACH = "(way.skills < 0 OR (spot.skill_bits & way.skill_bits) <> 0)"
# In the very words of the index of kinds, which holds all that is read here.
_OF_KIND = "spot.kind = around.kind AND (spot.tag & 3) < 2"


def _is_answer(at: datetime) -> str:
    """That a spot meets what a way asks, and can still be joined after a moment."""
    return f"""
    (way.kinds >> spot.kind) & 1 = 1
    AND (way.layer < 0 OR way.layer = spot.layer)
    AND spot.until > {floor(at.timestamp()):d}
    AND (way.skills < 0 OR EXISTS (
      SELECT 1 FROM opportunity_skill JOIN taught ON taught.skill_id = opportunity_skill.skill_id
      WHERE opportunity_skill.opportunity_id = spot.opportunity_id AND taught.skills = way.skills))
"""


def spotted(session: Session, questions: Sequence[tuple[int, Question, Cells]], at: datetime) -> list[Spotted]:
    """What answers some questions, each in cells of its own.

    One statement. In no order; an opportunity stands there once for each venue, and those that are full too. Of one
    venue the first `MOST_AT_A_VENUE` by id, of those that are full and of the others.

    Args:
        questions: each with a number for its answers.
        at: the moment after which they must still be open.
    """
    if not questions:
        return []
    south = min(cells.south for _, _, cells in questions)
    north = max(cells.north for _, _, cells in questions)
    around = ", ".join(
        f"({number:d}, {kind:d}, {cells.south:d}, {cells.north:d}, {cells.west:d}, {cells.east:d})"
        for number, asks, cells in questions
        for kind in _one_by_one(asks)
    )
    statement = f"""
        WITH RECURSIVE {_asked([(number, asks) for number, asks, _ in questions])},
        around (question, kind, south, north, west, east) AS (VALUES {around}),
        strip (band) AS (SELECT {south:d} UNION ALL SELECT band + 1 FROM strip WHERE band < {north:d})
        SELECT question, opportunity_id, venue_id, is_full FROM (
          SELECT question, opportunity_id, venue_id, is_full, row_number() OVER (
            PARTITION BY question, venue_id, is_full ORDER BY opportunity_id
          ) AS place
          FROM (
            {_in_cells(f"around.kind = {ALL_AT_ONCE:d} AND {_MAY_TEACH}", at)}
            UNION ALL
            {_in_cells(f"around.kind <> {ALL_AT_ONCE:d} AND {_OF_KIND}", at)}
          ) AS found
        ) AS answer WHERE place <= {MOST_AT_A_VENUE}
        """
    return list(map(Spotted._make, _rows(session, statement)))


def _in_cells(condition: str, at: datetime) -> str:
    """What answers the questions, each in its cells, as a SELECT."""
    # CROSS JOIN keeps SQLite to this order: question, band, the cells between two, their opportunities.
    return f"""
        SELECT way.question, spot.opportunity_id, spot.venue_id, spot.is_full
        FROM way CROSS JOIN around CROSS JOIN strip CROSS JOIN spot
        WHERE around.question = way.question AND strip.band BETWEEN around.south AND around.north
          AND spot.tag = way.tag AND spot.band = strip.band AND spot.cell BETWEEN around.west AND around.east
          AND {condition} AND {_is_answer(at)}
        """


def _one_by_one(asks: Question) -> list[int]:
    """The kinds that are looked for by the index of kinds, or `ALL_AT_ONCE`."""
    return sorted(KIND_CODES[kind] for kind in asks.kinds if asks.tag & 3 < 2) or [ALL_AT_ONCE]


def placeless(
    session: Session, questions: Sequence[tuple[int, Question]], most: int, at: datetime
) -> dict[int, frozenset[int]]:
    """The ids of opportunities without a place that answer each question and are not full, of each at most `most`.

    One statement. By the questions' numbers.
    """
    if not questions:
        return {}
    ids = _IDS[dialect_of(session)]
    bands = ", ".join(
        f"({number:d}, {first:d}, {last:d})"
        for number, each in questions
        for first, last in _placeless_bands(each.kinds)
    )
    statement = f"""
        WITH {_asked(questions)}, of_kind (question, first, last) AS (VALUES {bands})
        SELECT way.question, (
          SELECT {ids} FROM (
            SELECT opportunity_id FROM spot
            WHERE spot.tag = way.tag AND spot.band BETWEEN of_kind.first AND of_kind.last
              AND NOT spot.is_full AND {_MAY_TEACH} AND {_is_answer(at)}
            LIMIT {most:d}
          ) AS found
        ) FROM way JOIN of_kind ON of_kind.question = way.question
        """
    found: dict[int, list[int]] = {number: [] for number, _ in questions}
    for question, some in _rows(session, statement):
        found[question] += map(int, some.split(",")) if some else ()
    return {number: frozenset(sorted(some)[:most]) for number, some in found.items()}


def _rows(session: Session, statement: str) -> Iterable[Sequence[Any]]:
    """The rows of a statement in which only numbers of our own stand: SQLAlchemy need not read all of it each time."""
    return session.connection().exec_driver_sql(statement).all()


def _placeless_bands(kinds: frozenset[Kind]) -> list[tuple[int, int]]:
    """The first and the last band of what has no place, for each kind, or for all at once."""
    if not kinds:
        return [(PLACELESS - max(KIND_CODES.values()), PLACELESS)]
    return [(PLACELESS - KIND_CODES[kind], PLACELESS - KIND_CODES[kind]) for kind in sorted(kinds)]


def _asked(questions: Sequence[tuple[int, Question]]) -> str:
    """The questions as two tables of a WITH clause. Numbers only, so that they may stand in the statement."""
    ways = []
    sets: dict[frozenset[int], int] = {frozenset(): ANY_SKILL}
    for number, each in questions:
        kinds = sum(1 << KIND_CODES[kind] for kind in each.kinds) or ANY_KIND
        layer = ANY_LAYER if each.layer is None else LAYER_CODES[each.layer]
        skills = sets.setdefault(each.skill_ids, len(sets))
        ways.append(f"({number:d}, {each.tag:d}, {kinds:d}, {layer:d}, {skills:d}, {_bits(each.skill_ids):d})")
    taught = [f"({number:d}, {skill_id:d})" for ids, number in sets.items() for skill_id in sorted(ids)]
    return (
        f"way (question, tag, kinds, layer, skills, skill_bits) AS (VALUES {', '.join(ways)}), "
        f"taught (skills, skill_id) AS (VALUES {', '.join(taught) or '(-1, -1)'})"
    )


def _bits(skill_ids: Collection[int]) -> int:
    return sum({1 << (each % SKILL_BITS) for each in skill_ids})


def _band(latitude: float) -> int:
    return floor((latitude + 90) * BANDS_PER_DEGREE)


def _cell(longitude: float) -> int:
    return floor((longitude + 180) * CELLS_PER_DEGREE)


def _metres_per_degree(cells: Cells, point: Point) -> float:
    """Of longitude, at least, between the cells' southern and northern edges; 0 where that says nothing."""
    farthest = max(abs(cells.south_edge), abs(cells.north_edge), abs(point.latitude))
    return METRES_PER_DEGREE_OF_LONGITUDE * max(0.0, cos(radians(min(90.0, farthest))))


def index_missing(session: Session) -> int:
    """Index what is not yet, such as all that was there before there was an index; how many that were."""
    known = select(spot.c.opportunity_id).where(spot.c.opportunity_id == Opportunity.id, spot.c.tag == ANYTHING)
    missing = session.scalars(select(Opportunity.id).where(~known.exists())).all()
    index(session, missing)
    return len(missing)


def index(session: Session, ids: Collection[int] | None = None) -> None:
    """Bring the index up to date with some opportunities as they now stand in the database, or with all.

    Whoever writes opportunities or moves a venue calls this and commits. What is deleted
    from the catalogue leaves the index by itself.
    """
    session.flush()
    if ids is None:
        session.execute(text("DELETE FROM spot"))
        session.execute(_insert(session, "", is_ordered=True))
        return
    wanted = sorted(ids)
    for start in range(0, len(wanted), BATCH):
        some = ", ".join(f"{each:d}" for each in wanted[start : start + BATCH])
        session.execute(text(f"DELETE FROM spot WHERE opportunity_id IN ({some})"))
        session.execute(_insert(session, f"AND opportunity.id IN ({some})"))


def index_new(session: Session, ids: range) -> None:
    """The same, faster, for very many new opportunities whose ids stand in a row."""
    session.flush()
    # As values: a statement of its own for each batch would be kept, by SQLAlchemy and by SQLite, for hundreds of them.
    of_these = _insert(session, "AND opportunity.id BETWEEN :first AND :last", is_ordered=True)
    session.execute(of_these, {"first": ids[0], "last": ids[-1]})


def _insert(session: Session, some: str, is_ordered: bool = False) -> TextClause:
    """The statement that indexes some opportunities; in the order of the table where there are many."""
    until = _UNTIL[dialect_of(session)]
    return text(_INSERT.format(some=some, until=until, order="ORDER BY 1, 2, 3, 4, 5, 6, 7" if is_ordered else ""))


def _codes(column: str, codes: dict[Kind, int] | dict[Layer, int]) -> str:
    return f"CASE {column} " + " ".join(f"WHEN '{word}' THEN {code}" for word, code in codes.items()) + " END"


_INSERT = f"""
    WITH place (opportunity_id, provider_id, kind, layer, band, cell, venue_id, until, is_full) AS (
      SELECT opportunity.id, provider_id, {_codes("kind", KIND_CODES)}, {_codes("layer", LAYER_CODES)},
        CAST(floor((ST_Y(location) + 90) * {BANDS_PER_DEGREE}) AS INTEGER),
        CAST(floor((ST_X(location) + 180) * {CELLS_PER_DEGREE}) AS INTEGER), venue.id,
        coalesce({{until}}, {ALWAYS}), is_full
      FROM opportunity
      JOIN opportunity_venue ON opportunity_venue.opportunity_id = opportunity.id
      JOIN venue ON venue.id = opportunity_venue.venue_id
      WHERE reach = 'venue' {{some}}
      UNION ALL
      SELECT opportunity.id, provider_id, {_codes("kind", KIND_CODES)}, {_codes("layer", LAYER_CODES)},
        {PLACELESS} - {_codes("kind", KIND_CODES)}, -1, -1,
        coalesce({{until}}, {ALWAYS}), is_full
      FROM opportunity WHERE reach <> 'venue' {{some}}
    )
    INSERT INTO spot (tag, band, cell, kind, layer, opportunity_id, venue_id, until, is_full, skill_bits)
    SELECT {ANYTHING}, band, cell, kind, layer, opportunity_id, venue_id, until, is_full, -1 FROM place
    UNION ALL
    SELECT provider_id * 4 + 3, band, cell, kind, layer, opportunity_id, venue_id, until, is_full, -1 FROM place
    UNION ALL
    SELECT skill_id * 4 + 1, band, cell, kind, layer, place.opportunity_id, venue_id, until, is_full, -1
    FROM place JOIN opportunity_skill ON opportunity_skill.opportunity_id = place.opportunity_id
    UNION ALL
    SELECT badge_id * 4 + 2, band, cell, kind, layer, place.opportunity_id, venue_id, until, is_full, coalesce((
      SELECT CAST(sum(DISTINCT CAST(1 AS BIGINT) << (skill_id % {SKILL_BITS})) AS BIGINT)
      FROM opportunity_skill WHERE opportunity_skill.opportunity_id = place.opportunity_id
    ), 0)
    FROM place JOIN opportunity_badge ON opportunity_badge.opportunity_id = place.opportunity_id
    {{order}}
"""
