"""Our own spreadsheet: CSV and workbooks, what becomes of their rows, and the template."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds import spreadsheet_workbook
from feeds.reading import Item, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Sitting, SkillRecord, VenueRecord
from feeds.spreadsheet import FORMAT, template_csv, template_xlsx
from feeds.spreadsheet_cells import Cell
from feeds.spreadsheet_columns import COLUMNS, KINDS, OFFERED_KINDS, header
from settings import ROOT, UK_TIME
from tests.feeds.fakes_tables import Outcome, feed, outcomes

WEB = "https://a.example/list"
NEEDED = "title,kind,provider"


def became(content: bytes | str) -> list[tuple[str, Outcome]]:
    return list(outcomes(FORMAT, WEB, {WEB: content.encode() if isinstance(content, str) else content}))


def one(heading: str, cells: str) -> Outcome:
    [(_, found)] = became(f"{NEEDED},{heading}\nWelding,course,Tamar Bank College,{cells}\n")
    return found


def record(heading: str, cells: str) -> OpportunityRecord:
    found = one(heading, cells)
    assert isinstance(found, OpportunityRecord)
    return found


def workbook(*rows: Sequence[Cell], sheet: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = sheet
    for row in rows:
        book.worksheets[0].append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


EXAMPLE = OpportunityRecord(
    title="Your first weld",
    kind=Kind.WORKSHOP,
    layer=Layer.PARTICIPATE,
    provider=ProviderRecord(name="Tamar Bank College"),
    reach=Reach.VENUE,
    summary="Join two pieces of steel with an arc welder, and take home what you make.",
    description="You start with the mask, the gloves and the reasons for them. There are four of you to each teacher.",
    venues=(
        VenueRecord(
            name="King's Road Workshops", address="King's Road, Devonport", town="Plymouth", postcode="PL1 5QG"
        ),
    ),
    sittings=(Sitting(datetime(2027, 1, 5, 18, 30, tzinfo=UK_TIME), datetime(2027, 1, 5, 20, 30, tzinfo=UK_TIME)),),
    closes_at=datetime(2027, 1, 4, 23, 59, 59, tzinfo=UK_TIME),
    cost_pence=1000,
    cost_note="Free with Universal Credit",
    age_min=16,
    level="Beginner",
    time_needed="Two hours",
    how_to_apply="Book on our website.",
    url="https://college.example/first-weld",
    accessibility="Level way in. The mask makes everything dark; ask us for one to try at home.",
    skills=(
        SkillRecord(name="Welding", framework="Skills as providers name them", identifier="welding"),
        SkillRecord(
            name="Health and safety", framework="Skills as providers name them", identifier="health and safety"
        ),
    ),
)


def test_the_templates_are_read_without_their_example() -> None:
    assert became(template_csv()) == []
    assert became(template_xlsx()) == []


def test_the_templates_example_is_right_under_another_id() -> None:
    assert became(template_csv().replace(b"EXAMPLE,", b"weld,", 1)) == [("weld", EXAMPLE)]
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx()))
    book.worksheets[0]["A2"] = "weld"
    file = io.BytesIO()
    book.save(file)
    assert became(file.getvalue()) == [("weld", EXAMPLE)]


def test_the_workbook_to_fill_in_explains_itself() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx()))
    sheet, about = book.worksheets
    assert [cell.value for cell in sheet[1]] == [column.name for column in COLUMNS]
    assert [row[2] for row in about.iter_rows(min_row=2, values_only=True)] == [column.meaning for column in COLUMNS]
    offered = {choice.formula1 for choice in sheet.data_validations.dataValidation}
    assert f'"{",".join(OFFERED_KINDS)}"' in offered
    # Excel takes no longer list.
    assert all(len(choice) <= 255 for choice in offered)


def test_the_documentation_has_every_column_as_the_reader_has_it() -> None:
    text = (ROOT / "docs" / "spreadsheets.md").read_text(encoding="utf-8")
    section = text.split("## The columns\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    assert rows[2:] == [
        [column.name, "yes" if column.is_needed else "", column.meaning, column.example] for column in COLUMNS
    ]


def test_the_example_in_the_documentation_becomes_what_it_says() -> None:
    text = (ROOT / "docs" / "spreadsheets.md").read_text(encoding="utf-8")
    weld, books = became(text.split("```csv\n")[1].split("```")[0])
    assert (weld[0], books[0]) == ("weld-1", "books")
    assert isinstance(weld[1], OpportunityRecord)
    assert isinstance(books[1], OpportunityRecord)
    assert [sitting.starts_at.day for sitting in weld[1].sittings] == [5, 12]
    assert (books[1].kind, books[1].reach, books[1].cost_pence) == (Kind.ONLINE, Reach.ONLINE, 0)


def test_every_kind_has_its_word_and_the_offered_ones_are_all() -> None:
    assert {KINDS[word][0] for word in OFFERED_KINDS} == set(Kind)


def test_headings_go_by_their_letters_and_by_other_words() -> None:
    found = header(["  Cost (£) ", "START DATE", "start-time", "Organisation", "Nme", "Descripton", "Title", "title"])
    assert found.places == {"cost": 0, "starts": 1, "provider": 3, "title": 6}
    assert found.missing == ["kind"]
    assert list(found.doubts()) == [
        "The column “start-time” is not read: another one stands for “starts”.",
        "The column “Descripton” is not read: did you mean “description”?",
        "The column “title” is not read: another one stands for “title”.",
    ]


def test_a_heading_that_is_not_clear_is_told_and_the_rest_is_read() -> None:
    found = became(f"{NEEDED},Postcod\nWelding,course,Tamar Bank College,PL1 5QG\n")
    assert found[0] == ("row 1", "Row 1: The column “Postcod” is not read: did you mean “postcode”?")
    assert isinstance(found[1][1], OpportunityRecord)


def test_only_the_first_mistakes_of_many_are_told() -> None:
    [(_, found)] = became(f"{NEEDED},starts\n" + "A,course,X,soon\n" * 30)
    assert str(found).count("column") == 10
    assert str(found).endswith("And 20 more mistakes like these.")


def test_a_column_that_is_needed_and_missing_is_named() -> None:
    for content in (b"title,cost\nA,1\n", workbook(["title", "cost"], ["A", 1]), workbook()):
        with pytest.raises(SourceUnreadable, match=r"There are no columns (“title”, )?“kind” and “provider”\."):
            became(content)


def test_a_heading_that_is_needed_and_nearly_right_is_named() -> None:
    with pytest.raises(SourceUnreadable, match=r"no column “provider”. The column “Provder” .* mean “provider”\?"):
        became("title,kind,Provder\nA,course,X\n")


def test_every_mistake_is_told_by_row_and_column() -> None:
    content = f"""{NEEDED},starts,ends,postcode,age from,age to,layer
