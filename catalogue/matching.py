"""What the database is asked about words: which opportunities have them, in which part, and in which squares.

SQLite searches by FTS5, PostgreSQL by a tsvector under a GIN index; both tables are those of `catalogue.fulltext`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, bindparam, case, cast, column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from catalogue.squares import NOWHERE
from database.engine import dialect_of

# A word that is found in the skills alone counts as half as far again, one in the rest as three times as far.
FACTORS = (1.0, 1.5, 3.0)
# In all of them PostgreSQL need not read which: no word looks like a square.
PARTS = (("title", ":A"), ("title skills", ":AB"), ("title skills rest", ""))
_ALL_PARTS, _ALL_WEIGHTS = PARTS[-1]
_FIRST = tuple(zip(PARTS[:-1], FACTORS[:-1], strict=True))

indexed = table("opportunity_text", column("rowid"), column("opportunity_id"), column("stems"))


@dataclass(frozen=True, slots=True)
class Query:
    """What a person's words ask for.

    `terms` holds for each word the stems of which one must be there; all words
    must, unless `any_will_do`. `corrected` are pairs of a word as typed and those it
    was read as; `unknown` are words that nothing here contains; `ignored` those
    after the first `MAX_WORDS`.
    """

    terms: tuple[frozenset[str], ...]
    corrected: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unknown: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    any_will_do: bool = False


def ids_within(session: Session, query: Query, squares: Collection[str], most: int) -> list[int]:
    """The ids of the opportunities in some squares that have all the words, at most so many, in no order."""
    return [number for (number,) in _within(session, _IDS_WITHIN, query, squares, most)]


def count_within(session: Session, query: Query, squares: Collection[str], most: int) -> int:
    """How many these are, counted to at most so many."""
    ((number,),) = _within(session, _COUNT_WITHIN, query, squares, most)
    return int(number)


# As text: a search asks it over and over, and SQLAlchemy would take longer to put it together than it takes.
_IDS_WITHIN = {
    "sqlite": "SELECT rowid FROM opportunity_text WHERE opportunity_text MATCH :asked LIMIT :most",
    "postgresql": (
        "SELECT opportunity_id FROM opportunity_text WHERE stems @@ CAST(%(asked)s AS TSQUERY) LIMIT %(most)s"
    ),
}
_COUNT_WITHIN = {
    "sqlite": (
        "SELECT count(*) FROM (SELECT rowid FROM opportunity_text WHERE opportunity_text MATCH :asked LIMIT :most)"
    ),
    # For so few it would rather read the table from its beginning, where none of those in some squares may be.
    "postgresql": ("SELECT least(count(*), %(most)s) FROM opportunity_text WHERE stems @@ CAST(%(asked)s AS TSQUERY)"),
}


def _within(
    session: Session, statements: dict[str, str], query: Query, squares: Collection[str], most: int
) -> Sequence[Any]:
    dialect = dialect_of(session)
    asked = _tsquery(query, _ALL_WEIGHTS, squares) if dialect == "postgresql" else _match(query, _ALL_PARTS, squares)
    session.flush()
    return session.connection().exec_driver_sql(statements[dialect], {"asked": asked, "most": most}).all()


def having(dialect: str, query: Query, squares: Collection[str] = ()) -> Select[int]:
    """The ids of the opportunities that have all the words, wherever; if squares are given, of those in one of them."""
    if dialect == "postgresql":
        return select(indexed.c.opportunity_id).where(_has(query, _ALL_WEIGHTS, squares))
    return _matching(bindparam(None, _match(query, _ALL_PARTS, squares)))


def has_words(dialect: str, query: Query, number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """That the opportunity of an id has all the words.

    SQLite finds all that have them, or those in the squares of `parameters`; PostgreSQL is quicker to look at each.
    """
    if dialect == "postgresql":
        return having(dialect, query).where(indexed.c.opportunity_id == number).correlate_except(indexed).exists()
    return number.in_(_matching(_asked(query, _ALL_PARTS)))


def has_words_nowhere(dialect: str, query: Query, number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """That the opportunity of an id is tied to no one place and has all the words."""
    return number.in_(having(dialect, query, (NOWHERE,)))


def factor(dialect: str, query: Query, number: SQLColumnExpression[int]) -> ColumnElement[float]:
    """How many times as far away the opportunity of an id counts for where the words were found: one of `FACTORS`."""
    if dialect == "postgresql":
        of_one = case(*((_has(query, weights), each) for (_, weights), each in _FIRST), else_=FACTORS[-1])
        return select(of_one).where(indexed.c.opportunity_id == number).correlate_except(indexed).scalar_subquery()
    found_in = ((number.in_(_matching(_asked(query, parts))), each) for (parts, _), each in _FIRST)
    return case(*found_in, else_=FACTORS[-1])


def parameters(dialect: str, query: Query, squares: Collection[str]) -> dict[str, str]:
    """The values of parameters by which a statement with `has_words` or `factor` looks into some squares only.

    Without them it looks everywhere. PostgreSQL has none, as it looks at each.
    """
    return {} if dialect == "postgresql" else {parts: _match(query, parts, squares) for parts, _ in PARTS}


def _has(query: Query, weights: str, squares: Collection[str] = ()) -> ColumnElement[bool]:
    return indexed.c.stems.op("@@")(cast(_tsquery(query, weights, squares), TSQUERY))


def _matching(match: ColumnElement[str]) -> Select[int]:
    return select(indexed.c.rowid).where(column("opportunity_text").op("MATCH")(match))


def _asked(query: Query, parts: str) -> ColumnElement[str]:
    """What FTS5 is to look for, as a parameter that `parameters` may set."""
    return bindparam(parts, _match(query, parts))


def _tsquery(query: Query, weights: str, squares: Collection[str] = ()) -> str:
    """What PostgreSQL is to look for."""
    one_of = (" | ".join(f"'{each}'{weights}" for each in sorted(term)) for term in query.terms)
    has = (" | " if query.any_will_do else " & ").join(f"({each})" for each in one_of)
    return f"({has}) & ({' | '.join(squares)})" if squares else has


def _match(query: Query, parts: str, squares: Collection[str] = ()) -> str:
    """What FTS5 is to look for."""
    one_of = (" OR ".join(f'"{each}"' for each in sorted(term)) for term in query.terms)
    has = (" OR " if query.any_will_do else " AND ").join(f"({each})" for each in one_of)
    return f"{{{parts}}} : ({has})" + (f" AND squares : ({' OR '.join(squares)})" if squares else "")
