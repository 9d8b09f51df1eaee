"""Very many values at once, alike on both databases."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from catalogue.models import Provider
from catalogue.source_models import SourceRecord
from database import bulk

AWKWARD = ["plain", "it's", 'a "quoted" one', "back\\slash", "Ŵ🙂", ""]


@pytest.mark.parametrize("wanted", [AWKWARD, AWKWARD[:1], [], [*AWKWARD, *map(str, range(70_000))]])
def test_words_are_found_among_any_number_of_them(session: Session, wanted: list[str]) -> None:
    session.add_all(Provider(slug=slug, name=slug) for slug in (*AWKWARD, "another"))
    found = session.scalars(select(Provider.slug).where(bulk.among(session, Provider.slug, wanted))).all()
    assert sorted(found) == sorted(set(AWKWARD) & set(wanted))


def test_numbers_of_64_bits_are_too(session: Session) -> None:
    ends = [-(2**63), -1, 2**53 + 1, 2**63 - 1]
    asked = select(1).where(bulk.among(session, SourceRecord.fingerprint, ends))
    assert session.scalars(asked).all() == []  # as PostgreSQL would not answer if they did not fit


def test_the_log_is_checkpointed_as_ever_afterwards(engine: Engine, dialect: str) -> None:
    if dialect == "postgis":
        return  # which has nothing of the kind
    with Session(engine) as session:
        pragma = "PRAGMA wal_autocheckpoint"
        before = session.connection().exec_driver_sql(pragma).scalar_one()
        with bulk.seldom_checkpointed(session):
            assert session.connection().exec_driver_sql(pragma).scalar_one() == bulk.PAGES_TO_CHECKPOINT
        assert session.connection().exec_driver_sql(pragma).scalar_one() == before
