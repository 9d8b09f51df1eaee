"""Who reads from the replica and who from the primary, and what becomes of a request that one of them fails.

The "replica" here is a second database that says so in a title: nothing can read from one and seem to read from the
other. `tests/test_many_machines.py` has a real one.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import psycopg
import pytest
from flask import Flask, Response
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.orm import Session

from app import create_app
from catalogue.embed_models import EmbedCount
from catalogue.models import Opportunity
from catalogue.progress_models import ProgressTick
from catalogue.seeds import load, read
from database import migrate
from database.engine import DatabaseUnavailable, connect
from database.ready import check_replica, newest
from database.session import session
from settings import UK_TIME, Settings
from tests import postgres
from tests.client import CheckedClient
from tests.conftest import GAZETTEER
from tests.test_start import start

PRIMARY, REPLICA = "Read from the primary", "Read from the replica"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
PATHWAY = "/pathways/become-an-electrician"


@pytest.fixture(scope="module")
def pair(postgres_address: str) -> tuple[str, str]:
    """The addresses of two databases with the samples, of which one opportunity's title says which one it is."""
    addresses = [postgres.database(postgres_address, name) for name in ("of_primary", "of_replica")]
    create = partial(psycopg.connect, host=postgres_address, user="doorstep", dbname="postgres", autocommit=True)
    with create() as server:
        server.execute("CREATE DATABASE of_primary")
    engine = connect(addresses[0])
    migrate.upgrade(engine)
    with Session(engine) as made:
        load(made, read(), datetime.now(UK_TIME).date())
        made.commit()
    engine.dispose()
    with create() as server:
        server.execute("CREATE DATABASE of_replica TEMPLATE of_primary")
    for address, title in zip(addresses, (PRIMARY, REPLICA), strict=True):
        engine = create_engine(address)
        with engine.begin() as connection:
            connection.execute(text("UPDATE opportunity SET title = :title WHERE id = 1"), {"title": title})
        engine.dispose()
    return addresses[0], addresses[1]


def made_site(url: str, replica_url: str) -> Flask:
    return create_app(
        Settings(
            _env_file=None,
            database_url=url,
            database_replica_url=replica_url,
            gazetteer_file=GAZETTEER,
            log_level="CRITICAL",
            rate_limit=0,
        )
    )


def closed(app: Flask) -> None:
    app.extensions["engine"].dispose()
    app.extensions["replica"].engine.dispose()


@pytest.fixture
def split(pair: tuple[str, str]) -> Iterator[Flask]:
    app = made_site(*pair)
    yield app
    closed(app)


@pytest.fixture
def reader(split: Flask) -> CheckedClient:
    return CheckedClient(split)


def shown(client: CheckedClient) -> str:
    """What the page of the opportunity says it was read from."""
    page = client.get("/opportunities/1-x", follow_redirects=True)
    assert page.status == 200
    (title,) = page.texts(".//h1")
    return title


def tick(client: CheckedClient, app: Flask) -> None:
    with app.app_context():
        step = session().scalar(text("SELECT s.slug FROM step s JOIN pathway p ON p.id = s.pathway_id LIMIT 1"))
        slug = session().scalar(text("SELECT p.slug FROM step s JOIN pathway p ON p.id = s.pathway_id LIMIT 1"))
    assert client.post(f"/pathways/{slug}/tick", data={"step": step, "done": "yes"}).status == 303


@pytest.mark.parametrize(
    ("said", "hosts", "ports"),
    [
        ("postgres://who:what@a:5432,b:5433/name?target_session_attrs=read-write", "a,b", "5432,5433"),
        ("postgresql://who:what@a,b/name?target_session_attrs=read-write", "a,b", ","),
        ("postgresql://who:what@/name?host=a:1&host=b:2&target_session_attrs=read-write", "a,b", "1,2"),
    ],
)
def test_several_hosts_reach_the_driver_as_it_wants_them(said: str, hosts: str, ports: str) -> None:
    settings = Settings(_env_file=None, database_url=said)
    url = make_url(settings.database_url)
    _, values = url.get_dialect()().create_connect_args(url)
    wanted = {"host": hosts, "port": ports, "user": "who", "password": "what", "dbname": "name"}
    assert values == wanted | {"target_session_attrs": "read-write"}


