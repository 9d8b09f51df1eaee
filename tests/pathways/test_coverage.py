"""Where the gaps of a pathway are: for chosen districts, as a page and as a table."""

import csv
from io import StringIO

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from catalogue import derived, pathway_pages
from catalogue.pathway_models import MAX_STEPS, StepGroup
from catalogue.words import Kind, Reach
from gazetteer.table import Table
from pathways.coverage import COLUMNS, MAX_DISTRICTS, CoverageRequest, State, as_csv, coverage, needs, summaries
from tests.catalogue.factories import opportunity
from tests.catalogue.pathways import NOW, badge, counting, kept, miles_north, named, pathway, rule, skill, step
from tests.client import Answer, CheckedClient, text_of

PAGE = "/pathways/become-an-electrician/coverage"
# `near` explains its own in tests/catalogue/test_pathway_answers.py; a district is one of it.
A_DISTRICT = 5 + 1 + 1 + 2 * (7 + 6) + 3 + 1


def asked(table: Table, query: str, app: Flask) -> CoverageRequest:
    pairs = [part.split("=", 1) for part in query.split("&") if part]
    with app.test_request_context():
        return CoverageRequest.from_args(MultiDict([(name, value) for name, value in pairs]), table)


def labels_of(found: CoverageRequest) -> list[str]:
    return [each.label for each in found.districts]


def rows_of(answer: Answer) -> list[dict[str, str]]:
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    ("query", "districts"),
    [
        ("district=PL1&district=TR26", ["PL1", "TR26"]),
        ("district=PL1, pl4;TR26", ["PL1", "PL4", "TR26"]),
        ("district=PL1\nPL1 2AA", ["PL1"]),
        ("district=,,", []),
        ("", []),
    ],
)
def test_districts_come_one_by_one_or_with_commas_each_once(
    table: Table, wordy_app: Flask, query: str, districts: list[str]
) -> None:
    found = asked(table, query, wordy_app)
    assert labels_of(found) == districts
    assert found.problems == []


