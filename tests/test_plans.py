"""No answer reads a table from end to end that grows with the catalogue, on either database.

The statements are those that the site sends, at a catalogue of some thousand opportunities.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from api.openactive import FOLLOWED
from app import create_app
from catalogue import changes, seeds, synthetic
from catalogue.change_models import ChangeCount
from catalogue.models import Opportunity, Provider
from catalogue.source_models import Source, SourceRecord
from catalogue.words import Reach
from database import migrate
from database.engine import connect
from database.session import session as own_session
from gazetteer.table import Table
from settings import UK_TIME, Settings
from tests.conftest import GAZETTEER, NewDatabase
from tests.plans import Sent, scanned, sent

MANY = 10_000
NEAR = "near=PL1+2AA"
FILTERED = f"{NEAR}&kind=workshop&kind=course&layer=participate&free=1&age=16&time=weekend&within=any"
COUNTRY = "bbox=-8,49,2,60&zoom=5"
PATHWAY = "/pathways/become-an-electrician"

# Every page, part, feed and list, and the most statements it may take. Each circle that grows is a statement, so there
# is some room above what each takes here and now. {opportunity} and {provider} are synthetic ones.
PAGES = {
    "/": 1,
    f"/discover?{NEAR}": 30,
    "/discover?near=W1A+1AA": 30,
    "/discover?near=57.5,-6.2": 46,
    f"/discover?{FILTERED}": 23,
    f"/discover?{NEAR}&q=weldin&sort=soonest": 36,
    f"/discover?{NEAR}&q=welding+course": 36,
    f"/discover?{NEAR}&skill=welding&sort=distance": 22,
    f"/discover?{NEAR}&sort=soonest&when=weekend": 30,
    f"/discover?{NEAR}&sort=newest": 26,
    f"/discover?{NEAR}&sort=distance&page=2": 22,
    f"/discover/map?{NEAR}": 22,
    "/discover/map?box=-4.2,50.3,-4.0,50.5": 22,
    "/discover/anywhere": 4,
    "/discover/anywhere?q=online&kind=course": 10,
    "/discover/pins?bbox=-4.2,50.3,-4.0,50.5&zoom=12": 4,
    f"/discover/pins?{COUNTRY}": 4,
    f"/discover/pins?{COUNTRY}&kind=course": 4,
    f"/discover/pins?{COUNTRY}&q=welding&free=1": 8,
    "/discover/pins?bbox=-0.2,51.4,0,51.6&zoom=13&skill=welding": 4,
    "/discover.atom?near=PL1+2AA": 18,
    "/discover.csv?near=PL1+2AA": 18,
    "/discover.ics?near=PL1+2AA": 20,
    "{opportunity}": 26,
    "{opportunity}?near=PL1+2AA": 28,
    "{opportunity}.ics": 6,
    "{online}": 20,
    "/places/plymouth": 30,
    "/places/london": 30,
    "{provider}": 12,
    "{provider}?near=PL1+2AA": 16,
    "/badges": 3,
    "/badges?page=2": 3,
    "/badges/first-aid-basics": 14,
    "/badges/first-aid-basics?near=PL1+2AA": 28,
    "/pathways": 8,
    "/pathways?near=PL1+2AA": 40,
    PATHWAY: 14,
    f"{PATHWAY}?near=PL1+2AA": 36,
    f"{PATHWAY}?near=57.5,-6.2&within=50": 36,
    f"{PATHWAY}/coverage": 14,
    f"{PATHWAY}/coverage.csv": 12,
    f"{PATHWAY}/embed": 14,
    f"/embed{PATHWAY}?near=PL1+2AA": 36,
    "/embed/opportunities?near=PL1+2AA": 14,
    "/embed/opportunities?provider={provider_slug}": 10,
    "/embed/opportunities?provider={provider_slug}&near=PL1+2AA": 14,
    "/embed/search": 4,
    f"/oembed?url=http://localhost{PATHWAY}": 14,
    "/oembed?url=http://localhost{opportunity}": 8,
    f"/api/v1/opportunities?{NEAR}": 18,
    f"/api/v1/opportunities?{NEAR}&facets=1": 22,
    "/api/v1/opportunities?elsewhere=1": 6,
    "/api/v1/pathways": 6,
    f"/api/v1{PATHWAY}?near=PL1+2AA": 36,
    f"/api/v1{PATHWAY}.jsonld": 14,
    "/api/v1/rpde/opportunities": 8,
    "/api/v1/rpde/opportunities?afterChangeNumber=2000": 8,
    # The last page, where what has changed since waits for its number.
    "/api/v1/rpde/opportunities?afterChangeNumber={changes}": 20,
    "/sitemap.xml": 12,
    "/sitemap-pages.xml": 0,
    "/sitemap-opportunities-0.xml": 1,
    "/sitemap-providers-0.xml": 1,
    "/sitemap-badges-0.xml": 1,
    "/sitemap-pathways-0.xml": 1,
    "/sources": 3,
    "/readyz": 4,
}


class Allowed(NamedTuple):
    """Statements that may read a table whole: the table, or its index, a part of the statements, and the reason."""

    scan: str
    statement: str
    reason: str


BY_HAND = "people write each of them, and a country has some hundreds"
ALLOWED = (
    Allowed("alembic_version", "", "it has one row"),
    Allowed("change_count", "", "it has one row"),
    Allowed("source", "", "an operator sets up each of them"),
    Allowed("provider by ix_provider_is_sample", "", "all in it are samples, of which one row is read"),
    Allowed("skill", "", "it is a framework's list, to which opportunities only point"),
    Allowed("pathway", "", BY_HAND),
    Allowed("badge", "ORDER BY CASE badge.layer", f"the page of all badges puts them in order: {BY_HAND}"),
    Allowed("badge", "FROM opportunity_badge JOIN badge", "PostgreSQL reads thirty sooner than it looks for three"),
    Allowed("badge_skill", "step_option", f"the skills of pathways: {BY_HAND}"),
    Allowed("opportunity by ix_opportunity_placeless", "", "all in it need no place, and it is read up to a bound"),
    Allowed("opportunity", "SELECT count(*) AS count_1 FROM (SELECT opportunity.id", "counted up to a bound"),
    Allowed(
        "opportunity", " OR opportunity.id IN (SELECT anon_", "PostgreSQL knows no better for the counts of choices"
    ),
)


@dataclass(frozen=True)
class Site:
    """A site with many opportunities, and where some of them are."""

    app: Flask
    names: dict[str, str]

    @property
    def engine(self) -> Engine:
        engine: Engine = self.app.extensions["engine"]
        return engine

    def scans(self, statements: list[Sent]) -> list[tuple[str, str]]:
        """The tables that some statements would read whole and may not, each with its statement."""
        found = []
        for each in {each.statement: each for each in statements}.values():
            with self.engine.connect() as connection:
                scans = scanned(connection, each)
            said = " ".join(each.statement.split())
            found += [(scan, said) for scan in sorted(scans) if not is_allowed(scan, said)]
        return found


def is_allowed(scan: str, statement: str) -> bool:
    table, _, index = scan.partition(" by ")
    return any(each.scan in (table, f"{table} by {index}") and each.statement in statement for each in ALLOWED)


@pytest.fixture(scope="module")
def big(new_database: NewDatabase, table: Table) -> Iterator[Site]:
    url = new_database("plans")
    engine = connect(url)
    migrate.upgrade(engine)
    today = datetime.now(UK_TIME).date()
    with Session(engine) as session:
        seeds.load(session, seeds.read(), today)
        synthetic.load(session, table.draw(synthetic.venues_for(MANY), Random(1).random), MANY, 1, today)
        _from_a_source(session)
        changes.number_waiting(session, datetime.now(UTC), FOLLOWED, 2 * MANY)
        session.commit()
        names = _names(session)
        for each in session.scalars(select(Opportunity).order_by(Opportunity.id).limit(3)):
            each.title += " again"
        session.commit()
    if engine.dialect.name == "postgresql":
        # As it does by itself soon after: statistics are taken, and words are put where they are looked for.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    app = create_app(
        Settings(_env_file=None, database_url=url, gazetteer_file=GAZETTEER, log_level="ERROR", rate_limit=0)
    )
    yield Site(app, names)
    app.extensions["engine"].dispose()


def _from_a_source(session: Session) -> None:
    """As if all had been read from one source."""
    source = Source(
        slug="plans", name="Plans", format="csv", address="https://plans.example/", read_at=datetime.now(UTC)
    )
    session.add(source)
    session.flush()
    ids = session.scalars(select(Opportunity.id)).all()
    session.execute(
        insert(SourceRecord),
        [
            {
                "source_id": source.id,
                "identifier": str(each),
                "opportunity_id": each,
                "digest": each,
                "fingerprint": each,
            }
            for each in ids
        ],
    )


def _names(session: Session) -> dict[str, str]:
    found = {}
    for name, reach in (("opportunity", Reach.VENUE), ("online", Reach.ONLINE)):
        is_one = Opportunity.key.startswith("synthetic:"), Opportunity.reach == reach
        with_dates = Opportunity.occurrences.any(), Opportunity.ends_at > datetime.now(UTC)
        one = session.scalars(select(Opportunity).where(*is_one, *with_dates).order_by(Opportunity.id)).first()
        assert one
        found[name] = f"/opportunities/{one.id}-{one.slug}"
        found[f"{name}_id"] = str(one.id)
    slug = session.scalars(select(Provider.slug).where(Provider.slug.startswith("synthetic--"))).first()
    found["changes"] = str(session.scalar(select(ChangeCount.number)))
    return found | {"provider": f"/providers/{slug}", "provider_slug": str(slug)}


@pytest.mark.parametrize("path", PAGES)
def test_it_takes_few_statements_and_none_reads_a_table_whole(big: Site, path: str) -> None:
    with sent(big.engine) as statements, big.app.test_client().get(path.format(**big.names)) as answer:
        assert answer.status_code == 200
    assert len(statements) <= PAGES[path]
    assert big.scans(statements) == []


def test_nor_does_the_next_page_of_the_api(big: Site) -> None:
    client = big.app.test_client()
    with client.get(f"/api/v1/opportunities?{NEAR}") as first:
        following = (first.get_json(force=True) or {})["next"]
    with sent(big.engine) as statements, client.get(following) as answer:
        assert answer.status_code == 200
    assert 0 < len(statements) <= 18
    assert big.scans(statements) == []


def add(client: FlaskClient, names: dict[str, str], *which: str) -> None:
    for each in which:
        with client.post("/shortlist/add", data={"item": f"opportunity:{names[f'{each}_id']}"}) as answer:
            assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/shortlist", f"/shortlist?{NEAR}", "/shortlist/paper", f"/discover?{NEAR}"])
def test_nor_does_a_page_of_one_s_own_list(big: Site, path: str) -> None:
    client = big.app.test_client()
    with sent(big.engine) as statements:
        add(client, big.names, "opportunity", "online")
        with client.get(path) as answer:
            assert answer.status_code == 200
    assert big.scans(statements) == []


def test_nor_does_a_pathway_with_ticks(big: Site) -> None:
    client = big.app.test_client()
    with client.get(PATHWAY) as page:
        step = re.search(r'name="step" value="([^"]+)"', page.get_data(as_text=True))
    assert step
    with sent(big.engine) as statements:
        with client.post(f"{PATHWAY}/tick", data={"step": step[1], "done": "yes"}) as answer:
            assert answer.status_code == 303
        for path in (PATHWAY, "/progress"):
            with client.get(path) as answer:
                assert answer.status_code == 200
    assert big.scans(statements) == []


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT title FROM opportunity WHERE summary = 'x'", {"opportunity"}),
        ("SELECT o.title FROM opportunity AS o WHERE o.summary = 'x'", {"opportunity"}),
        ("SELECT count(*) FROM occurrence", {"occurrence"}),
        ("SELECT key FROM opportunity ORDER BY key", {"opportunity"}),
        (
            "SELECT title FROM opportunity JOIN opportunity_venue ON opportunity_id = id WHERE description = 'x'",
            {"opportunity"},
        ),
        ("WITH those AS (SELECT id FROM venue WHERE town = 'x') SELECT id FROM those", {"venue"}),
        ("UPDATE venue SET town = 'y' WHERE town = 'x'", {"venue"}),
        ("SELECT title FROM opportunity WHERE id = 7", set()),
        ("SELECT title FROM opportunity AS o WHERE o.key = 'x'", set()),
        ("SELECT town FROM venue JOIN opportunity_venue ON venue_id = id WHERE opportunity_id = 7", set()),
        ("WITH those AS (SELECT id FROM venue WHERE slug = 'x') SELECT id FROM those", set()),
        ("DELETE FROM occurrence WHERE opportunity_id = 7", set()),
    ],
)
def test_what_reads_a_table_whole_is_seen(big: Site, statement: str, tables: set[str]) -> None:
    with big.engine.connect() as connection:
        found = {each.partition(" by ")[0] for each in scanned(connection, Sent(statement, ()))}
    # Which side of a join is read whole is the database's choice.
    assert found == tables or (tables and " JOIN " in statement and found)


def test_a_search_without_its_spatial_index_is_seen(big: Site) -> None:
    if big.engine.dialect.name == "sqlite":
        everywhere = "SELECT pkid FROM idx_venue_location"
        near = f"{everywhere} WHERE xmin <= 1 AND xmax >= 1 AND ymin <= 1 AND ymax >= 1"
    else:
        near = "SELECT id FROM venue WHERE ST_DWithin(location::geography, ST_MakePoint(-4, 50)::geography, 1000)"
        everywhere = near.replace("::geography", "")
    with big.engine.connect() as connection:
        assert scanned(connection, Sent(near, ())) == set()
        whole = {"idx_venue_location"} if big.engine.dialect.name == "sqlite" else {"venue"}
        assert {each.partition(" by ")[0] for each in scanned(connection, Sent(everywhere, ()))} == whole


def test_an_answer_that_reads_a_table_whole_is_seen(big: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an index that is dropped would make it."""

    def front() -> str:
        return str(own_session().execute(text("SELECT title FROM opportunity WHERE summary = 'x'")).all())

    monkeypatch.setitem(big.app.view_functions, "discover.front", front)
    with sent(big.engine) as statements, big.app.test_client().get("/"):
        pass
    ((scan, _),) = big.scans(statements)
    assert scan.partition(" by ")[0] == "opportunity"