def test_who_has_written_nothing_reads_from_the_replica(reader: CheckedClient) -> None:
    assert shown(reader) == REPLICA
    assert json.loads(reader.get("/api/v1/opportunities?near=PL1").text)["features"]


READ_BY_ALL = [
    "/",
    "/discover?near=PL1+2AA",
    "/discover?near=PL1+2AA&q=cooking&kind=course",
    "/discover/map?near=PL1+2AA",
    "/discover.csv?near=PL1",
    "/places/plymouth",
    "/pathways",
    f"{PATHWAY}?near=PL1",
    "/badges",
    "/providers/tamar-bank-college",
    "/progress",
    "/shortlist",
    "/sources",
    f"/embed{PATHWAY}?near=PL1",
    "/embed/search",
    "/api/v1/pathways",
    "/sitemap.xml",
]


@pytest.mark.parametrize("path", READ_BY_ALL)
def test_what_all_read_needs_no_primary(
    split: Flask, reader: CheckedClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The replica refuses every write, and without a primary nobody else answers."""

    def opened() -> None:
        raise AssertionError("read from the primary")

    monkeypatch.setitem(split.extensions, "sessions", opened)
    assert reader.get(path, follow_redirects=True).status == 200


@pytest.mark.parametrize("cookie", ["progress", "shortlist"])
def test_who_may_have_written_something_reads_from_the_primary(reader: CheckedClient, cookie: str) -> None:
    reader.set_cookie(cookie, "0" * 32)
    assert shown(reader) == PRIMARY


def test_what_is_ticked_is_seen_at_once(split: Flask, reader: CheckedClient) -> None:
    tick(reader, split)
    assert shown(reader) == PRIMARY
    assert "You have not ticked anything off yet" not in reader.get("/progress").text


def test_commands_use_the_primary(split: Flask) -> None:
    with split.app_context():
        assert session().get_one(Opportunity, 1).title == PRIMARY


def test_pages_that_count_read_from_the_replica_and_write_to_the_primary(split: Flask, reader: CheckedClient) -> None:
    assert reader.get(f"/embed{PATHWAY}", headers={"Referer": "https://college.example/"}).status == 200
    counts = select(EmbedCount.views).where(EmbedCount.host == "college.example")
    with split.app_context():
        assert session().scalar(counts) == 1
    with Session(split.extensions["replica"].engine) as behind:
        assert behind.scalar(counts) is None


def test_the_feed_of_changes_numbers_and_reads_on_the_primary(split: Flask, reader: CheckedClient) -> None:
    items = json.loads(reader.get("/api/v1/rpde/opportunities").text)["items"]
    titles = {item["data"]["name"] for item in items if item["state"] == "updated"}
    assert titles
    assert REPLICA not in titles


def test_a_replica_that_is_away_is_not_missed(pair: tuple[str, str]) -> None:
    app = made_site(pair[0], NOWHERE)
    client = CheckedClient(app)
    assert shown(client) == PRIMARY
    answer = client.get("/readyz")
    assert (answer.status, json.loads(answer.text)["status"]) == (200, "degraded")
    closed(app)


def test_without_the_primary_who_only_reads_is_answered(pair: tuple[str, str]) -> None:
    app = made_site(NOWHERE, pair[1])
    client = CheckedClient(app)
    assert shown(client) == REPLICA
    client.set_cookie("progress", "0" * 32)
    assert shown(client) == REPLICA
    answer = client.get("/readyz")
    assert (answer.status, json.loads(answer.text)["status"]) == (200, "degraded")
    closed(app)


def test_without_both_it_is_not_ready() -> None:
    app = made_site(NOWHERE, NOWHERE)
    assert CheckedClient(app).get("/readyz").status == 503


def test_with_both_all_is_well(reader: CheckedClient) -> None:
    assert json.loads(reader.get("/readyz").text) == {"status": "ok", "overdue_sources": []}


def after_the_first(app: Flask, engine: Engine, statement: str) -> list[int]:
    """Have the server do something to its other connections once, when a view has read from it; says when."""
    done: list[int] = []
    view = app.view_functions["opportunities.show"]

    def show(**values: object) -> object:
        session().connection()
        if not done:
            done.append(1)
            other = create_engine(engine.url, isolation_level="AUTOCOMMIT")
            with other.connect() as connection:
                connection.execute(text(statement))
            other.dispose()
        return view(**values)

    app.view_functions["opportunities.show"] = show  # type: ignore[assignment]
    return done


KILL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_a_replica_killed_in_the_middle_of_a_page_is_not_noticed(split: Flask, reader: CheckedClient) -> None:
    replica = split.extensions["replica"]
    done = after_the_first(split, replica.engine, KILL_OTHERS)
    assert shown(reader) == PRIMARY
    assert done
    assert not replica.may_be_asked()  # for some seconds


@pytest.mark.parametrize("has_cookie", [False, True])
def test_a_database_killed_when_the_answer_is_made_does_not_spoil_it(
    split: Flask, reader: CheckedClient, has_cookie: bool
) -> None:
    engine = split.extensions["engine"] if has_cookie else split.extensions["replica"].engine
    if has_cookie:
        reader.set_cookie("progress", "0" * 32)

    def kill(response: Response) -> Response:
        server = create_engine(engine.url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(KILL_OTHERS))
        server.dispose()
        return response

    split.after_request_funcs.setdefault(None, []).insert(0, kill)
    assert reader.get("/api/v1/pathways").status == 200
    split.after_request_funcs[None].remove(kill)
    assert reader.get("/api/v1/pathways").status == 200


def said_to_be(address: str, revision: str) -> None:
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    engine.dispose()


def test_a_replica_that_lacks_a_table_is_left_until_it_has_it(
    pair: tuple[str, str], split: Flask, reader: CheckedClient
) -> None:
    said_to_be(pair[1], "0001")
    try:
        assert shown(reader) == PRIMARY
        with pytest.raises(DatabaseUnavailable, match="The replica lacks the newest tables"):
            check_replica(split.extensions["replica"].engine)
    finally:
        said_to_be(pair[1], newest())


def test_a_replica_that_lacks_a_table_is_named_in_one_line_at_the_start(pair: tuple[str, str]) -> None:
    said_to_be(pair[1], "0001")
    try:
        result = start(DATABASE_URL=pair[0], DATABASE_REPLICA_URL=pair[1], LOG_LEVEL="WARNING")
    finally:
        said_to_be(pair[1], newest())
    assert (result.returncode, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    assert "The replica lacks the newest tables: pages read from the primary until it has them" in line


def test_a_database_that_is_newer_than_the_site_is_used(pair: tuple[str, str], reader: CheckedClient) -> None:
    """While machines are upgraded one after another."""
    said_to_be(pair[1], "9999")
    try:
        assert shown(reader) == REPLICA
    finally:
        said_to_be(pair[1], newest())


def test_a_page_whose_connection_to_the_primary_dies_is_answered_anew(split: Flask, reader: CheckedClient) -> None:
    engine = split.extensions["engine"]
    done = after_the_first(split, engine, KILL_OTHERS)
    reader.set_cookie("progress", "0" * 32)
    assert shown(reader) == PRIMARY
    assert done


def test_a_write_to_what_takes_none_any_more_is_done_where_it_can_be(split: Flask, reader: CheckedClient) -> None:
    """A server that was demoted keeps its connections: they are dropped, and the request is answered on a new one."""
    engine = split.extensions["engine"]
    with engine.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = on"))
        connection.commit()  # it goes back to the pool as it is
    tick(reader, split)
    with split.app_context():
        assert session().scalar(select(ProgressTick.step_slug).limit(1))
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW default_transaction_read_only")) == "off"
