"""Searching by words: stemmed, typing mistakes forgiven, alike on both databases.

Each opportunity's stems are kept in three parts: its title, its skills, and the
rest (summary, provider). SQLite searches them by FTS5, PostgreSQL by a tsvector
under a GIN index. The table `search_word` keeps every word that was ever
indexed; where a person types one that is not there, those that share letters
with it are found by trigrams, and the closest stand in for it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein
from sqlalchemy import (
    ARRAY,
    Select,
    String,
    Subquery,
    case,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from catalogue.models import Opportunity, Provider, Skill, opportunity_skill
from catalogue.stems import STOP_WORDS, stem, words_of

MAX_WORDS = 8
BATCH = 1_000
# A word that is found in the skills alone counts as half as far again, one in the rest as three times as far.
FACTORS = (1.0, 1.5, 3.0)
PARTS = (("title", "A"), ("title skills", "AB"), ("title skills rest", "ABC"))
LONG_ENOUGH_TO_BEGIN_OTHERS = 5
LONG_ENOUGH_TO_MISSPELL = 4
MOST_READINGS = 50
MOST_SLIPS = 2
MOST_SIMILAR = 3
MOST_COMPARED = 5_000

_text = table("opportunity_text", column("rowid"), column("opportunity_id"), column("stems"))
_word = table("search_word", column("word"), column("stem"))
_trigram = table("search_word_trigram", column("word"), column("rank"))


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
    most = 1 if len(word) == LONG_ENOUGH_TO_MISSPELL else MOST_SLIPS
    measured = [(DamerauLevenshtein.distance(word, other), other) for other in _sharing_letters(session, word)]
    close = sorted((distance, other[0] != word[0], other) for distance, other in measured if distance <= most)
    return [other for distance, _, other in close if distance == close[0][0]][:MOST_SIMILAR]


def _sharing_letters(session: Session, word: str) -> Iterable[str]:
    """Words of about its length that have three letters in a row in common with it, in the order of their letters."""
    trigrams = [word[start : start + 3] for start in range(len(word) - 2)]
    if session.get_bind().dialect.name == "postgresql":
        # Found through the trigram index, and no others than SQLite finds.
        words, has_one = _word, _word.c.word.like(func.any(cast([f"%{each}%" for each in trigrams], ARRAY(String))))
    else:
        words, has_one = (
            _trigram,
            column("search_word_trigram").op("MATCH")(" OR ".join(f'"{each}"' for each in trigrams)),
        )
    length = func.length(words.c.word).between(len(word) - MOST_SLIPS, len(word) + MOST_SLIPS)
    return session.scalars(select(words.c.word).where(has_one, length).order_by(words.c.word).limit(MOST_COMPARED))


def matching(session: Session, query: Query) -> Subquery:
    """The opportunities that have all the words: (opportunity_id, factor), one row each.

    `factor` is how many times as far away a match counts for where the words were
    found, one of `FACTORS`.
    """
    if session.get_bind().dialect.name == "postgresql":
        return _matching_postgres(query).subquery("matching")
    return _matching_sqlite(query).subquery("matching")


def _matching_postgres(query: Query) -> Select[tuple[int, float]]:
    def has(weights: str) -> str:
        one_of = (" | ".join(f"'{each}':{weights}" for each in sorted(term)) for term in query.terms)
        return (" | " if query.any_will_do else " & ").join(f"({each})" for each in one_of)

    tests = [_text.c.stems.op("@@")(cast(has(weights), TSQUERY)) for _, weights in PARTS]
    factor = case((tests[0], FACTORS[0]), (tests[1], FACTORS[1]), else_=FACTORS[2])
    return select(_text.c.opportunity_id, factor.label("factor")).where(tests[2])


def _matching_sqlite(query: Query) -> Select[tuple[int, float]]:
    one_of = (" OR ".join(f'"{each}"' for each in sorted(term)) for term in query.terms)
    has = (" OR " if query.any_will_do else " AND ").join(f"({each})" for each in one_of)
    found = union_all(
        *(
            select(_text.c.rowid.label("opportunity_id"), literal(factor).label("factor")).where(
                column("opportunity_text").op("MATCH")(f"{{{parts}}} : ({has})")
            )
            for (parts, _), factor in zip(PARTS, FACTORS, strict=True)
        )
    ).subquery()
    return select(found.c.opportunity_id, func.min(found.c.factor).label("factor")).group_by(found.c.opportunity_id)


def index_missing(session: Session) -> int:
    """Index what is not yet, such as all that was there before there was an index; how many that were."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    known = select(_text.c.opportunity_id if is_postgres else _text.c.rowid)
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
        _index_batch(session, wanted[start : start + BATCH])


def _index_batch(session: Session, ids: list[int]) -> None:
    skills: dict[int, list[str]] = {}
    named = (
        select(opportunity_skill.c.opportunity_id, Skill.name)
        .join(Skill, Skill.id == opportunity_skill.c.skill_id)
        .where(opportunity_skill.c.opportunity_id.in_(ids))
    )
    for opportunity_id, name in session.execute(named):
        skills.setdefault(opportunity_id, []).append(name)
    rows: list[dict[str, object]] = []
    vocabulary: set[str] = set()
    told = (
        select(Opportunity.id, Opportunity.title, Opportunity.summary, Provider.name)
        .join(Provider, Provider.id == Opportunity.provider_id)
        .where(Opportunity.id.in_(ids))
    )
    for opportunity_id, title, summary, provider in session.execute(told):
        parts = {
            "title": words_of(title),
            "skills": words_of(" ".join(skills.get(opportunity_id, ()))),
            "rest": words_of(f"{summary} {provider}"),
        }
        vocabulary.update(*parts.values())
        rows.append({"id": opportunity_id} | {name: " ".join(map(stem, words)) for name, words in parts.items()})
    _write(session, rows)
    if vocabulary:
        session.execute(
            text("INSERT INTO search_word (word, stem) VALUES (:word, :stem) ON CONFLICT DO NOTHING"),
            [{"word": word, "stem": stem(word)} for word in sorted(vocabulary)],
        )


def _weighed(row: dict[str, object]) -> dict[str, str]:
    """The parts as literals of `tsvector`, with their weights: its own parser would take some stems apart again."""
    return {
        part: " ".join(f"'{each}':{place}{weight}" for place, each in enumerate(str(row[part]).split(), start=1))
        for part, weight in (("title", "A"), ("skills", "B"), ("rest", "C"))
    }


def _write(session: Session, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        statement = """
            INSERT INTO opportunity_text (opportunity_id, stems)
            VALUES (:id, CAST(:title AS tsvector) || CAST(:skills AS tsvector) || CAST(:rest AS tsvector))
            ON CONFLICT (opportunity_id) DO UPDATE SET stems = excluded.stems"""
        session.execute(text(statement), [row | _weighed(row) for row in rows])
        return
    session.execute(text("DELETE FROM opportunity_text WHERE rowid = :id"), [{"id": row["id"]} for row in rows])
    statement = "INSERT INTO opportunity_text (rowid, title, skills, rest) VALUES (:id, :title, :skills, :rest)"
    session.execute(text(statement), rows)
