"""Who may frame a provider's embeds, and the counts of embeds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from catalogue import embed_queries
from catalogue.embed_models import EmbedCount, ProviderOrigin
from catalogue.models import Provider
from catalogue.origins import BadOrigin
from database.brief import brief
from database.engine import connect
from tests.catalogue.factories import provider

DAY = date(2026, 11, 22)
WIDGET = "pathway:into-tests"


@pytest.fixture
def college(session: Session) -> Provider:
    session.add(made := provider(slug="college"))
    session.flush()
    return made


def said(session: Session, since: date = DAY) -> list[tuple[str, str, int, int]]:
    session.expire_all()
    return [(each.widget, each.host, each.views, each.clicks) for each in embed_queries.counts(session, since)]


def add(session: Session, host: str, widget: str = WIDGET, day: date = DAY, views: int = 1, clicks: int = 0) -> None:
    embed_queries.add(session.connection(), day, widget, host, views=views, clicks=clicks)


def test_the_origins_of_a_list_may_frame_in_order(session: Session, college: Provider) -> None:
    assert embed_queries.listed_origins(session, college.id) == ()
    assert embed_queries.allow(session, college, "https://www.college.example")
    assert embed_queries.allow(session, college, "https://College.example:443/")
    assert not embed_queries.allow(session, college, "https://college.example")
    found = embed_queries.listed_origins(session, college.id)
    assert found == ("https://college.example", "https://www.college.example")


def test_an_origin_that_is_taken_off_is_gone(session: Session, college: Provider) -> None:
    embed_queries.allow(session, college, "https://college.example")
    assert embed_queries.forbid(session, college, "https://college.example")
    assert not embed_queries.forbid(session, college, "https://college.example")
    assert embed_queries.origins(session) == []


def test_a_list_can_be_made_anew(session: Session, college: Provider) -> None:
    for wanted in (["https://a.example", "https://b.example"], ["https://b.example", "https://c.example"], []):
        embed_queries.keep_only(session, college, wanted)
        assert embed_queries.origins(session) == [("college", each) for each in wanted]


def test_lists_are_told_apart_and_go_with_their_provider(session: Session, college: Provider) -> None:
    session.add(other := provider(slug="another"))
    session.flush()
    for owner in (college, other):
        embed_queries.allow(session, owner, "https://shared.example")
    assert embed_queries.origins(session) == [
        ("another", "https://shared.example"),
        ("college", "https://shared.example"),
    ]
    assert embed_queries.origins(session, "college") == [("college", "https://shared.example")]
    session.flush()
    session.execute(delete(Provider).where(Provider.id == college.id))
    assert embed_queries.origins(session) == [("another", "https://shared.example")]


def test_what_is_no_origin_is_refused_before_the_database_sees_it(college: Provider) -> None:
    with pytest.raises(BadOrigin):
        ProviderOrigin(provider_id=college.id, origin="https://college.example/courses")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "https://",
        "ftp://college.example",
        "https://College.example",
        "https://college.example/",
        "https://college.example; script-src",
        "https://a.example https://b.example",
        "https://*.example",
        "https://a.example,b.example",
    ],
)
def test_the_database_refuses_what_would_widen_a_policy(session: Session, college: Provider, origin: str) -> None:
    statement = text("INSERT INTO provider_origin (provider_id, origin) VALUES (:provider_id, :origin)")
    with pytest.raises(IntegrityError):
        session.execute(statement, {"provider_id": college.id, "origin": origin})
    session.rollback()


def test_counts_add_up_by_day_widget_and_host(session: Session) -> None:
    add(session, "college.example")
    add(session, "college.example", views=0, clicks=1)
    add(session, "college.example", views=2)
    add(session, "")
    add(session, "college.example", widget="search")
    add(session, "college.example", day=date(2026, 11, 21))
    assert said(session) == [
        (WIDGET, "", 1, 0),
        (WIDGET, "college.example", 3, 1),
        ("search", "college.example", 1, 0),
    ]
    assert len(said(session, date(2026, 11, 21))) == 4


def test_clicks_from_a_widget_that_nobody_saw_are_not_counted(session: Session) -> None:
    add(session, "college.example", widget="pathway:made-up", views=0, clicks=1)
    assert said(session) == []
    add(session, "college.example", day=date(2026, 11, 20))
    add(session, "college.example", views=0, clicks=1)
    assert said(session) == []
    add(session, "college.example", day=date(2026, 11, 21))
    add(session, "elsewhere.example", views=0, clicks=1)
    assert said(session) == [(WIDGET, "elsewhere.example", 0, 1)]


def test_no_more_hosts_than_the_most_get_rows_of_their_own(session: Session) -> None:
    add(session, "")
    for number in range(embed_queries.MAX_HOSTS + 20):
        add(session, f"host-{number}.example")
    add(session, "host-0.example")  # known already
    add(session, "")
    add(session, "new.example", widget="search")
    add(session, "new.example", day=date(2026, 11, 23))
    rows = {(widget, host): views for widget, host, views, _ in said(session) if widget == WIDGET}
    assert len(rows) == embed_queries.MAX_HOSTS + 3  # with the empty one, with "other", with the next day's
    assert rows[(WIDGET, "other")] == 20
    assert rows[(WIDGET, "host-0.example")] == 2
    assert rows[(WIDGET, "")] == 2
    assert ("search", "new.example", 1, 0) in said(session)


def test_many_at_once_lose_nothing(engine: Engine) -> None:
    def count(_number: int) -> None:
        with engine.connect() as connection:
            embed_queries.add(connection, DAY, "pathway:at-once", "college.example", views=1)
            connection.commit()

    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count, range(100)))
        with Session(engine) as found:
            assert ("pathway:at-once", "college.example", 100, 0) in said(found)
    finally:
        with engine.begin() as connection:
            connection.execute(delete(EmbedCount))


def test_a_brief_write_gives_up_where_others_hold_the_row_and_leaves_the_connection_as_it_was(engine: Engine) -> None:
    own = connect(engine.url.render_as_string(hide_password=False))
    try:
        with engine.connect() as holder:
            embed_queries.add(holder, DAY, WIDGET, "", views=1)
            with pytest.raises(OperationalError), brief(own) as connection:
                embed_queries.add(connection, DAY, WIDGET, "", views=1)
            holder.rollback()
        with brief(own) as connection:
            embed_queries.add(connection, DAY, WIDGET, "", views=1)
        with own.connect() as connection:
            is_sqlite = own.dialect.name == "sqlite"
            found = connection.scalar(text("PRAGMA busy_timeout" if is_sqlite else "SHOW lock_timeout"))
        assert found == (5000 if is_sqlite else "0")
    finally:
        own.dispose()
