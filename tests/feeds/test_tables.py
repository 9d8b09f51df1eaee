"""Tables of text: encodings, broken rows, archives."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import encodings, table_files, tables
from feeds.fetching import FetchFailed
from feeds.reading import Bad, SourceUnreadable
from tests.feeds.fakes_tables import feed

SAID = "id,note\r\n1,It’s £5 at the café – really\r\n"
EURO = "id,note\r\n1,Costs €5 or £4\r\n"


def rows(content: bytes, *, by_hand: bool = False) -> list[tables.Row | Bad]:
    return list(tables.read(io.BytesIO(content), by_hand=by_hand).rows)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "utf-16-le", "utf-16-be", "mac-roman"],
)
def test_pounds_and_curly_quotes_survive_every_encoding(encoding: str) -> None:
    assert rows(SAID.encode(encoding)) == [(2, ["1", "It’s £5 at the café – really"])]


def test_utf_16_with_a_mark_either_way_round() -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        content = mark + SAID.encode(encoding)
        table = tables.read(io.BytesIO(content))
        assert table.header == ["id", "note"]
        assert list(table.rows) == [(2, ["1", "It’s £5 at the café – really"])]


def test_a_euro_survives_latin_9() -> None:
    assert rows(EURO.encode("iso-8859-15")) == [(2, ["1", "Costs €5 or £4"])]
    assert rows(EURO.encode("windows-1252")) == [(2, ["1", "Costs €5 or £4"])]


def test_lines_pasted_from_windows_into_utf_8_spoil_no_others() -> None:
    content = SAID.encode() + "2,Costs £9\r\n".encode("windows-1252") + "3,It’s “fine”\r\n".encode()
    assert [row[1][1] for row in rows(content) if not isinstance(row, Bad)] == [
        "It’s £5 at the café – really",
        "Costs £9",
        "It’s “fine”",
    ]


def test_letters_cut_in_two_by_a_block_are_utf_8_still() -> None:
    content = b"id,note\r\n" + "".join(f"{n},a’é£\r\n" for n in range(200_000)).encode()
    assert encodings.encoding_of(io.BytesIO(content)).name == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header_alone(delimiter: str) -> None:
    content = f'id{delimiter}"note, or; so"\n1{delimiter}"a,b;c|d"\n'.encode()
    assert rows(content) == [(2, ["1", "a,b;c|d"])]


def test_excels_line_about_the_delimiter_and_empty_lines_are_passed_over() -> None:
    assert rows(b"sep=;\r\n\r\nid;note\r\n\r\n;\r\n1;a\r\n") == [(6, ["1", "a"])]


def test_text_may_go_on_in_the_next_line() -> None:
    assert rows(b'id,note\n1,"a\n\nb"\n2,c\n') == [(2, ["1", "a\n\nb"]), (5, ["2", "c"])]


def test_a_stray_quotation_mark_takes_nothing_else_with_it() -> None:
    lines = [f'{n},"Course {n}",Plymouth' for n in range(1000)]
    lines[10] = '10,"Course 10,Plymouth'
    found = rows(("id,name,town\n" + "\n".join(lines)).encode())
    assert [row[1][0] for row in found if not isinstance(row, Bad)] == [str(n) for n in range(1000)]
    assert found[10] == (12, ["10", "Course 10", "Plymouth"])


def test_a_quotation_mark_that_nothing_closes_costs_one_line() -> None:
    lines = [f"{n},Course {n},Plymouth" for n in range(30_000)]
    lines[5] = '5,Course 5,"Plymouth,more'
    found = rows(("id,name,town\n" + "\n".join(lines)).encode())
    assert found[5] == Bad("line 7", "Its quotation marks are in disorder", '5,Course 5,"Plymouth,more')
    assert len(found) == 30_000


def test_quotation_marks_within_a_text_are_kept() -> None:
    assert rows(b'id,note\n1,"The "best" course"\n2,"5" pipe"\n') == [
        (2, ["1", 'The "best" course']),
        (3, ["2", '5" pipe']),
    ]


def test_a_long_line_of_disorder_is_told_and_takes_no_time() -> None:
    found = rows(b"id,note\n" + b',"a' * 1_000_000 + b"\n1,a\n")
    assert [each.reason for each in found if isinstance(each, Bad)] == ["Its quotation marks are in disorder"]
    assert found[-1] == (3, ["1", "a"])


def test_rows_of_another_length_are_named_and_neighbours_are_named_together() -> None:
    assert rows(b"id,note\n1\n2,a,b\n3,c\n4,d,\n5\n") == [
        Bad("lines 2 to 3", "It has 1 fields and the header has 2", "1"),
        (4, ["3", "c"]),
        (5, ["4", "d"]),
        Bad("line 6", "It has 1 fields and the header has 2", "5"),
    ]


def test_a_header_may_go_on_in_the_next_line_and_a_stray_quotation_mark_in_it_takes_nothing() -> None:
    table = tables.read(io.BytesIO(b'id,"note\n(long)"\n1,a\n'))
    assert (table.header, list(table.rows)) == (["id", "note\n(long)"], [(3, ["1", "a"])])
    for rest in (b"1,a\n" * 99, b'1,"a"\n' * 99, b"1,a\n"):
        table = tables.read(io.BytesIO(b'id,"note\n' + rest))
        assert table.header == ["id", "note"]
        assert next(table.rows) == (2, ["1", "a"])


def test_a_row_may_end_early_where_that_is_allowed() -> None:
    assert rows(b"id,note\n1\n", by_hand=True) == [(2, ["1", ""])]
    assert rows(b'id,note,more\n1,"a\nb"\n2\n', by_hand=True) == [(2, ["1", "a\nb", ""]), (3, ["2", "", ""])]
    assert rows(b'id,note,more\n1,"a\nb"\n') == [
        Bad("lines 2 to 3", "It has 2 fields and the header has 3, or its quotation marks are in disorder", '1,"a')
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_a_header_cannot_be_read(content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match="empty"):
        rows(content)


def test_a_web_page_is_told_from_a_table() -> None:
    with pytest.raises(SourceUnreadable, match="web page"):
        rows(b"\n<!DOCTYPE html><html>")


def test_a_pdf_is_told_from_a_table() -> None:
    with pytest.raises(SourceUnreadable, match="This is a PDF and not a table: ask for the spreadsheet"):
        rows(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")


def test_nuls_are_left_out() -> None:
    assert rows(b"\0id,n\0ote\n1,a\0b\n" + bytes(300_000) + b"2,c\n") == [(2, ["1", "ab"]), (3, ["2", "c"])]


def test_a_line_without_an_end_cannot_be_read() -> None:
    with pytest.raises(SourceUnreadable, match="longer than"):
        rows(b"id,note\n" + b"a" * (tables.MAX_LINE_BYTES + 300_000))
    with pytest.raises(SourceUnreadable, match="header"):
        rows(b"a," * 100_000)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    try:
        found = rows(b"id,note\n" + content)
    except SourceUnreadable:
        return
    assert all(isinstance(each, Bad) or len(each[1]) == 2 for each in found)


@settings(deadline=None)
@given(st.lists(st.sampled_from(['"', ",", "\n", "a", '""', '","', "\r", "\0"]), max_size=40).map("".join))
def test_no_muddle_of_quotation_marks_breaks_it_or_eats_what_follows(muddle: str) -> None:
    found = rows(f"id,note\n{muddle}\n".encode() + b'last,"x"\n' * 3)
    assert [each[1] for each in found if not isinstance(each, Bad)][-2:] == [["last", "x"]] * 2


def packed(content: bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def read_of(path: Path, content: bytes, max_bytes: int = 1_000_000) -> bytes:
    path.write_bytes(content)
    with table_files.opened(str(path), feed(path).fetcher, max_bytes) as file:
        return file.read()


def test_archives_are_unpacked(tmp_path: Path) -> None:
    assert read_of(tmp_path / "a", b"id,note") == b"id,note"
    assert read_of(tmp_path / "b", gzip.compress(b"id,note")) == b"id,note"
    assert read_of(tmp_path / "c", packed(b"id,note", "a.csv", "read.me")) == b"id,note"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(bytes(2_000_000)), "larger than 1,000,000 bytes"),
        (packed(bytes(2_000_000), "a.csv"), "larger than 1,000,000 bytes"),
        (packed(b"id", "a.csv", "b.csv"), "2 CSV files"),
        (gzip.compress(b"id,note" * 1000)[:-20], "damaged"),
        (packed(b"id,note" * 1000, "a.csv")[:60], "damaged"),
    ],
    ids=["a gzip too large", "a zip too large", "two files", "half a gzip", "half a zip"],
)
def test_archives_that_explode_or_are_damaged_are_not(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=reason):
        read_of(tmp_path / "a", content)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), str(tmp_path), "a\0b"):
        with pytest.raises(SourceUnreadable), table_files.opened(address, feed(address).fetcher):
            pass
    with pytest.raises(FetchFailed), table_files.opened("https://a.example/x", feed("").fetcher):
        pass


def test_what_was_seen_is_known_however_much_there_is() -> None:
    seen = tables.Seen(slots=8)
    names = [f"name {n}" for n in range(1000)]
    assert not any(seen.add(name) for name in names)
    assert all(seen.add(name) for name in names)
