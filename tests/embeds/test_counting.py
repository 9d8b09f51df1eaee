"""Counting views and clicks: by day, widget and host, and never at the cost of the page."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app import create_app
from catalogue.embed_models import EmbedCount
from database.engine import connect
from embeds import counting
from embeds.counting import count_click, count_view, host_of
from settings import UK_TIME, Settings
from tests.client import CheckedClient
from tests.conftest import GAZETTEER
from tests.test_start import NOWHERE

WIDGET = "pathway:coach-a-sport"
PAGE = "/embed/pathways/coach-a-sport"


@pytest.fixture
def counted(site: Flask) -> Iterator[Flask]:
    """The site with no counts, before and after."""
    _forget(site)
    yield site
    _forget(site)


def _forget(site: Flask) -> None:
    site.extensions.pop(counting._RESTS_UNTIL, None)
    site.extensions["last_good"].forget()
    with site.extensions["engine"].begin() as connection:
        connection.execute(delete(EmbedCount))


def rows(site: Flask) -> list[tuple[str, str, int, int]]:
    with Session(site.extensions["engine"]) as session:
        found = session.scalars(select(EmbedCount).order_by(EmbedCount.widget)).all()
    assert {each.day for each in found} <= {datetime.now(UK_TIME).date()}
    return sorted((each.widget, each.host, each.views, each.clicks) for each in found)


def read_only(engine: Engine) -> Engine:
    """The same database, to which this engine cannot write."""
    made = connect(engine.url.render_as_string(hide_password=False))
    is_sqlite = made.dialect.name == "sqlite"

    def forbid(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.cursor().execute("PRAGMA query_only = 1" if is_sqlite else "SET default_transaction_read_only = on")
        connection.commit()

    event.listen(made, "connect", forbid)
    return made


def test_views_and_clicks_add_up(counted: Flask) -> None:
    with counted.test_request_context():
        count_view(WIDGET, "college.example")
        count_view(WIDGET, "college.example")
        count_click(WIDGET, "college.example")
        count_view("search", "")
    assert rows(counted) == [(WIDGET, "college.example", 2, 1), ("search", "", 1, 0)]


def test_a_page_with_a_widget_is_counted_under_its_host_and_nothing_finer(
    counted: Flask, client: CheckedClient
) -> None:
    where = "https://www.college.example/courses?student=Sam"
    assert client.get(PAGE, headers={"Referer": where}).status == 200
    assert rows(counted) == [(WIDGET, "www.college.example", 1, 0)]


def test_what_is_no_host_and_our_own_count_under_none(counted: Flask) -> None:
    with counted.test_request_context():
        for host in ("=cmd()", "UPPER.example", "a b", "x" * 300, "localhost", "college.example:8000"):
            count_view(WIDGET, host)
    assert rows(counted) == [(WIDGET, "", 5, 0), (WIDGET, "college.example", 1, 0)]


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://College.Example:8443/courses?a=b", "college.example"),
        ("https://someone:secret@college.example/", "college.example"),
        ("https://college.example", "college.example"),
        ("about:blank", ""),
        ("", ""),
        (None, ""),
        ("https://[::1", ""),
        ("https://" + "a" * 300, ""),
        ("https://=1+1/", ""),
    ],
)
def test_the_host_of_a_referer(referrer: str | None, host: str) -> None:
    assert host_of(referrer) == host


def test_a_database_that_cannot_be_written_to_spoils_no_page(
    counted: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = read_only(counted.extensions["engine"])
    try:
        with monkeypatch.context() as patch:
            patch.setitem(counted.extensions, "engine", engine)
            assert client.get(PAGE).status == 200
        assert counted.extensions[counting._RESTS_UNTIL] > 0  # it was tried
    finally:
        engine.dispose()
    assert rows(counted) == []


def test_after_a_count_that_failed_it_rests_and_then_goes_on(counted: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(counting, "monotonic", lambda: now)
    engine = read_only(counted.extensions["engine"])
    with counted.test_request_context():
        with monkeypatch.context() as patch:
            patch.setitem(counted.extensions, "engine", engine)
            count_view(WIDGET, "")
        engine.dispose()
        count_view(WIDGET, "")
        assert rows(counted) == []
        now += counting.REST_S
        count_view(WIDGET, "")
    assert rows(counted) == [(WIDGET, "", 1, 0)]


def test_a_database_that_is_away_raises_nothing() -> None:
    app = create_app(Settings(_env_file=None, database_url=NOWHERE, gazetteer_file=GAZETTEER, log_level="CRITICAL"))
    with app.test_request_context():
        count_view(WIDGET, "college.example")
        count_click(WIDGET, "college.example")
    assert app.extensions[counting._RESTS_UNTIL] > 0
