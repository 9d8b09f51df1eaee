"""Files of pathways: every mistake with its line, and the way back."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import badge_store, pathway_store
from catalogue.models import Badge
from catalogue.pathway_export import as_yaml, badge_data, pathway_data
from catalogue.pathway_files import read_pathways
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.sample_records import PathwayRecord
from catalogue.seeds import load, read
from catalogue.words import DestinationKind, Kind, Layer
from catalogue.yaml_file import BadFile
from settings import ROOT
from tests.catalogue.factories import opportunity, provider
from tests.catalogue.pathways import badge, named, pathway, rule, skill, step

BEGIN = """\
pathways:
  - slug: into-tests
    title: Into tests
    summary: From a first test to a last one.
    description: Tests are written before lunch.
    provider: works
    destination_kind: job
    destination: Tester
"""
STEPS = """\
    steps:
      - {title: Look, asks_for: Look at one test for a while., layer: engage, options: [{skill: testing}]}
      - {title: Leap, asks_for: Write one test that fails., layer: lead, options: [{kind: [job]}]}
"""
WHOLE = BEGIN + STEPS


def known(session: Session) -> None:
    session.add_all([provider(slug="works"), skill("testing")])
    session.flush()


def mistakes(session: Session, tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "pathways.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        read_pathways(session, path)
    return [f"{each.line}: {each.message}" for each in bad.value.wrongs]


def imported(session: Session, path: Path) -> list[Pathway]:
    records = read_pathways(session, path)
    badge_store.store(session, records.badges)
    return pathway_store.store(session, records.pathways)


def test_a_file_that_is_right_is_read(session: Session, tmp_path: Path) -> None:
    known(session)
    path = tmp_path / "pathways.yaml"
    path.write_text(WHOLE)
    (row,) = imported(session, path)
    assert [each.slug for each in row.steps] == ["look", "leap"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    title: Into tests\n", "", "2: title is missing"),
        ("    title:", "    titel:", "2: title is missing|3: there is no titel here; do you mean title?"),
        ("title: Into tests", "title: 1984", "3: title is a text: put it in quotes"),
        ("title: Into tests", "title: [a]", "3: title is a text"),
        ("slug: into-tests", "slug: Into Tests", "2: slug: write it in small letters"),
        ("destination_kind: job", "destination_kind: career", "7: destination_kind: Input should be 'job'"),
        ("provider: works", "provider: worsk", "6: there is no provider 'worsk'; do you mean works?"),
        ("skill: testing", "skill: tasting", "10: there is no skill 'tasting'; do you mean testing?"),
        ("{skill: testing}", "{badge: none-such}", "10: there is no badge 'none-such'"),
        ("{skill: testing}", "{opportunity: sample:none}", "10: there is no opportunity 'sample:none'"),
        (
            "{skill: testing}",
            "{skill: testing, badge: b}",
            "10: an option is a badge, an opportunity or a rule|10: there",
        ),
        ("layer: engage", "layer: 7", "10: layer: Input should be 'engage'"),
        ("layer: engage", "layer: engage, optional: maybe", "10: optional: Input should be a valid boolean"),
        ("destination: Tester\n", "destination: Tester\n    destination: Other\n", "9: destination stands twice"),
        (STEPS, "    steps: []\n", "9: steps: List should have at least 1 item|2: a pathway has 2 to 12 steps, not 0"),
        (STEPS, "    steps: [none, 5]\n", "9: steps: here stand names and values, such as `title: …`"),
        ("title: Leap", "title: Look", "2: two steps are called 'look': give one of them a slug of its own"),
        ("title: Leap", "title: 日本語", "2: the title of a step has no letters from a to z"),
        ("destination: Tester\n", "destination: Tester\n    leads_on: [into-tests]\n", "9: these lead on in a circle"),
        ("destination: Tester\n", "destination: Tester\n    leads_on: [gone]\n", "9: there is no pathway 'gone'"),
    ],
)
def test_a_mistake_is_one_message_with_its_line(
    session: Session, tmp_path: Path, before: str, after: str, said: str
) -> None:
    known(session)
    assert WHOLE.count(before) == 1
    found = mistakes(session, tmp_path, WHOLE.replace(before, after))
    wanted = sorted(said.split("|"), key=lambda each: int(each.split(":")[0]))
    assert len(found) == len(wanted), found
    for message, beginning in zip(found, wanted, strict=True):
        assert message.startswith(beginning)


def test_a_mistake_in_a_group_or_a_step_is_not_said_of_both_shapes(session: Session, tmp_path: Path) -> None:
    known(session)
    one = "{title: A step, asks_for: Do this one thing well., layer: lead, options: [{kind: [job]}]}"
    group = f"      - any: 2\n        of:\n          - {one}\n          - {one.replace('A step', 'B step')}\n"
    text = f"{BEGIN}    steps:\n{group}      - {{title: Alone}}\n"
    assert mistakes(session, tmp_path, text) == [
        "10: any 2 of 2 steps leaves no choice",
        "14: asks_for is missing",
        "14: layer is missing",
        "14: options is missing",
    ]


def test_all_mistakes_are_found_in_one_run(session: Session, tmp_path: Path) -> None:
    known(session)
    second = WHOLE.removeprefix("pathways:\n").replace("skill: testing", "skill: nothing").replace("job]", "jib]")
    text = WHOLE.replace("    title: Into tests\n", "").replace("provider: works", "provider: nobody") + second
    found = mistakes(session, tmp_path, text)
    assert [each.split(":")[0] for each in found] == ["2", "5", "11", "19", "20"]
    assert found[2] == "11: into-tests stands twice in pathways: first on line 2"


def test_circles_through_the_file_and_the_database_are_told_whole(session: Session, tmp_path: Path) -> None:
    known(session)
    last = pathway(slug="last")
    session.add(pathway(slug="middle", leads_on=[last]))
    session.flush()
    one = WHOLE.replace("destination: Tester\n", "destination: Tester\n    leads_on: [middle]\n")
    two = WHOLE.removeprefix("pathways:\n").replace("into-tests", "last")
    two = two.replace("destination: Tester\n", "destination: Tester\n    leads_on: [last-but-one, into-tests]\n")
    found = mistakes(session, tmp_path, one + two)
    assert found == [
        "9: these lead on in a circle: into-tests → middle → last → into-tests",
        "20: there is no pathway 'last-but-one'",
    ]


def test_a_circle_that_the_file_itself_opens_is_none(session: Session, tmp_path: Path) -> None:
    known(session)
    session.add(pathway(slug="other", leads_on=[pathway(slug="into-tests")]))
    session.flush()
    other = WHOLE.removeprefix("pathways:\n").replace("into-tests", "other")
    path = tmp_path / "pathways.yaml"
    path.write_text(WHOLE.replace("destination: Tester\n", "destination: Tester\n    leads_on: [other]\n") + other)
    row, _ = imported(session, path)
    assert [each.slug for each in row.leads_on] == ["other"]


def test_every_sample_is_the_same_after_an_export_and_an_import(session: Session, tmp_path: Path) -> None:
    load(session, read(), date(2026, 11, 22))
    rows = list(session.scalars(select(Pathway).order_by(Pathway.slug)))
    badges = list(session.scalars(select(Badge).order_by(Badge.slug)))
    before = [pathway_data(row) for row in rows], [badge_data(row) for row in badges]
    stored = state(session)
    text = as_yaml(rows)
    path = tmp_path / "all.yaml"
    path.write_text(text, encoding="utf-8")
    assert {row.id for row in imported(session, path)} == {row.id for row in rows}
    session.expire_all()
    assert ([pathway_data(row) for row in rows], [badge_data(row) for row in badges]) == before
    assert state(session) == stored
    assert as_yaml(rows) == text


def state(session: Session) -> list[tuple[object, ...]]:
    """The steps and options as they are stored, but for their numbers."""
    columns = [column for column in StepOption.__table__.columns if column.name not in ("id", "step_id")]
    found = session.execute(
        select(Step.pathway_id, Step.position, Step.slug, Step.title, Step.is_optional, Step.group_number, *columns)
        .join(StepOption, StepOption.step_id == Step.id)
        .order_by(Step.pathway_id, Step.position, StepOption.position)
    )
    return [tuple(row) for row in found]


def test_a_sample_is_exported_as_it_was_written(session: Session, tmp_path: Path) -> None:
    samples = read()
    load(session, samples, date(2026, 11, 22))
    for written in samples.pathways.pathways:
        path = tmp_path / "one.yaml"
        row = session.scalars(select(Pathway).where(Pathway.slug == written.slug)).one()
        path.write_text(as_yaml([row]), encoding="utf-8")
        (again,) = read_pathways(session, path).pathways
        assert normal(again) == normal(written)


def normal(record: PathwayRecord) -> object:
    """A pathway with one option a kind, keys without a prefix, and pathways in one order: as it is stored."""
    data = record.model_dump()
    for step_record in [each for entry in data["steps"] for each in entry.get("of", [entry])]:
        options = step_record["options"]
        step_record["options"] = [{**each, "kind": kind} for each in options for kind in each["kind"] or [None]]
        for each in step_record["options"]:
            each["opportunity"] = (each["opportunity"] or "").removeprefix("sample:")
    return data | {"leads_on": sorted(data["leads_on"])}


def test_rules_are_put_together_only_if_that_is_the_same(session: Session) -> None:
    testing = skill("testing")
    steps = [
        step(
            rule(kind=Kind.JOB, skill=testing),
            rule(kind=Kind.COURSE, skill=testing),
            rule(skill=testing),
            rule(skill=testing),
            rule(kind=Kind.EVENT, skill=testing, layer=Layer.LEAD),
            rule(kind=Kind.JOB, skill=testing),
            named(badge("seen")),
            named(opportunity(key="feed:1")),
        )
    ]
    session.add(pathway(*steps, destination_kind=DestinationKind.WORDS))
    session.flush()
    row = session.scalars(select(Pathway)).one()
    assert pathway_data(row)["steps"][0]["options"] == [
        {"kind": ["job", "course"], "skill": "testing"},
        {"skill": "testing"},
        {"skill": "testing"},
        {"kind": ["event"], "layer": "lead", "skill": "testing"},
        {"kind": ["job"], "skill": "testing"},
        {"badge": "seen"},
        {"opportunity": "feed:1"},
    ]


def test_the_example_of_the_documentation_can_be_imported(session: Session, tmp_path: Path) -> None:
    load(session, read(), date(2026, 11, 22))
    text = (ROOT / "docs" / "pathways.md").read_text(encoding="utf-8")
    path = tmp_path / "bees.yaml"
    path.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (row,) = imported(session, path)
    assert [each.slug for each in row.steps] == [
        "meet-a-beekeeper",
        "learn-in-a-class",
        "learn-at-a-garden",
        "own-hive",
        "show-somebody-else",
    ]
    assert [each.group_number for each in row.steps] == [None, 1, 1, None, None]
