"""`flask feeds`, and what pages say of sources, on a site of its own."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import create_app
from catalogue.models import Opportunity, Provider, Venue
from catalogue.source_models import Source, SourceRun
from database import migrate
from database.engine import connect
from database.ready import is_current
from feeds import formats, locks, sources
from feeds.reading import Bad, Feed, Format, Read, SourceUnreadable
from feeds.record import Refused
from settings import ROOT, Settings
from tests.client import CheckedClient
from tests.conftest import GAZETTEER, NewDatabase
from tests.feeds.made import item, record
from tests.test_start import NOWHERE


@pytest.fixture(scope="session")
def empty_site(new_database: NewDatabase) -> Iterator[Flask]:
    url = new_database("feeds")
    engine = connect(url)
    migrate.upgrade(engine)
    engine.dispose()
    app = create_app(Settings(_env_file=None, database_url=url, gazetteer_file=GAZETTEER, log_level="CRITICAL"))
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def app(empty_site: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The site with a format `lines`: each line of a file is an item's title, or `!` and why it is refused."""
    monkeypatch.setitem(formats.FORMATS, "lines", Format("lines", "Lines of a file", _read_lines, is_whole=True))
    yield empty_site
    with empty_site.extensions["engine"].begin() as connection:
        for model in (Source, Opportunity, Venue, Provider):
            connection.execute(delete(model))


def _read_lines(feed: Feed) -> Iterator[Read]:
    for number, line in enumerate(Path(feed.address).read_text(encoding="utf-8").splitlines(), start=1):
        if line == "STOP":
            raise SourceUnreadable(f"line {number} says stop")
        if line == "BREAK":
            raise ZeroDivisionError("oh")
        if line.startswith("?"):
            yield Bad(f"line {number}", "It is torn.", line)
        else:
            url = "nowhere" if line.startswith("odd") else None
            made = Refused(line[1:]) if line.startswith("!") else record(f"{line} {feed.key or ''}", url=url)
            yield item(line.strip("!"), made, f"line {number}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "courses.txt"
    made.write_text("Welding\nBaking\n!It is cancelled.\n?\n", encoding="utf-8")
    return made


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["feeds", *arguments])


def refuses(result: Result, sentence: str) -> None:
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def stored(app: Flask) -> list[str]:
    with Session(app.extensions["engine"]) as session:
        return sorted(session.scalars(select(Opportunity.title)))


def test_an_import_says_what_became_of_each_item(app: Flask, file: Path) -> None:
    result = run(app, "import", "lines", str(file), "--name", "Our college", "--each")
    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.output.splitlines()]
    assert lines[0].startswith("line 4: refused: It is torn.")
    assert "line 1: new: Welding: Welding." in lines[1]
    assert "line 3: refused: It is cancelled.: It is cancelled." in lines[3]
    assert lines[4].startswith("our-college: 4 read, 2 new, 0 changed, 0 unchanged, 0 gone, 0 over already, 2 refused")
    assert lines[5:] == ["refused 1: It is cancelled.", "refused 1: It is torn."]
    assert stored(app) == ["Baking", "Welding"]


def test_an_import_again_is_the_same_source(app: Flask, file: Path) -> None:
    run(app, "import", "lines", str(file))
    again = run(app, "import", "lines", str(file))
    assert again.output.startswith("courses-txt: 4 read, 0 new, 0 changed, 2 unchanged")
    other = file.with_name("other.txt")
    other.write_text("Knitting\n", encoding="utf-8")
    refuses(
        run(app, "import", "lines", str(other), "--name", "courses.txt"),
        f"that is another, lines at {file}: give a --name",
    )