Sewing,course,Tamar Bank College,,,,,,
Welding,thing,,31/02/2027,,PL1,20,16,top
"""
    assert became(content)[1][1] == (
        "Row 3, column “kind”: “thing” is none that we know; write one of event, workshop, course, online learning, "
        "volunteering, work experience, project, apprenticeship, job, information. "
        "Row 3, column “layer”: “top” is none of engage, participate, demonstrate, lead; write one, or leave it empty. "
        "Row 3, column “starts”: “31/02/2027” is not a date; write 05/01/2027 or 5 Jan 2027 18:30. "
        "Row 3, column “postcode”: “PL1” is not a full postcode; write one such as PL1 5QG. "
        "Row 3, column “age to”: 16 is less than 20, the age from which it is. "
        "Row 3, column “provider”: this is empty; write who offers it."
    )


def test_rows_are_counted_as_spreadsheets_count_them() -> None:
    content = f'{NEEDED},description,cost\nA,course,X,"two\n\nlines",\n\n,,,,\nB,course,X,,-1\nC,course,X\n"D,course\n'
    found = dict(became(content))
    assert [type(each) for each in found.values()] == [str, OpportunityRecord, str, OpportunityRecord]
    assert found["row 7"] == "Row 7: Its quotation marks are in disorder"
    assert any(isinstance(each, str) and each.startswith("Row 5, column “cost”") for each in found.values())


def test_times_that_do_not_fit_are_told() -> None:
    assert one("starts,ends", "05/01/2027 18:30,") == (
        "Row 2, column “ends”: there is no time at which it ends; write one, such as 20:30."
    )
    assert one("starts,ends", ",20:30") == (
        "Row 2, column “starts”: this is empty, though “ends” is not; write when it starts."
    )
    assert one("starts,ends", "18:30,20:30") == "Row 2, column “starts”: “18:30” has no day; write 05/01/2027 18:30."
    assert one("closes", "18:30") == "Row 2, column “closes”: “18:30” has no day; write 05/01/2027."


def test_a_day_without_a_time_is_said_and_closes_it() -> None:
    found = record("starts,summary", "05/01/2027,Come and weld.")
    assert (found.sittings, found.summary) == ((), "Starts 5 January 2027. Come and weld.")
    assert found.closes_at == datetime(2027, 1, 5, 23, 59, 59, tzinfo=UK_TIME)
    assert record("starts,closes", "05/01/2027,2027-02-01 12:00").closes_at == datetime(2027, 2, 1, 12, tzinfo=UK_TIME)


def test_rows_of_one_id_are_one_thing_on_several_dates_and_in_several_places() -> None:
    content = """id,title,kind,provider,starts,ends,postcode
