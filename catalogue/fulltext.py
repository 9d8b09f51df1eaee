"""Searching by words: stemmed, typing mistakes forgiven, alike on both databases.

Each opportunity's stems are kept in three parts: its title, its skills, and the
rest (summary, provider); beside them, as if they were words too, the squares of the map that it is in. SQLite searches
them by FTS5, PostgreSQL by a tsvector
under a GIN index. The table `search_word` keeps every word that was ever
indexed; where a person types one that is not there, those that share letters
with it are found by trigrams, and the closest stand in for it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    String,
    bindparam,
    cast,
    column,
    delete,
    func,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from catalogue.matching import Query, indexed
from catalogue.models import Opportunity, Provider, Skill, Venue, opportunity_skill, opportunity_venue
from catalogue.squares import NOWHERE, squares_of
from catalogue.stems import STOP_WORDS, stem, words_of
from catalogue.words import Reach
from database import bulk
from database.engine import dialect_of

MAX_WORDS = 8
BATCH = 1_000
BULK = 10_000
LONG_ENOUGH_TO_BEGIN_OTHERS = 5
LONG_ENOUGH_TO_MISSPELL = 4
MOST_READINGS = 50
MOST_SLIPS = 2
MOST_SIMILAR = 3
MOST_COMPARED = 5_000


class Row(NamedTuple):
    """The stems of an opportunity, part by part, and its squares."""

    id: int
    title: str
    skills: str
    rest: str
    squares: str


_word = table("search_word", column("word"), column("stem"))
_trigram = table("search_word_trigram", column("word"), column("rank"))


def read(session: Session, typed: str) -> Query | None:
    """Read the words that a person typed, at most `MAX_WORDS` of them. None if there are none."""
    words = list(dict.fromkeys(words_of(typed)))
    # "IT" alone is a word like any other.
    telling = [word for word in words if word not in STOP_WORDS] or words
    terms, corrected, unknown = [], [], []
    for word in telling[:MAX_WORDS]:
        stems = _known(session, word)
        if not stems:
            similar = _similar(session, word)
            stems = frozenset(map(stem, similar))
            if similar:
                corrected.append((word, tuple(similar)))
            else:
                unknown.append(word)
        terms.append(stems or frozenset({stem(word)}))
    return Query(tuple(terms), tuple(corrected), tuple(unknown), tuple(telling[MAX_WORDS:])) if terms else None


def _known(session: Session, word: str) -> frozenset[str]:
    """The stems that a word may mean: its own, and those of the words that begin with it if it is long enough.

    If there is neither, those of the words that begin with its stem: "electrical" finds "electrician".
    """
    own = stem(word)
    is_known = session.scalar(select(_word.c.stem).where(_word.c.stem == own).limit(1)) is not None
    found = {own} if is_known else set()
    if len(word) >= LONG_ENOUGH_TO_BEGIN_OTHERS or not is_known:
        found |= _beginning_with(session, word)
    if not found and len(own) >= LONG_ENOUGH_TO_BEGIN_OTHERS:
        found = _beginning_with(session, own)
    return frozenset(found)


def _beginning_with(session: Session, letters: str) -> set[str]:
    # The words are ordered by code point, so that those with a common beginning stand together.
    begins = select(_word.c.stem).where(_word.c.word >= letters, _word.c.word < letters + "\U0010ffff")
    return set(session.scalars(begins.order_by(_word.c.word).limit(MOST_READINGS)))


def _similar(session: Session, word: str) -> list[str]:
    """The words that are closest to a misspelt one, by letters added, left out, changed or swapped; best first."""
    if len(word) < LONG_ENOUGH_TO_MISSPELL:
        return []
    from rapidfuzz.distance import DamerauLevenshtein  # large, and only for this

    most = 1 if len(word) == LONG_ENOUGH_TO_MISSPELL else MOST_SLIPS
    measured = [(DamerauLevenshtein.distance(word, other), other) for other in _sharing_letters(session, word)]
    close = sorted((distance, other[0] != word[0], other) for distance, other in measured if distance <= most)
    return [other for distance, _, other in close if distance == close[0][0]][:MOST_SIMILAR]


def _sharing_letters(session: Session, word: str) -> Iterable[str]:
    """Words of about its length that have three letters in a row in common with it, in the order of their letters."""
    trigrams = [word[start : start + 3] for start in range(len(word) - 2)]
    if dialect_of(session) == "postgresql":
        # Found through the trigram index, and no others than SQLite finds.
        words, has_one = _word, _word.c.word.like(func.any(cast([f"%{each}%" for each in trigrams], ARRAY(String))))
    else:
        words, has_one = (
            _trigram,
            column("search_word_trigram").op("MATCH")(" OR ".join(f'"{each}"' for each in trigrams)),
        )
    length = func.length(words.c.word).between(len(word) - MOST_SLIPS, len(word) + MOST_SLIPS)
    return session.scalars(select(words.c.word).where(has_one, length).order_by(words.c.word).limit(MOST_COMPARED))


def index_missing(session: Session) -> int:
    """Index what is not yet, such as all that was there before there was an index; how many that were."""
    is_postgres = dialect_of(session) == "postgresql"
    known = select(indexed.c.opportunity_id if is_postgres else indexed.c.rowid)
    missing = session.scalars(select(Opportunity.id).where(Opportunity.id.not_in(known))).all()
    index(session, missing)
    return len(missing)


def index(session: Session, ids: Collection[int] | None = None) -> None:
    """Bring the index up to date with some opportunities as they now stand in the database, or with all.

    Whoever writes opportunities, or renames a provider or a skill, calls this and commits. What is deleted
    from the catalogue leaves the index by itself.
    """
    wanted = sorted(ids) if ids is not None else list(session.scalars(select(Opportunity.id).order_by(Opportunity.id)))
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        rows, vocabulary = _read(session, batch)
        _write(session, rows)
        _learn(session, vocabulary)


def index_new(
    session: Session,
    ids: range,
    done: Callable[[int], None] = lambda _count: None,
    *,
    known: set[str] | None = None,
) -> None:
    """Index very many opportunities whose ids stand in a row, and none of which is in the index yet.

    It looks for nothing to replace and writes each word once, which `index` cannot.

    Args:
        done: told, after each batch, how many opportunities are indexed.
        known: words that are in the index already, to which those of these opportunities are added.
    """
    known = set() if known is None else known
    for first in range(ids.start, ids.stop, BULK):
        last = min(first + BULK, ids.stop) - 1
        rows, vocabulary = _read(session, range(first, last + 1))
        _insert_new(session, rows)
        _learn(session, vocabulary - known)
        known |= vocabulary
        done(last + 1 - ids.start)


def _read(session: Session, wanted: Sequence[int]) -> tuple[list[Row], set[str]]:
    """What is to be indexed of some opportunities, by id, and all the words in it."""

    def is_wanted(number: Any) -> ColumnElement[bool]:
        one_of: ColumnElement[bool] = (
            number.between(wanted[0], wanted[-1]) if isinstance(wanted, range) else number.in_(wanted)
        )
        return one_of

    taught, venues = opportunity_skill.c, opportunity_venue.c
    skills: dict[int, list[str]] = {}
    named = select(taught.opportunity_id, Skill.name).join(Skill, Skill.id == taught.skill_id)
    for opportunity_id, name in session.execute(named.where(is_wanted(taught.opportunity_id))):
        skills.setdefault(opportunity_id, []).append(name)
    points: dict[int, list[tuple[float, float]]] = {}
    placed = select(venues.opportunity_id, Venue.longitude, Venue.latitude).join(Venue, Venue.id == venues.venue_id)
    for opportunity_id, *point in session.execute(placed.where(is_wanted(venues.opportunity_id))):
        points.setdefault(opportunity_id, []).append(tuple(point))
    told = (
        select(Opportunity.id, Opportunity.title, Opportunity.summary, Provider.name, Opportunity.reach)
        .join(Provider, Provider.id == Opportunity.provider_id)
        .where(is_wanted(Opportunity.id))
    )
    rows: list[Row] = []
    vocabulary: set[str] = set()
    for opportunity_id, title, summary, provider, reach in session.execute(told):
        named_skills = " ".join(sorted(skills.get(opportunity_id, ())))
        words = (words_of(title), words_of(named_skills) if named_skills else (), words_of(f"{summary} {provider}"))
        vocabulary.update(*words)
        title, taught_stems, rest = (" ".join(map(stem, part)) for part in words)
        squares = " ".join(sorted(squares_of(points.get(opportunity_id, ())))) if reach is Reach.VENUE else NOWHERE
        rows.append(Row(opportunity_id, title, taught_stems, rest, squares))
    return rows, vocabulary


def _learn(session: Session, vocabulary: set[str]) -> None:
    if vocabulary:
        session.execute(
            text("INSERT INTO search_word (word, stem) VALUES (:word, :stem) ON CONFLICT DO NOTHING"),
            [{"word": word, "stem": stem(word)} for word in sorted(vocabulary)],
        )


def _weighed(row: Row) -> str:
    """A row as a literal of `tsvector`, with its weights: its own parser would take some stems apart again."""
    parts = (row.title, row.skills, row.rest)
    weighed = [(each, weight) for part, weight in zip(parts, "ABC", strict=True) for each in part.split()]
    words = " ".join(f"'{each}':{place}{weight}" for place, (each, weight) in enumerate(weighed, start=1))
    return f"{words} {row.squares}"


def _write(session: Session, rows: list[Row]) -> None:
    """Put rows into the index in the place of those of the same opportunities."""
    if not rows:
        return
    is_postgres = dialect_of(session) == "postgresql"
    number = indexed.c.opportunity_id if is_postgres else indexed.c.rowid
    gone = delete(indexed).where(number == bindparam("id"))
    session.execute(gone, [{"id": row.id} for row in rows])
    _insert_new(session, rows)


def _insert_new(session: Session, rows: list[Row]) -> None:
    if dialect_of(session) == "postgresql":
        bulk.write(session, "opportunity_text", ("opportunity_id", "stems"), [(row.id, _weighed(row)) for row in rows])
    else:
        bulk.write(session, "opportunity_text", ("rowid", "title", "skills", "rest", "squares"), rows)
