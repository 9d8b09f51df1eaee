"""The 20 nearest opportunities, at every size and on both databases, beside the fastest that each store alone can do.

Asked for in a dense city, a town and where there is little; with no filter, a common one, words, and filters that
match one in ten thousand anywhere. In turns with the bare stores of `benchmarks.points`, at the same spots.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from benchmarks import points
from benchmarks.figures import Figure, Goal, Of, Scale, alone, at_most, in_turns, measured, say
from benchmarks.places import Spot, spot
from benchmarks.points import Ask, InRedis, OnPostgis, OnSpatialite
from benchmarks.synthetic import postgis_of, spatialite
from catalogue import fulltext, queries
from catalogue.filters import Filters
from catalogue.models import Opportunity
from catalogue.nearest import nearest
from catalogue.words import Kind
from database.engine import connect

LIMIT = 20
PLACES = ("London", "Plymouth", "the Highlands")
WORDS = "welding"
COMMON_WORD = "work"  # of a quarter of all
SPOTS = 50
SECONDS = 1.2  # for each question: what is slow is asked at fewer spots
ONE_IN = 10_000
RARE_MS = 30.0
REDIS_MILES = {1.0: 1.0, 25.0: 1 / 50}  # the share of its time that a search may take
# Of the synthetic opportunities these two go together in about one in ten thousand.
RARE_SKILL, RARE_KIND = "pitching", Kind.PROJECT


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, how that is called, and the kind that the bare points are asked for."""

    name: str
    filters: Filters
    kind: str | None = None
    beside: str = "bare points"
    goals: tuple[Goal, ...] = ()
    is_rare: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Where a question is asked."""

    session: Session
    database: str
    size: int
    scale: Scale


def figures(scale: Scale) -> Iterator[Figure]:
    files = [spatialite(size) for size in scale.sizes]
    word = rare_word(files[-1])
    with postgis_of(scale.sizes) as urls:
        for size, file, url in zip(scale.sizes, files, urls, strict=True):
            say(f"nearest among {size:,}")
            with opened(points.beside(file)) as tree, catalogue(file, "SpatiaLite", size, scale) as on:
                bare = OnSpatialite(tree)
                yield from against(on, questions(on), bare.nearest)
                yield within_a_known_radius(on, bare)
            with OnPostgis.opened(url) as table, catalogue(url, "PostGIS", size, scale) as on:
                yield from against(on, questions(on), table.nearest)
        say("nearest beside Redis")
        with points.redis_server() as client:
            in_redis = InRedis(client)
            in_redis.fill(points.all_of(files[-1]))
            for database, url in (("SpatiaLite", files[-1]), ("PostGIS", urls[-1])):
                with catalogue(url, database, scale.largest, scale) as on:
                    yield from against_redis(on, in_redis)
        say("nearest of what is rare")
        with opened(points.beside(files[-1])) as tree, catalogue(files[-1], "SpatiaLite", scale.largest, scale) as on:
            yield from against(on, rare(on, word), OnSpatialite(tree).nearest)
        with OnPostgis.opened(urls[-1]) as table, catalogue(urls[-1], "PostGIS", scale.largest, scale) as on:
            yield from against(on, rare(on, word), table.nearest)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@contextmanager
def catalogue(url: str, database: str, size: int, scale: Scale) -> Iterator[Catalogue]:
    with opened(url) as engine, Session(engine) as session:
        yield Catalogue(session, database, size, scale)


def against(on: Catalogue, questions: Iterable[Question], bare: Callable[[str | None, Spot], Ask]) -> Iterator[Figure]:
    """Every question in every place, beside the bare points of one kind or of all."""
    for question in questions:
        for place in PLACES:
            goals = question.goals if place == "London" or question.is_rare else ()
            yield asked(on, question, place, partial(bare, question.kind), goals)


def within_a_known_radius(on: Catalogue, bare: OnSpatialite) -> Figure:
    """London beside the R*Tree as somebody could ask it: with one radius that holds 20 at every spot there.

    The goal is set against this: a statement with another radius for every spot is none that anybody could write.
    """
    radius_m = max(bare.best_radius_m(each) for each in spots(on.scale, "London"))
    question = Question("no filter, one radius", Filters.live(), beside=f"bare points within {radius_m:,.0f} m")
    return asked(on, question, "London", lambda at: bare.with_radius(at, radius_m), goals_at(on))


def goals_at(on: Catalogue) -> tuple[Goal, ...]:
    """Of what is asked in London without a filter, beside what the store alone can do."""
    return (at_most(1, Of.RATIO),) if on.size == on.scale.largest else ()


def against_redis(on: Catalogue, in_redis: InRedis) -> Iterator[Figure]:
    for miles, share in REDIS_MILES.items():
        question = Question(f"within {miles:g} mi", replace(Filters.live(), within_miles=miles), beside="Redis")
        yield asked(on, question, "London", partial(in_redis.nearest, miles=miles), [at_most(share, Of.RATIO)])


def spots(scale: Scale, place: str) -> list[Spot]:
    chance = Random(1)
    return [spot(chance, place) for _ in range(scale.times(SPOTS, least=8))]


def asked(
    on: Catalogue, question: Question, place: str, bare: Callable[[Spot], Ask], goals: Sequence[Goal] = ()
) -> Figure:
    """A question and the bare points, at the same spots."""
    at = spots(on.scale, place)
    pairs = ((partial(nearest, on.session, each, question.filters, LIMIT), bare(each)) for each in [at[0], *at])
    ours, beside = in_turns(pairs, SECONDS)
    few = f"{len(ours)} spots" if len(ours) < len(at) else ""
    return measured(
        f"{place}, {question.name}",
        ours,
        beside=(question.beside, beside),
        goals=goals,
        size=on.size,
        database=on.database,
        note=", ".join(filter(None, (question.note, few))),
    )


def questions(on: Catalogue) -> list[Question]:
    """What is asked at every size. The bare points know no words, and so are asked for all."""
    everything = Filters.live()
    return [
        Question("no filter", everything, goals=goals_at(on) if on.database == "PostGIS" else ()),
        Question("courses", replace(everything, kinds=frozenset({Kind.COURSE})), kind="course"),
        *(
            Question(
                f"“{word}”", replace(everything, words=fulltext.read(on.session, word)), beside="bare points, any words"
            )
            for word in (WORDS, COMMON_WORD)
        ),
    ]


def rare(on: Catalogue, word: str) -> Iterator[Question]:
    """Filters that match about one in ten thousand, anywhere: a provider, a skill with a kind, a word."""
    everything = Filters.live()
    provider_id = on.session.scalars(
        select(Opportunity.provider_id)
        .group_by(Opportunity.provider_id)
        .order_by(func.abs(func.count() - on.size / ONE_IN), Opportunity.provider_id)
    ).first()
    named = {
        "a provider": replace(everything, provider_id=provider_id),
        "a skill and a kind": replace(everything, skills=frozenset({RARE_SKILL}), kinds=frozenset({RARE_KIND})),
        "a rare word": replace(everything, words=fulltext.read(on.session, word)),
    }
    for what, filters in named.items():
        goals = (at_most(RARE_MS, Of.P95),)
        note = f"{queries.count_with_venue(on.session, filters):,} of {on.size:,}"
        yield Question(what, filters, beside="bare points, no filter", goals=goals, is_rare=True, note=note)


def rare_word(url: str) -> str:
    """The word that is nearest to being in one opportunity in ten thousand, in a SpatiaLite catalogue."""
    with opened(url) as engine, engine.connect() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, opportunity_text, row)")
        count = connection.scalar(select(func.count()).select_from(Opportunity)) or 0
        nearest = "SELECT term FROM temp.word ORDER BY abs(doc - ?), term LIMIT 1"
        return str(connection.exec_driver_sql(nearest, (count / ONE_IN,)).scalar_one())


if __name__ == "__main__":
    sys.exit(alone(figures))