7,Welding,course,Tamar Bank College,12/07/2027 18:30,20:30,PL1 5QG
7,,,,05/01/2027 18:30,20:30,PL1 2AA
7,Other,,,05/01/2027 18:30,20:30,PL1 2AA
"""
    [(identifier, found)] = became(content)
    assert identifier == "7"
    assert isinstance(found, OpportunityRecord)
    assert [sitting.starts_at.isoformat() for sitting in found.sittings] == [
        "2027-01-05T18:30:00+00:00",
        "2027-07-12T18:30:00+01:00",
    ]
    assert [venue.postcode for venue in found.venues] == ["PL1 5QG", "PL1 2AA"]


def test_an_identifier_lasts_while_all_but_provider_title_and_postcode_change() -> None:
    def identifier(row: str) -> str:
        [(found, _)] = became(f"title,kind,provider,postcode,cost\n{row}\n")
        return found

    lasting = identifier("Welding,course,Tamar Bank College,PL1 5QG,1")
    assert identifier("WELDING ,workshop,Tamar  bank college,pl15qg,2") == lasting
    assert lasting.startswith("row:")
    for other in ("Sewing,course,Tamar Bank College,PL1 5QG,1", "Welding,course,Tamar Bank College,PL1 2AA,1"):
        assert identifier(other) != lasting


def test_a_row_that_says_nothing_of_what_it_is_is_bad() -> None:
    wrong = "Row 2, column “title”: this is empty; write what it is called, or the id of a row above."
    assert became("id,title,kind,provider\n,,course,X\n") == [("row 2", wrong)]
    assert "Row 2, column “title”: this is empty" in str(became("id,title,kind,provider\n5,,course,X\n")[0][1])


@pytest.mark.parametrize(
    ("heading", "cells", "reach"),
    [
        ("online,region", "yes,", Reach.ONLINE),
        ("online,postcode", "yes,PL1 5QG", Reach.ONLINE),
        ("online,town", "no,Plymouth", Reach.VENUE),
        ("region,online", "Devon,", Reach.REGION),
        ("region,online", "Nationwide,", Reach.NATIONAL),
        ("region,online", ",", Reach.UNKNOWN),
    ],
)
def test_where_it_is(heading: str, cells: str, reach: Reach) -> None:
    assert record(heading, cells).reach == reach


def test_a_venue_that_cannot_be_found_is_told() -> None:
    assert one("venue,cost", "Village hall,") == (
        "Row 2, column “postcode”: this is empty, so nobody can be told how far it is to “Village hall”; write it."
    )


def test_the_kind_brings_its_layer_unless_another_is_said() -> None:
    for kind, layer, expected in (
        ("Open days", "", (Kind.EVENT, Layer.ENGAGE)),
        ("work-experience", "", (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE)),
        ("Volunteering", "Lead", (Kind.VOLUNTEERING, Layer.LEAD)),
    ):
        [(_, found)] = became(f"{NEEDED},layer\nA,{kind},X,{layer}\n")
        assert isinstance(found, OpportunityRecord)
        assert (found.kind, found.layer) == expected


def test_what_a_row_is_made_of_is_its_words_and_not_its_number() -> None:
    def contents(text: str) -> dict[str, bytes]:
        return {
            each.identifier: each.content
            for each in FORMAT.read(feed(WEB, {WEB: text.encode()}))
            if isinstance(each, Item)
        }

    before, after = contents(f"{NEEDED}\nA,course,X\n"), contents(f"{NEEDED}\nB,job,X\nA,course,X\n")
    assert before.items() <= after.items()
    assert contents(f"{NEEDED}\nA,event,X\n") != before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "mac-roman"])
def test_every_encoding_is_read(encoding: str) -> None:
    [(_, found)] = became(f"{NEEDED};x\nCafé – it’s £5;course;Åse’s;\n".replace(",", ";").encode(encoding))
    assert isinstance(found, OpportunityRecord)
    assert (found.title, found.provider.name) == ("Café – it’s £5", "Åse’s")


def test_a_workbook_has_numbers_dates_and_titles_above_its_headings() -> None:
    content = workbook(
        ["What we offer this spring"],
        [],
        ["Title", "Kind", "Provider", "Starts", "Ends", "Age from", "Online", "Cost", "ID"],
        ["A", "event", "X", datetime(2027, 1, 5, 18, 30), 0.875, 16, True, 12.5, 7],  # noqa: DTZ001
        [None, " "],
        ["=1+1", "event", "#REF!"],
    )
    [(_, wrong), (identifier, found)] = became(content)
    assert identifier == "7"
    assert isinstance(found, OpportunityRecord)
    assert (found.age_min, found.cost_pence, found.reach) == (16, 1250, Reach.ONLINE)
    assert found.sittings[0].ends_at == datetime(2027, 1, 5, 21, tzinfo=UK_TIME)
    # A formula that no program has worked out says nothing.
    assert "Row 6, column “title”: this is empty" in str(wrong)


def test_hidden_sheets_are_passed_over() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([*NEEDED.split(",")], ["A", "course", "X"])))
    book.create_sheet("Other")
    book.worksheets[0].sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(SourceUnreadable, match="There are no columns “title”, “kind” and “provider”"):
        became(file.getvalue())


def changed(content: bytes, name: str, change: "tuple[bytes, bytes] | bytes") -> bytes:
    """A workbook with other bytes in one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            inside = old.read(part)
            if part.filename == name:
                inside = inside.replace(*change) if isinstance(change, tuple) else change
            new.writestr(part.filename, inside)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = workbook(NEEDED.split(","), ["A", "course", "X"])


