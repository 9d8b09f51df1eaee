"""What many tests share: both databases, the built gazetteer, the site with its samples."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg

# Before SpatiaLite is loaded: each brings a PROJ of its own, and in the other order the process crashes at its end.
import pyproj  # noqa: F401
import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import create_app
from catalogue.seeds import load, read
from database import migrate
from database.engine import connect
from gazetteer.table import Table
from settings import ROOT, UK_TIME, Settings
from tests import postgres
from tests.client import CheckedClient
from web import languages

DATABASES = ("spatialite", "postgis")
GAZETTEER = ROOT / "instance" / "gazetteer.db"
SHARED_DATA = ROOT.parent / "shared" / "data" / "postcodes"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each database to a process of its own, where there are two: what is made for one is made once."""
    for item in items:
        group = "spatialite" if "[spatialite" in item.nodeid or "-spatialite" in item.nodeid else "postgis"
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    with postgres.cluster() as address:
        yield address


@pytest.fixture(scope="session", params=DATABASES)
def dialect(request: pytest.FixtureRequest) -> str:
    """Every test that uses a database, by whichever fixture, runs on both."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def new_database(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "NewDatabase":
    address = request.getfixturevalue("postgres_address") if dialect == "postgis" else None
    return NewDatabase(dialect, address, tmp_path_factory.mktemp(dialect))


class NewDatabase:
    """Makes empty databases of one dialect: `new_database(name)` gives the address of one."""

    def __init__(self, dialect: str, address: str | None, folder: Path) -> None:
        self.dialect = dialect
        self.address = address
        self.folder = folder

    def __call__(self, name: str) -> str:
        if self.address is None:
            return f"sqlite:///{self.folder}/{name}.db"
        with psycopg.connect(host=self.address, user="doorstep", dbname="postgres", autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        return postgres.database(self.address, name)


@pytest.fixture(scope="session")
def engine(new_database: NewDatabase) -> Iterator[Engine]:
    """A migrated, empty database."""
    made = connect(new_database("empty"))
    migrate.upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the empty database. What a test writes, even if it commits, is gone after it."""
    with engine.connect() as connection:
        outer = connection.begin()
        if connection.dialect.name == "sqlite":
            # The driver begins at the first write only, and the release of a savepoint before that would commit.
            connection.exec_driver_sql("BEGIN")
        with Session(connection, join_transaction_mode="create_savepoint") as made:
            yield made
        outer.rollback()


@pytest.fixture(scope="session")
def table() -> Table:
    """The real gazetteer, as `make setup` builds it."""
    made = Table(GAZETTEER)
    made.check()
    return made


@pytest.fixture(scope="session")
def site_settings(new_database: NewDatabase) -> Settings:
    """Settings of a site whose database holds the samples."""
    url = new_database("samples")
    engine = connect(url)
    migrate.upgrade(engine)
    with Session(engine) as made:
        load(made, read(), datetime.now(UK_TIME).date())
        made.commit()
    engine.dispose()
    return Settings(_env_file=None, database_url=url, gazetteer_file=GAZETTEER, log_level="ERROR", rate_limit=0)


@pytest.fixture(scope="session")
def site(site_settings: Settings) -> Iterator[Flask]:
    app = create_app(site_settings)
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture(scope="session")
def wordy_app() -> Flask:
    """An app that has nothing but its sentences, for what needs no database."""
    app = Flask(__name__)
    languages.init_app(app)
    return app


@pytest.fixture
def client(site: Flask) -> CheckedClient:
    return CheckedClient(site)