def test_a_town_says_which_districts_it_stands_for(table: Table, wordy_app: Flask) -> None:
    found = asked(table, "district=Plymouth", wordy_app)
    assert labels_of(found)[0] == "PL1"
    with wordy_app.test_request_context():
        assert [text for text, _ in found.towns] == ["Plymouth"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("district=ZZ9, PL1", "We do not know the postcode “ZZ9”."),
        ("district=Nowheresby, PL1", "We do not know a place called “Nowheresby”."),
        (f"district=PL1,{'x' * 300}", "That is too long for a place."),
        ("district=PL1&within=far", "“far” is not a distance we can use"),
        ("district=PL1&within=-1", "“-1” is not a distance we can use"),
        ("district=PL1&within=501", "“501” is not a distance we can use"),
        ("district=PL1&within=any", "A distance is needed here, of 500 miles at most."),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_is_kept(
    table: Table, wordy_app: Flask, query: str, sentence: str
) -> None:
    found = asked(table, query, wordy_app)
    assert labels_of(found) == ["PL1"]
    assert found.within_miles == 10
    assert len(found.problems) == 1
    assert found.problems[0].startswith(sentence)


def test_too_many_districts_are_cut_off_and_said(table: Table, wordy_app: Flask) -> None:
    many = ", ".join(f"TR{number}" for number in range(1, 26))
    for query in (f"district={many}", "district=PL", f"district={many}&district={many.replace('TR', 'PL')}"):
        found = asked(table, query, wordy_app)
        assert len(found.districts) == MAX_DISTRICTS
        assert found.problems[0] == "We can look at 20 districts at once. These are the first."


def test_a_step_is_near_or_online_or_a_gap(session: Session, table: Table, wordy_app: Flask) -> None:
    gardening = skill("gardening")
    rows = [
        opportunity(miles_north(2), kind=Kind.COURSE, skills=[gardening]),
        opportunity(reach=Reach.ONLINE, kind=Kind.EVENT, skills=[gardening]),
        opportunity(miles_north(100), kind=Kind.JOB, skills=[gardening]),
    ]
    kinds = (Kind.COURSE, Kind.EVENT, Kind.JOB, Kind.PROJECT)
    found = kept(session, *rows, pathway(*(step(rule(kind=kind, skill=gardening)) for kind in kinds)))
    request = asked(table, "district=PL1, TR26&within=10", wordy_app)
    with wordy_app.test_request_context():
        near = coverage(session, found, request, NOW)
        states = [[cell.state for cell in row.cells] for row in near]
        assert states == [
            [State.NEAR, State.GAP],
            [State.ONLINE, State.ONLINE],
            [State.GAP, State.GAP],
            [State.GAP, State.GAP],
        ]
        assert summaries(near, request) == [
            "3 of 4 steps have nothing within 10 miles of PL1. 1 of these can be done online or anywhere.",
            "4 of 4 steps have nothing within 10 miles of TR26. 1 of these can be done online or anywhere.",
        ]
        wide = asked(table, "district=PL1&within=500", wordy_app)
        assert summaries(coverage(session, found, wide, NOW)[::2], wide) == [
            "Every step can be done within 500 miles of PL1."
        ]
    assert [cell.nearest_miles is None for cell in near[3].cells] == [True, True]
    assert near[2].cells[0].nearest_miles is not None
    assert near[2].cells[0].nearest_miles > 90
    assert [cell.located.label for cell in near[0].lacking] == ["TR26"]


def test_steps_that_not_everyone_must_do_say_why(session: Session, wordy_app: Flask) -> None:
    steps = [step(rule(kind=Kind.JOB)) for _ in range(4)]
    steps[0].is_optional = True
    found = kept(session, pathway(*steps, groups=[StepGroup(number=1, needed=2)]))
    for each in found.steps[1:]:
        each.group_number = 1
    with wordy_app.test_request_context():
        assert needs(found) == {1: "You can skip this one"} | dict.fromkeys((2, 3, 4), "Any 2 of steps 2 to 4")


def test_a_district_costs_a_bounded_number_of_statements(session: Session, table: Table, wordy_app: Flask) -> None:
    earned = badge(skills=[skill("painting")])
    far = opportunity(miles_north(300))
    steps = [step(rule(skill=skill(f"skill-{number}")), named(earned), named(far)) for number in range(MAX_STEPS)]
    session.add_all([*steps, far, pathway(*steps)])
    session.flush()
    derived.index(session)
    session.expunge_all()
    found = pathway_pages.pathway(session, "into-tests")
    assert found is not None
    request = asked(table, "district=PL1, TR26, KW1, BT1", wordy_app)
    with counting(session.connection()) as statements:
        assert len(coverage(session, found, request, NOW)) == MAX_STEPS
    assert len(statements) <= 4 * A_DISTRICT


def test_text_that_a_spreadsheet_would_run_is_defused(session: Session, table: Table, wordy_app: Flask) -> None:
    bad = opportunity(miles_north(1), kind=Kind.JOB, title="=1+1", key="test:formula")
    made = pathway(step(rule(kind=Kind.JOB)))
    made.steps[0].title = '@SUM("a", 1)'
    found = kept(session, bad, made)
    request = asked(table, "district=PL1", wordy_app)
    with wordy_app.test_request_context():
        text = as_csv(found, coverage(session, found, request, NOW), request)
    head, line = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert tuple(head) == COLUMNS
    assert [cell for cell in line if cell.startswith("'")] == ['\'@SUM("a", 1)', "'=1+1"]
    assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_without_districts_the_page_asks_for_them(client: CheckedClient) -> None:
    page = client.get(PAGE)
    assert page.status == 200
    assert page.texts(".//label") == [
        "Districts or towns with commas between, such as PL1, PL4, TR26",
        "Miles that count as near",
    ]
    assert not page.all(".//table")
    assert not page.all(".//p[@class='message']")


def test_the_page_and_the_table_say_the_same(client: CheckedClient) -> None:
    page = client.get(f"{PAGE}?district=PL1&district=TR26&within=10")
    assert page.status == 200
    assert page.texts(".//thead//th") == ["Step", "PL1", "TR26"]
    cells = [[cell.get("class") for cell in row.findall("td")] for row in page.all(".//tbody/tr")]
    found = client.get(f"{PAGE}.csv?district=PL1&district=TR26&within=10")
    lines = rows_of(found)
    assert [line["state"] for line in lines] == [state for row in cells for state in row]
    assert {"near", "gap"} <= {line["state"] for line in lines}
    for line, cell in zip(lines, page.all(".//tbody//td"), strict=True):
        said = text_of(cell)
        assert said.startswith(line["district"])
        if line["state"] == "near":
            assert f"{line['number_near']} near" in said or line["number_is_at_least"] == "yes"
        else:
            assert ("Gap" if line["state"] == "gap" else "Online") in said
    lacking = sum(state != "near" for _, state in cells)
    assert any(
        each.startswith(f"{lacking} of {len(cells)} steps") for each in page.texts(".//ul[@class='summaries']/li")
    )


def test_what_would_fill_a_gap_is_said_in_words(client: CheckedClient) -> None:
    page = client.get(f"{PAGE}?district=TR26&within=1")
    filled = page.texts(".//ul[@class='fill']/li")
    assert any("Badge: A lamp on a board" in each and "Missing in: TR26" in each for each in filled)


def test_crawlers_are_sent_to_the_pathway(client: CheckedClient) -> None:
    page = client.get(f"{PAGE}?district=PL1")
    (canonical,) = page.all(".//link[@rel='canonical']")
    assert canonical.get("href") == "http://localhost/pathways/become-an-electrician"
    assert client.get("/pathways/become-an-electrician").all(f".//a[@href='{PAGE}']")


def test_the_table_is_a_file_of_its_own(client: CheckedClient) -> None:
    answer = client.get(f"{PAGE}.csv?district=PL1")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="become-an-electrician-coverage.csv"'
    assert len(rows_of(answer)) == 6
    assert rows_of(client.get(f"{PAGE}.csv")) == []


def test_links_of_the_page_say_roughly_where(client: CheckedClient) -> None:
    page = client.get(f"{PAGE}?district=PL1+2AA")
    links = [link.get("href") or "" for link in page.all(".//main//a")]
    assert not [link for link in links if "2AA" in link]
    assert any("district=PL1" in link for link in links)


@pytest.mark.parametrize("ending", ["", ".csv"])
def test_bad_districts_are_a_bad_request_with_the_rest(client: CheckedClient, ending: str) -> None:
    answer = client.get(f"{PAGE}{ending}?district=PL1,ZZ9")
    assert answer.status == 400
    assert "PL1" in answer.text
    assert client.get(f"/pathways/no-such{'/coverage' + ending}").status == 404
    rubbish = client.get(f"{PAGE}{ending}", query_string={"district": "\x00\ufffe<b>", "within": "\x00"})
    assert rubbish.status == 400