def test_a_file_may_have_spaces_in_its_name_and_is_found_from_any_folder(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaced = file.rename(file.with_name("our courses 2027.txt"))
    monkeypatch.chdir(spaced.parent)
    assert run(app, "import", "lines", spaced.name, "--name", "College").exit_code == 0
    monkeypatch.chdir("/")
    assert run(app, "refresh", "college").exit_code == 0
    assert stored(app) == ["Baking", "Welding"]


def test_an_import_that_brought_nothing_can_be_said_again_as_another(app: Flask, file: Path) -> None:
    wrong = file.with_name("wrong.txt")
    wrong.write_text("STOP\n", encoding="utf-8")
    assert run(app, "import", "lines", str(wrong), "--name", "College", "--licence", "None").exit_code == 1
    assert run(app, "import", "lines", str(file), "--name", "College").exit_code == 0
    assert run(app, "list").output.count("\n") == 1
    assert "licence: not said" in run(app, "status", "college").output


def test_options_of_an_import_count_for_a_source_that_is_there(app: Flask, file: Path) -> None:
    run(app, "import", "lines", str(file), "--name", "College", "--licence", "CC BY 4.0")
    run(app, "import", "lines", str(file), "--name", "College", "--every", "6", "--private")
    assert "read every 6 hours; licence: CC BY 4.0" in run(app, "status", "college").output
    with Session(app.extensions["engine"]) as session:
        assert session.scalars(select(Source)).one().may_be_private


def test_a_source_is_added_listed_read_when_due_and_removed(app: Flask, file: Path) -> None:
    added = run(app, "add", "The College", "lines", str(file), "--every", "24", "--licence", "CC BY 4.0")
    assert added.output == "Added the-college. To read it now: flask feeds refresh the-college\n"
    assert run(app, "list").output == f"the-college\tlines\tnew\tnever\t{file}\n"
    assert run(app, "refresh").output.startswith("the-college: 4 read, 2 new")
    assert run(app, "refresh").output == ""  # it is not due again
    assert run(app, "refresh", "the-college").output.startswith("the-college: 4 read, 0 new")
    removed = run(app, "remove", "the-college", "--yes")
    assert removed.output == "Removed the-college, which had 2 items\n"
    with Session(app.extensions["engine"]) as session:
        ends = session.scalars(select(Opportunity.ends_at)).all()
        assert len(ends) == 2
        assert all(each is not None and each <= datetime.now(UTC) for each in ends)


def test_status_explains_the_quarantine_and_the_last_readings(app: Flask, file: Path) -> None:
    run(app, "import", "lines", str(file), "--name", "College")
    assert run(app, "status").output.startswith("college: well; read ")
    told = run(app, "status", "college").output
    assert "refused 1: It is cancelled." in told
    assert "line 3: It is cancelled." in told
    assert "line 4: It is torn." in told
    assert "done" in told


def test_status_counts_what_is_shown_but_odd(app: Flask, file: Path) -> None:
    file.write_text("odd welding\nodd baking\nKnitting\n", encoding="utf-8")
    run(app, "import", "lines", str(file), "--name", "College")
    odd = "shown, but odd 2: Its link is no address of the web and is left out.\n"
    assert odd in run(app, "status", "college").output
    file.write_text("odd welding\nKnitting\n", encoding="utf-8")
    run(app, "refresh", "college")
    assert odd.replace("2", "1") in run(app, "status", "college").output


def test_of_many_reasons_the_first_are_said_and_the_rest_counted(app: Flask, file: Path) -> None:
    file.write_text("".join(f"!Row {number} is torn.\n" for number in range(50)), encoding="utf-8")
    read = run(app, "import", "lines", str(file), "--name", "College").output
    assert read.count("  refused 1: ") == 20
    assert read.endswith("  refused 30 more, for other reasons\n")
    told = run(app, "status", "college").output
    assert told.count("\nrefused 1: ") == 20
    assert "\nrefused 30 more, for other reasons\n" in told


def test_a_source_of_which_nothing_could_be_read_says_why_and_no_more(app: Flask, file: Path) -> None:
    file.write_text("STOP\n", encoding="utf-8")
    result = run(app, "import", "lines", str(file), "--name", "College")
    assert result.output == "college: failed: line 1 says stop\n"


FULL = OperationalError("INSERT INTO source (secret) …", {}, Exception("database or disk is full\nDETAIL: no more"))


@pytest.mark.parametrize("where", ["feeds.commands.refresh", "feeds.commands.sources.add"])
def test_a_full_database_is_said_in_a_line(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise FULL

    monkeypatch.setattr(where, full)
    result = run(app, "import", "lines", str(file), "--name", "College")
    refuses(result, "The database does not answer (database or disk is full). What was stored stays")
    assert result.output.count("\n") == 1


def test_a_source_that_fails_is_tried_again_soon_and_then_less_often(app: Flask, file: Path) -> None:
    file.write_text("Welding\nSTOP\n", encoding="utf-8")
    run(app, "add", "College", "lines", str(file), "--every", "24")
    result = run(app, "refresh")
    assert result.exit_code == 1
    assert result.output.startswith("college: failed: line 2 says stop (1 read, 1 new, ")
    assert "failing, 1 in a row: line 2 says stop" in run(app, "status").output
    with Session(app.extensions["engine"]) as session:
        source = session.scalars(select(Source)).one()
        tried = source.tried_at
        assert tried is not None
        assert sources.next_at(session, source) == tried + timedelta(minutes=30)
        source.failures = 30
        assert sources.next_at(session, source) == tried + timedelta(hours=24)


def test_a_reading_that_was_killed_is_due_at_once(app: Flask, file: Path) -> None:
    run(app, "add", "College", "lines", str(file), "--every", "24")
    run(app, "refresh")
    with Session(app.extensions["engine"]) as session:
        session.execute(update(SourceRun).values(outcome="running", ended_at=None))
        session.commit()
    assert run(app, "refresh").output.startswith("college: 4 read")


def test_a_fault_in_one_source_does_not_keep_the_others_from_being_read(app: Flask, file: Path) -> None:
    broken = file.with_name("broken.txt")
    broken.write_text("BREAK\n", encoding="utf-8")
    run(app, "add", "Broken", "lines", str(broken), "--every", "1")
    run(app, "add", "College", "lines", str(file), "--every", "1")
    result = run(app, "refresh")
    assert result.exit_code == 1
    assert "broken: a fault of ours, ZeroDivisionError: oh" in result.output
    assert "college: 4 read, 2 new" in result.output
    assert len(stored(app)) == 2


def test_losses_are_held_until_confirmed(app: Flask, file: Path) -> None:
    run(app, "import", "lines", str(file), "--name", "College")
    file.write_text("", encoding="utf-8")
    held = run(app, "refresh", "college")
    assert held.exit_code == 1
    assert "2 of 2 would go. If that is so: flask feeds refresh college --confirm" in held.output
    refuses(run(app, "refresh", "--confirm"), "Name the source whose losses are right")
    assert run(app, "refresh", "college", "--confirm").exit_code == 0


def test_a_source_is_read_once_at_a_time(app: Flask, file: Path) -> None:
    run(app, "add", "College", "lines", str(file), "--every", "1")
    with Session(app.extensions["engine"]) as session:
        number = session.scalars(select(Source.id)).one()
    with locks.reading(app.extensions["engine"], number):
        assert run(app, "refresh").output == "college: is being read already\n"
    assert run(app, "refresh").output.startswith("college: 4 read")


def test_a_source_that_is_being_read_is_not_removed(app: Flask, file: Path) -> None:
    run(app, "add", "College", "lines", str(file))
    other = file.with_name("other.txt")
    other.write_text("Knitting\n", encoding="utf-8")
    with Session(app.extensions["engine"]) as session:
        number = session.scalars(select(Source.id)).one()
    with locks.reading(app.extensions["engine"], number):
        refuses(run(app, "remove", "college", "--yes"), "college is being read just now: wait for the end of that")
        refuses(run(app, "import", "lines", str(other), "--name", "College"), "college is being read just now")
    assert run(app, "remove", "college", "--yes").output == "Removed college, which had 0 items\n"


def test_a_source_removed_while_others_are_read_is_passed_over(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("First", "Second", "Third"):
        run(app, "add", name, "lines", str(file), "--every", "1")

    def removing(feed: Feed) -> Iterator[Read]:
        with Session(app.extensions["engine"]) as session:
            session.execute(delete(Source).where(Source.slug == "second"))
            session.commit()
        yield from _read_lines(feed)

    monkeypatch.setitem(formats.FORMATS, "lines", Format("lines", "Lines of a file", removing, is_whole=True))
    lines = run(app, "refresh").output.splitlines()
    assert [line.split(":")[0] for line in lines if not line.startswith(" ")] == ["first", "third"]


def test_a_key_comes_from_the_environment(app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(app, "add", "College", "lines", str(file), "--key", "COLLEGE_KEY", "--every", "1")
    refuses(run(app, "refresh", "college"), "college needs a key: set COLLEGE_KEY in the environment")
    monkeypatch.setenv("COLLEGE_KEY", "s3cret")
    assert run(app, "refresh", "college").exit_code == 0
    assert stored(app) == ["Baking s3cret", "Welding s3cret"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "College", "nonsense", "x"), "There is no format nonsense: choose one of "),
        (("add", "***", "lines", "x"), "Give it a name with letters or digits in it"),
        (("add", "College", "lines", "/nowhere/x.csv"), "There is no file /nowhere/x.csv"),
        (
            ("add", "College", "lines", "college.example/x"),
            "college.example/x. An address of the web begins with https:",
        ),
        (("add", "College", "lines", "/"), "/ is a folder: give the path of one file in it"),
        (("add", "College", "lines", "https:/college.example/x"), "names no site: it should be like https://"),
        (("add", "College", "lines", "https://[college/x"), "https://[college/x is no address: it should be like"),
        (
            ("add", "College", "lines", "http://10.1.2.3/x"),
            "10.1.2.3 is a private address: if it is to be read,",
        ),
        (("import", "lines", "http://localhost:8000/x"), "localhost is a private address: if it is to be read,"),
        (("add", "College", "lines", "ftp://college.example/x"), "ftp addresses cannot be read"),
        (("add", "College", "lines", "https://me:secret@college.example/x"), "Leave the password out of the address"),
        (("import", "nonsense", "x"), "There is no format nonsense"),
        (("refresh", "nothing"), "There is no source nothing. There are: none yet"),
        (("status", "nothing"), "There is no source nothing"),
        (("remove", "nothing", "--yes"), "There is no source nothing"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(app: Flask, arguments: tuple[str, ...], sentence: str) -> None:
    refuses(run(app, *arguments), sentence)


def test_two_sources_of_one_name_are_refused(app: Flask, file: Path) -> None:
    run(app, "add", "College", "lines", str(file))
    refuses(run(app, "add", "COLLEGE!", "lines", str(file)), "There is a source called college already")


def test_without_a_database_it_says_so_in_a_line() -> None:
    away = create_app(Settings(_env_file=None, database_url=NOWHERE, gazetteer_file=GAZETTEER, log_level="CRITICAL"))
    result = away.test_cli_runner().invoke(args=["feeds", "refresh"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_pages_say_where_an_opportunity_comes_from(app: Flask, file: Path) -> None:
    options = ("--licence", "CC BY 4.0", "--licence-url", "https://example.org/by", "--attribution", "© The College")
    run(app, "add", "The College", "lines", str(file), "--every", "24", *options)
    client = CheckedClient(app)
    assert "The College" not in client.get("/sources").text  # nothing of it is here yet
    run(app, "refresh")
    page = client.get("/sources").text
    assert "The College" in page
    assert "We read it every 24 hours." in page
    with Session(app.extensions["engine"]) as session:
        made = session.scalars(select(Opportunity).order_by(Opportunity.id)).first()
        assert made is not None
        path = f"/opportunities/{made.id}-{made.slug}"
    page = client.get(path).text
    assert "From The College." in page
    assert "© The College." in page
    assert '<a href="https://example.org/by" rel="license noopener">CC BY 4.0</a>' in page


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_a_table_to_fill_in_is_read_as_it_is_given_out(app: Flask, tmp_path: Path, name: str) -> None:
    with app.test_client().get(f"/sources/template.{name}") as answer:
        assert answer.status_code == 200
        file = tmp_path / f"mine.{name}"
        file.write_bytes(answer.data)
    result = run(app, "import", "spreadsheet", str(file))
    assert result.output.startswith(f"mine-{name}: 0 read, 0 new"), result.output


def test_every_format_is_explained() -> None:
    told = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", told, flags=re.MULTILINE) == list(formats.FORMATS)


def test_readiness_names_the_sources_that_are_overdue(app: Flask, file: Path) -> None:
    run(app, "add", "College", "lines", str(file), "--every", "24")
    client = CheckedClient(app)
    assert json.loads(client.get("/readyz").text) == {"status": "ok", "overdue_sources": []}
    with Session(app.extensions["engine"]) as session:
        session.execute(update(Source).values(added_at=datetime.now(UTC) - timedelta(hours=50)))
        session.commit()
    assert json.loads(client.get("/readyz").text) == {"status": "ok", "overdue_sources": ["college"]}
    assert "OVERDUE" in run(app, "status").output


SAMPLES = sorted(path for path in (ROOT / "tests" / "feeds" / "samples").rglob("*.*") if path.name != "providers.csv")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_each_sample_is_read_with_an_account_of_each_item(app: Flask, sample: Path) -> None:
    addresses = [str(sample)]
    if sample.name == "courses.csv":
        addresses.append(str(sample.with_name("providers.csv")))
    result = run(app, "import", sample.parent.name.replace("_", "-"), *addresses, "--each")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    told = [line for line in lines if re.match(r"  [^:]+: (new|refused|ended): \S", line)]
    counted = re.search(r": (\d+) read, (\d+) new, .* (\d+) over already, (\d+) refused, in", result.output)
    assert counted is not None
    read, new, over, refused = map(int, counted.groups())
    assert len(told) == read == new + over + refused
    assert len(stored(app)) == new


def test_an_import_makes_the_tables_first(new_database: NewDatabase) -> None:
    url = new_database("untouched")
    app = create_app(Settings(_env_file=None, database_url=url, gazetteer_file=GAZETTEER, log_level="CRITICAL"))
    listed = app.test_cli_runner().invoke(args=["feeds", "refresh"])
    assert listed.exit_code == 0, listed.output
    assert is_current(app.extensions["engine"])
    app.extensions["engine"].dispose()


def test_tables_that_cannot_be_made_are_told_in_one_line(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(
        Settings(_env_file=None, database_url=new_database("broken"), gazetteer_file=GAZETTEER, log_level="CRITICAL")
    )
    monkeypatch.setenv("GAZETTEER_FILE", "")
    monkeypatch.setenv("RATE_LIMIT", "many")
    said = app.test_cli_runner().invoke(args=["feeds", "refresh"])
    assert said.exit_code == 1
    assert said.output.startswith("Error: RATE_LIMIT:")
    app.extensions["engine"].dispose()