def test_entities_and_other_encodings_are_not_looked_into() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet'
    spaced = b"<worksheet " + b" " * 65_530 + b"><!DOCTYPE x [<!ENTITY a 'a'>]>"
    for content in (
        changed(PLAIN, SHEET, (b"<worksheet", entity)),
        changed(PLAIN, SHEET, spaced),
        changed(PLAIN, "xl/workbook.xml", (b"<workbook", b"<!doctype x><workbook")),
    ):
        with pytest.raises(SourceUnreadable, match="document type"):
            became(content)
    for inside in ("<?xml version='1.0'?><a/>".encode("utf-16"), b"<?xml version='1.0' encoding='cp037'?><a/>"):
        with pytest.raises(SourceUnreadable, match="UTF-8"):
            became(changed(PLAIN, SHEET, inside))


def test_a_workbook_that_explodes_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet_workbook, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(SourceUnreadable, match="larger than 1,000,000 bytes once"):
        became(changed(PLAIN, SHEET, b" " * 2_000_000))
    monkeypatch.setattr(spreadsheet_workbook, "MAX_PARTS", 3)
    with pytest.raises(SourceUnreadable, match="more than 3 parts"):
        became(PLAIN)


def test_a_row_said_to_be_far_down_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet_workbook, "MAX_ROWS", 1000)
    content = changed(PLAIN, SHEET, (b'<row r="2"', b'<row r="999999999"'))
    assert became(content) == []


def test_other_spreadsheets_say_what_to_do() -> None:
    with pytest.raises(SourceUnreadable, match=r"old Excel file \(.xls\), or one with a password"):
        became(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<a/>")
    with pytest.raises(SourceUnreadable, match="OpenDocument"):
        became(file.getvalue())
    with pytest.raises(SourceUnreadable, match="damaged"):
        became(PLAIN[:-100])
    with pytest.raises(SourceUnreadable, match="damaged"):
        became(changed(PLAIN, "xl/workbook.xml", b"<no"))


def test_too_many_rows_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.spreadsheet.MAX_ROWS", 3)
    with pytest.raises(SourceUnreadable, match="more than 3 rows"):
        became(f"{NEEDED}\n" + "A,course,X\n" * 4)


def test_a_file_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "our list.csv"
    path.write_bytes(template_csv().replace(b"EXAMPLE,", b"weld,", 1))
    assert list(outcomes(FORMAT, path)) == [("weld", EXAMPLE)]


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), max_size=len(COLUMNS)), max_size=4))
def test_no_words_in_any_cell_break_it(rows: list[list[str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows(rows)
    for each in became(file.getvalue().encode(errors="ignore")):
        assert isinstance(each[1], OpportunityRecord) or re.match("Row [0-9]+|Rows", each[1])


@settings(deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=30))
def test_no_damage_to_a_workbook_breaks_it(at: int, noise: bytes) -> None:
    try:
        became(PLAIN[:at] + noise + PLAIN[at + len(noise) :])
    except SourceUnreadable:
        return


@settings(deadline=None)
@given(st.sampled_from(["xl/workbook.xml", SHEET, "xl/styles.xml"]), st.integers(0, 2000), st.binary(max_size=10))
def test_no_muddle_within_a_workbook_breaks_it(name: str, at: int, noise: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        inside = archive.read(name)
    try:
        became(changed(PLAIN, name, inside[:at] + noise + inside[at + len(noise) :]))
    except SourceUnreadable:
        return
