"""The migrations make the tables that the models describe, on both databases."""

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import catalogue.change_models
import catalogue.embed_models
import catalogue.pathway_models
import catalogue.progress_models
import catalogue.shortlist_models
import catalogue.source_models  # noqa: F401  (fills the metadata that is compared)
from database import migrate
from database.engine import connect
from database.ready import is_current, newest
from tests.conftest import NewDatabase


def test_the_migrated_tables_are_those_of_the_models(engine: Engine) -> None:
    with engine.begin() as connection:
        config = migrate.config()
        config.attributes["connection"] = connection
        command.check(config)  # raises if autogenerate would add anything


def test_the_newest_migration_is_told_without_alembic() -> None:
    assert newest() == ScriptDirectory.from_config(migrate.config()).get_current_head()


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    assert is_current(engine)
    migrate.upgrade(engine)
    assert is_current(engine)


def test_the_newest_migration_is_the_one_that_alembic_takes_for_it() -> None:
    assert newest() == ScriptDirectory.from_config(migrate.config()).get_current_head()


def test_a_new_database_is_not_current(new_database: NewDatabase) -> None:
    engine = connect(new_database("unmigrated"))
    try:
        assert not is_current(engine)
    finally:
        engine.dispose()


def test_venues_are_searched_through_a_spatial_index(engine: Engine, dialect: str) -> None:
    with engine.connect() as connection:
        if dialect == "postgis":
            statement = (
                "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_venue_location' AND indexdef ~ 'geography'"
            )
        else:
            statement = "SELECT count(*) FROM sqlite_master WHERE name = 'idx_venue_location'"
        assert connection.scalar(text(statement)) == 1


def test_sqlite_enforces_foreign_keys_and_writes_ahead(engine: Engine, dialect: str) -> None:
    if dialect == "postgis":
        return  # it always does
    with engine.connect() as connection:
        pragmas = ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        found = [connection.scalar(text(f"PRAGMA {name}")) for name in pragmas]
    assert found == [1, "wal", 1, 5000]


def test_sittings_that_were_there_before_get_their_time_of_week(new_database: NewDatabase) -> None:
    engine = connect(new_database("older"))
    with engine.begin() as connection:
        config = migrate.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO provider VALUES (1, 'p', 'P', '', NULL, false)"))
        connection.execute(
            text(
                "INSERT INTO opportunity (id, key, slug, provider_id, title, summary, description, kind, layer, reach)"
                " VALUES (1, 'k', 's', 1, 'T', 'S', '', 'event', 'engage', 'online')"
            )
        )
        # In British Summer Time: Monday at 16.59 and at 17.00, Saturday just after midnight.
        for number, start in enumerate(("2026-06-01 15:59:00", "2026-06-01 16:00:00", "2026-06-05 23:30:00"), start=1):
            connection.execute(
                text(f"INSERT INTO occurrence VALUES ({number}, 1, '{start}', '2026-06-09 00:00:00')")  # noqa: S608
            )
    migrate.upgrade(engine)
    with engine.connect() as connection:
        found = connection.scalars(text("SELECT time_of_week FROM occurrence ORDER BY id")).all()
        moments = connection.execute(text("SELECT added_at, checked_at FROM opportunity")).one()
    engine.dispose()
    assert found == ["daytime", "evening", "weekend"]
    assert None not in moments


def test_pathways_that_were_there_before_stay_with_their_steps(new_database: NewDatabase) -> None:
    engine = connect(new_database("before_steps_had_names"))
    with engine.begin() as connection:
        config = migrate.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for row in (
            "INSERT INTO provider VALUES (1, 'p', 'P', '', NULL, false)",
            "INSERT INTO pathway VALUES (7, 'into', 1, 'Into', '', '', 'job', 'A job')",
            "INSERT INTO step VALUES (5, 7, 1, 'One', 'Do', 'engage', false), (6, 7, 2, 'Two', 'Do', 'lead', true)",
            "INSERT INTO step_option (id, step_id, position, option_kind, rule_kind) VALUES (3, 6, 1, 'rule', 'job')",
        ):
            connection.execute(text(row))
        command.upgrade(config, "0005")
        steps = connection.execute(text("SELECT id, pathway_id, slug, title, is_optional FROM step ORDER BY id")).all()
        options = connection.execute(text("SELECT id, step_id, rule_kind FROM step_option")).all()
    engine.dispose()
    assert [tuple(step) for step in steps] == [(5, 7, "step-1", "One", False), (6, 7, "step-2", "Two", True)]
    assert [tuple(option) for option in options] == [(3, 6, "job")]


def test_spots_that_were_there_before_say_which_skills_a_badge_is_earned_with(new_database: NewDatabase) -> None:
    engine = connect(new_database("before-kinds"))
    with engine.begin() as connection:
        config = migrate.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for row in (
            "INSERT INTO provider VALUES (1, 'p', 'P', '', NULL, false)",
            "INSERT INTO opportunity (id, key, slug, provider_id, title, summary, description, kind, layer, reach,"
            " added_at, checked_at) VALUES (1, 'a', 's', 1, 'T', 'S', '', 'event', 'engage', 'online', '2026-01-01',"
            " '2026-01-01'), (2, 'b', 's', 1, 'T', 'S', '', 'event', 'engage', 'online', '2026-01-01', '2026-01-01')",
            "INSERT INTO skill VALUES (1, 'a', 'A', 'f', '1'), (2, 'b', 'B', 'f', '2'), (61, 'c', 'C', 'f', '3')",
            "INSERT INTO opportunity_skill VALUES (1, 1), (1, 2), (1, 61)",
            "INSERT INTO spot VALUES (0, -1, -1, 0, 0, 1, -1, 9, false), (5, -1, -1, 0, 0, 1, -1, 9, false),"
            " (6, -1, -1, 0, 0, 1, -1, 9, false), (6, -1, -1, 0, 0, 2, -1, 9, false)",
        ):
            connection.execute(text(row))
    migrate.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT tag, opportunity_id, skill_bits FROM spot ORDER BY 1, 2")).all()
    engine.dispose()
    assert [tuple(row) for row in found] == [(0, 1, -1), (5, 1, -1), (6, 1, 0b110), (6, 2, 0)]
