"""`flask pathways import` and `flask pathways export`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import create_app
from catalogue.models import Badge
from catalogue.pathway_models import Pathway
from catalogue.sample_records import PathwayFile
from database import migrate
from database.engine import connect
from pathways import commands
from settings import Settings
from tests.catalogue.factories import provider
from tests.catalogue.pathways import skill
from tests.conftest import GAZETTEER, NewDatabase
from tests.test_start import NOWHERE

FILE = """\
badges:
  - slug: seen
    name: Seen it
    summary: You saw one fail and then saw it pass.
    criteria: See one fail. Then see it pass.
    provider: works
    layer: engage
    type: Activity
    skills: [testing]
pathways:
  - slug: into-tests
    title: Into tests
    summary: From a first test to a last one.
    description: Tests are written before lunch.
    provider: works
    destination_kind: job
    destination: Tester
    steps:
      - title: Look
        asks_for: Look at one test for a while.
        layer: engage
        options:
          - badge: seen
      - title: Leap
        asks_for: Write one test that fails.
        layer: lead
        options:
          - {kind: [job], skill: testing}
"""


@pytest.fixture(scope="session")
def plain_site(new_database: NewDatabase) -> Iterator[Flask]:
    """A site with one provider and one skill."""
    url = new_database("pathway-commands")
    engine = connect(url)
    migrate.upgrade(engine)
    with Session(engine) as session:
        session.add_all([provider(slug="works", name="The Works"), skill("testing")])
        session.commit()
    engine.dispose()
    app = create_app(Settings(_env_file=None, database_url=url, gazetteer_file=GAZETTEER, log_level="ERROR"))
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def app(plain_site: Flask) -> Iterator[Flask]:
    yield plain_site
    with plain_site.extensions["engine"].begin() as connection:
        connection.execute(delete(Pathway))
        connection.execute(delete(Badge))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pathways.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["pathways", *map(str, arguments)])


def slugs(app: Flask) -> list[str]:
    with Session(app.extensions["engine"]) as session:
        return list(session.scalars(select(Pathway.slug)))


def test_what_is_made_and_changed_is_said_step_by_step(app: Flask, file: Path) -> None:
    result = run(app, "import", file)
    assert result.output.splitlines() == ["badge seen: made", "pathway into-tests: made, 2 steps: look, leap"]
    assert run(app, "import", file).output.splitlines() == ["badge seen: as before", "pathway into-tests: as before"]
    changed = FILE.replace("title: Look", "title: Look twice").replace("name: Seen it", "name: Saw it")
    changed = changed.replace("title: Leap", "slug: jump\n        title: Jump")
    file.write_text(changed, encoding="utf-8")
    assert run(app, "import", file).output.splitlines() == [
        "badge seen: changed (name)",
        "pathway into-tests: changed (steps); new steps: jump; steps gone, with the progress on them: leap",
    ]


def test_an_import_keeps_ids_and_the_slugs_of_steps(app: Flask, file: Path) -> None:
    def kept() -> tuple[int, list[str]]:
        with Session(app.extensions["engine"]) as session:
            row = session.scalars(select(Pathway)).one()
            return row.id, [step.slug for step in row.steps]

    run(app, "import", file)
    before = kept()
    file.write_text(FILE.replace("title: Leap", "title: Leap high"), encoding="utf-8")
    run(app, "import", file)
    assert kept() == before


def test_a_trial_stores_nothing(app: Flask, file: Path) -> None:
    result = run(app, "import", file, "--dry-run")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "This was a trial: nothing was stored"
    assert slugs(app) == []


def test_one_mistake_is_one_line_and_nothing_is_stored(app: Flask, file: Path) -> None:
    file.write_text(FILE.replace("- badge: seen", "- badge: sene"), encoding="utf-8")
    result = run(app, "import", file)
    assert (result.exit_code, result.output) == (1, f"Error: {file}:23: there is no badge 'sene'; do you mean seen?\n")
    assert slugs(app) == []


def test_several_mistakes_are_a_line_each(app: Flask, file: Path) -> None:
    file.write_text(FILE.replace("provider: works", "provider: wroks"), encoding="utf-8")
    result = run(app, "import", file)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"Error: {file}:6: there is no provider 'wroks'; do you mean works?",
        f"{file}:15: there is no provider 'wroks'; do you mean works?",
        "2 mistakes. Nothing was stored",
    ]


@pytest.mark.parametrize("name", ["none.yaml", "", "\udcff.yaml"])
def test_a_file_that_is_none_is_one_line(app: Flask, tmp_path: Path, name: str) -> None:
    result = run(app, "import", tmp_path / name)
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1


def test_what_is_exported_can_be_imported(app: Flask, file: Path) -> None:
    run(app, "import", file)
    result = run(app, "export", "into-tests")
    assert result.exit_code == 0
    file.write_text(result.output, encoding="utf-8")
    assert run(app, "import", file).output.splitlines() == ["badge seen: as before", "pathway into-tests: as before"]
    assert run(app, "export", "into-tests").output == result.output


def test_a_pathway_that_is_not_there_is_one_line(app: Flask) -> None:
    result = run(app, "export", "none-such")
    assert (result.exit_code, result.output) == (1, "Error: There is no pathway 'none-such'\n")


def test_what_goes_while_it_is_stored_is_said_and_nothing_is_kept(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = PathwayFile.model_validate(yaml.safe_load(FILE.replace("testing", "lost")))
    monkeypatch.setattr(commands, "read_pathways", lambda *_: records)
    result = run(app, "import", file)
    assert (result.exit_code, result.output) == (1, f"Error: {file}: there is no skill 'lost'. Nothing was stored\n")
    assert slugs(app) == []


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    site = create_app(Settings(_env_file=None, database_url=NOWHERE, gazetteer_file=GAZETTEER, log_level="ERROR"))
    result = run(site, "export", "any")
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
