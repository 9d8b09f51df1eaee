"""Postcode files that an operator may bring: each format and each trap beside what comes of it."""

import gzip
import lzma
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from gazetteer import formats
from gazetteer.files import BATCH, BadFile, Summary, units
from gazetteer.table import GazetteerUnavailable
from gazetteer.writer import UnitRow

SHORT = "Postcode,lat,long\nPL1 1AA,50.37,-4.14\nPL1 2AA,,\n"
SHORT_UNITS = [UnitRow("PL1 1AA", 50.37, -4.14, False), UnitRow("PL1 2AA", None, None, False)]

CLASSIC = (
    '"pcd","pcd2","pcds","dointr","doterm","oscty","oseast1m","osnrth1m","osgrdind","lat","long","imd"\n'
    '"PL1 1AA","PL1  1AA","PL1 1AA","198001","","E99","247700","0054400","1","50.370000","-4.140000","1"\n'
    '"AB101AA","AB10 1AA","AB10 1AA","199606","201605","S99","394251","0806376","1","57.148000","-2.096000","2"\n'
    '"PL1 2AA","PL1  2AA","PL1 2AA","198001","","E99","","","9","99.999999","0.000000","3"\n'
    '"BT1 5GS","BT1  5GS","BT1 5GS","199606","","N99","333500","0373700","1","54.596800","-5.925400","4"\n'
    '"SE109NF","SE10 9NF","SE10 9NF","199606","","E99","538900","0177300","1","51.477000","0.000000","5"\n'
)
ONS_UNITS = [
    UnitRow("PL1 1AA", 50.37, -4.14, False),
    UnitRow("AB10 1AA", 57.148, -2.096, True),
    UnitRow("PL1 2AA", None, None, False),
    UnitRow("BT1 5GS", 54.5968, -5.9254, False),
    UnitRow("SE10 9NF", 51.477, 0.0, False),
]
SINCE_NOVEMBER_2025 = (
    CLASSIC.replace('"pcd","pcd2"', '"pcd7","pcd8"').replace("oseast1m", "east1m").replace("osnrth1m", "north1m")
).replace("osgrdind", "gridind")

CODE_POINT = (
    '"PL1 1AA",10,247698,54392,"E92000001","E19000002","E18000010","","E06000026","E05002087"\n'
    '"PL101AA",20,245000,53000,"E92000001","E19000002","E18000010","","E06000026","E05002087"\n'
    '"PL1 9AA",90,0,0,"E92000001","","","","",""\n'
    '"PL1 9AB",60,0,0,"E92000001","","","","",""\n'
)


def read(path: Path) -> tuple[list[UnitRow], Summary]:
    summary = Summary()
    rows = [row for batch, _total in units(path, summary) for row in batch]
    assert summary.read == summary.kept + sum(refusal.count for refusal in summary.refused.values())
    assert summary.kept == len(rows)
    return rows, summary


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path: Path, members: dict[str, str]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("content", [CLASSIC, SINCE_NOVEMBER_2025, CLASSIC.upper(), CLASSIC.replace('"', "")])
def test_ons_files_of_both_generations_are_read(tmp_path: Path, content: str) -> None:
    rows, summary = read(written(tmp_path / "ons.csv", content))
    assert rows == ONS_UNITS
    assert summary.refused == {}


def test_a_postcode_on_the_meridian_keeps_its_place(tmp_path: Path) -> None:
    rows, _summary = read(written(tmp_path / "ons.csv", CLASSIC))
    assert rows[-1] == UnitRow("SE10 9NF", 51.477, 0.0, False)


def test_a_northern_irish_postcode_is_placed_by_degrees_not_by_its_grid(tmp_path: Path) -> None:
    rows, _summary = read(written(tmp_path / "ons.csv", CLASSIC))
    assert rows[3] == UnitRow("BT1 5GS", 54.5968, -5.9254, False)


def test_an_ons_file_without_the_spaced_postcode_is_read_by_another(tmp_path: Path) -> None:
    rows, _summary = read(written(tmp_path / "ons.csv", CLASSIC.replace('"pcds"', '"spaced"')))
    assert rows == ONS_UNITS


def test_the_short_layout_is_read_as_all_live(tmp_path: Path) -> None:
    rows, summary = read(written(tmp_path / "short.csv", SHORT))
    assert rows == SHORT_UNITS
    assert summary.lines() == ["2 rows read, 2 kept, 0 refused"]


def test_code_point_open_is_turned_into_degrees(tmp_path: Path) -> None:
    rows, summary = read(written(tmp_path / "pl.csv", CODE_POINT))
    found = {row.postcode: row for row in rows}
    assert sorted(found) == ["PL1 1AA", "PL1 9AA", "PL1 9AB", "PL10 1AA"]
    assert summary.refused == {}
    assert found["PL1 1AA"].latitude == pytest.approx(50.3700, abs=0.001)
    assert found["PL1 1AA"].longitude == pytest.approx(-4.1421, abs=0.001)
    # Quality 90, or no grid reference, is no position.
    assert found["PL1 9AA"] == UnitRow("PL1 9AA", None, None, False)
    assert found["PL1 9AB"] == UnitRow("PL1 9AB", None, None, False)


def test_code_point_open_without_any_position_is_read(tmp_path: Path) -> None:
    rows, _summary = read(written(tmp_path / "pl.csv", "".join(CODE_POINT.splitlines(keepends=True)[2:])))
    assert [row.latitude for row in rows] == [None, None]


def test_code_point_open_needs_pyproj_and_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda _name: None)
    with pytest.raises(GazetteerUnavailable, match="needs the package pyproj: run `pip install"):
        read(written(tmp_path / "pl.csv", CODE_POINT))
    # Nothing else does.
    assert read(written(tmp_path / "ons.csv", CLASSIC))[0] == ONS_UNITS


@pytest.mark.parametrize("name", ["short.csv", "short", "short.zip"])
def test_the_name_of_a_file_does_not_matter(tmp_path: Path, name: str) -> None:
    assert read(written(tmp_path / name, SHORT))[0] == SHORT_UNITS
    assert read(written(tmp_path / name, lzma.compress(SHORT.encode())))[0] == SHORT_UNITS
    assert read(written(tmp_path / name, gzip.compress(SHORT.encode())))[0] == SHORT_UNITS
    assert read(zipped(tmp_path / name, {"Data/short.csv": SHORT}))[0] == SHORT_UNITS


@pytest.mark.parametrize(
    "members",
    [
        {"Data/ONSPD_AUG_2025_UK.csv": CLASSIC},
        {"Data/multi_csv/ONSPD_AUG_2025_UK_AB.csv": CLASSIC},
        {"ONSPD_NOV_2025/Data/ONSPD_NOV_2025_UK.CSV": SINCE_NOVEMBER_2025},
        {"Data/CSV/ab.csv": CLASSIC},
        {"onspd.csv": CLASSIC},
    ],
)
def test_a_zip_and_a_folder_are_read_past_what_comes_with_the_data(tmp_path: Path, members: dict[str, str]) -> None:
    others = {
        "Doc/Code-Point_Open_Column_Headers.csv": "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\n",
        "Documents/LA_UA names and codes.csv": "LAD25CD,LAD25NM\nE06000026,Plymouth\n",
        "User Guide/versions.csv": "a,b\n",
        "__MACOSX/Data/._ONSPD.csv": "\0\0",
        "readme.txt": "Postcode,lat,long",
    }
    assert read(zipped(tmp_path / "ons.zip", others | members))[0] == ONS_UNITS
    for name, content in (others | members).items():
        written(tmp_path / "folder" / name, content)
    assert read(tmp_path / "folder")[0] == ONS_UNITS


def test_what_comes_whole_and_in_pieces_is_read_once(tmp_path: Path) -> None:
    header, *lines = CLASSIC.splitlines(keepends=True)
    pieces = {f"Data/multi_csv/{number}.csv": header + line for number, line in enumerate(lines)}
    assert read(zipped(tmp_path / "pieces.zip", pieces))[0] == ONS_UNITS
    rows, summary = read(zipped(tmp_path / "both.zip", pieces | {"Data/whole.csv": CLASSIC}))
    assert rows == ONS_UNITS
    assert summary.read == 5


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert read(written(tmp_path / "bom.csv", b"\xef\xbb\xbf" + CLASSIC.encode()))[0] == ONS_UNITS
    assert len(read(written(tmp_path / "bom.csv", b"\xef\xbb\xbf" + CODE_POINT.encode()))[0]) == 4


def test_latin_1_is_read_where_it_is_not_utf_8(tmp_path: Path) -> None:
    content = "Postcode,lat,long,place\nLL53 5AA,52.9,-4.4,Llŷn\n".encode() + b"LL65 1AA,53.3,-4.6,Ynys M\xf4n\n"
    assert [row.postcode for row in read(written(tmp_path / "old.csv", content))[0]] == ["LL53 5AA", "LL65 1AA"]


def test_line_ends_of_windows_and_blank_lines_are_nothing(tmp_path: Path) -> None:
    content = "\r\n" + SHORT.replace("\n", "\r\n\r\n")
    rows, summary = read(written(tmp_path / "windows.csv", content))
    assert rows == SHORT_UNITS
    assert summary.read == 2


def test_a_postcode_may_be_written_in_any_way(tmp_path: Path) -> None:
    content = "postcode,latitude,longitude\npl11aa,50.37,-4.14\nPL1  1AB,50.37,-4.14\n w1a1aa ,51.5,-0.1\n"
    rows, _summary = read(written(tmp_path / "any.csv", content))
    assert [row.postcode for row in rows] == ["PL1 1AA", "PL1 1AB", "W1A 1AA"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense,50.37,-4.14", "not a postcode"),
        (",50.37,-4.14", "not a postcode"),
        ("PL1 1CA,50.37,-4.14", "not a postcode"),
        ("GIR 0AA,,", "has no place on the map"),
        ("PL1 1AB,north,-4.14", "coordinates that are not numbers"),
        ("PL1 1AB,50.37,", "coordinates that are not numbers"),
        ("PL1 1AB,99.999999,-4.14", "coordinates outside the United Kingdom and its islands"),
        ("PL1 1AB,-4.14,50.37", "coordinates outside the United Kingdom and its islands"),
        ("PL1 1AB,nan,inf", "coordinates outside the United Kingdom and its islands"),
        ("PL1 1AB,50.37", "too few or too many columns"),
        ("Plymouth, PL1 1AB,50.37,-4.14", "too few or too many columns"),
        ('PL1 1AB,"50.37,-4.14', "a quote that is not closed"),
        ("PL1 1AB,50.37\r,-4.14", "a line that is not csv"),
        ("x" * 200_000, "too few or too many columns"),
        ("pl11aa,51.0,-4.0", "twice"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_harms_no_other(tmp_path: Path, line: str, reason: str) -> None:
    path = written(tmp_path / "bad.csv", f"Postcode,lat,long\nPL1 1AA,50.37,-4.14\n{line}\nPL1 2AA,,\n")
    rows, summary = read(path)
    assert rows == SHORT_UNITS
    assert list(summary.refused) == [reason]
    assert summary.refused[reason].example.startswith(f"{path} line 3: {line.strip()[:10]}")


def test_a_date_of_termination_must_be_one(tmp_path: Path) -> None:
    _rows, summary = read(written(tmp_path / "ons.csv", CLASSIC.replace("201605", "never")))
    assert list(summary.refused) == ["a date of termination that is not yyyymm"]


def test_a_grid_reference_must_be_on_the_grid(tmp_path: Path) -> None:
    _rows, summary = read(written(tmp_path / "pl.csv", CODE_POINT.replace("245000", "2450000")))
    assert list(summary.refused) == ["coordinates outside the British National Grid"]


def test_refusals_are_counted_by_reason_over_all_members_with_the_first_of_each(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "cpo.zip", {"Data/CSV/a.csv": CODE_POINT, "Data/CSV/b.csv": "?,10,1,1,,,,,,\n" + CODE_POINT}
    )
    _rows, summary = read(path)
    assert summary.lines() == [
        "9 rows read, 4 kept, 5 refused",
        f"  4 twice: first {path}/Data/CSV/b.csv line 2: {CODE_POINT[:60]}",
        f"  1 not a postcode: first {path}/Data/CSV/b.csv line 1: ?,10,1,1,,,,,,",
    ]


def test_a_last_line_without_its_end_is_read_if_it_is_whole(tmp_path: Path) -> None:
    assert read(written(tmp_path / "short.csv", SHORT.rstrip("\n")))[0] == SHORT_UNITS
    twice = read(written(tmp_path / "short.csv", SHORT + "PL1 1AA,50.37,-4.14"))
    assert list(twice[1].refused) == ["twice"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), lzma.compress(b"")])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadFile, match=r"empty.csv is empty: download it again"):
        read(written(tmp_path / "empty.csv", content))


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html>\n<title>Not found</title>\n",
        b"name,town\nA,B\n",
        b"pcd,pcd2,pcds,dointr,doterm\nPL11AA,PL1 1AA,PL1 1AA,198001,\n",
        SHORT.encode("utf-16"),
        b"\0" * 100_000,
        b"x" * 100_000,
        b"a\rb\rc",
        b"%PDF-1.7\n\xff\xfe",
    ],
)
def test_a_file_of_another_kind_says_what_to_give(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadFile, match=r"other.csv is not a postcode file that is known here: give ONSPD, NSPL"):
        read(written(tmp_path / "other.csv", content))


def test_a_zip_or_folder_without_data_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"none.zip holds no csv with postcodes: give"):
        read(zipped(tmp_path / "none.zip", {"readme.txt": "", "Doc/headers.csv": SHORT}))
    with pytest.raises(BadFile, match=r"empty.zip holds no csv"):
        read(zipped(tmp_path / "empty.zip", {}))
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadFile, match=r"folder holds no csv"):
        read(tmp_path / "folder")


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"gone.csv is not there: give the path of ONSPD"):
        read(tmp_path / "gone.csv")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("kind", ["zip", "xz", "gz"])
def test_a_packed_file_that_is_cut_short_says_so(tmp_path: Path, kind: str, share: float) -> None:
    content = many(2_000).encode()
    if kind == "zip":
        whole = zipped(tmp_path / "whole.zip", {"Data/a.csv": many(2_000)}).read_bytes()
    else:
        whole = lzma.compress(content) if kind == "xz" else gzip.compress(content)
    path = written(tmp_path / f"cut.{kind}", whole[: int(len(whole) * share)])
    with pytest.raises(BadFile, match=rf"cut.{kind} is cut short or damaged: download it again"):
        read(path)


def test_a_damaged_zip_says_so(tmp_path: Path) -> None:
    whole = bytearray(zipped(tmp_path / "whole.zip", {"Data/a.csv": many(2_000)}).read_bytes())
    whole[500:520] = bytes(20)
    with pytest.raises(BadFile, match=r"damaged.zip is cut short or damaged"):
        read(written(tmp_path / "damaged.zip", bytes(whole)))


@pytest.mark.parametrize("piece", ['"PL1', '"PL1 9AD",10,24', '"PL1 9AD",10,247698,54392,"E92000001","","","","","E05'])
def test_a_csv_that_stops_within_a_line_says_so(tmp_path: Path, piece: str) -> None:
    with pytest.raises(BadFile, match=r"cut.csv is cut short in line 5: download it again"):
        read(written(tmp_path / "cut.csv", CODE_POINT + piece))


def test_a_file_of_which_nothing_is_kept_is_bad(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"swapped.csv: no row could be kept \(1 rows read, 0 kept, 1 refused; 1 coord"):
        read(written(tmp_path / "swapped.csv", "Postcode,lat,long\nPL1 1AA,-4.14,50.37\n"))
    with pytest.raises(BadFile, match=r"header.csv: no row could be kept"):
        read(written(tmp_path / "header.csv", "Postcode,lat,long\n"))


def test_a_long_file_comes_in_batches_with_a_growing_share(tmp_path: Path) -> None:
    path = written(tmp_path / "long.csv", many(2 * BATCH + 5))
    summary = Summary()
    sizes, totals = zip(*((len(batch), total) for batch, total in units(path, summary)), strict=True)
    assert sizes == (BATCH, BATCH, 5)
    assert totals[0] == pytest.approx(2 * BATCH, rel=0.02)
    assert totals[-1] == summary.kept == 2 * BATCH + 5


def many(count: int) -> str:
    """A file of the short layout with so many different postcodes."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = [f"{digit}{first}{second}" for digit in range(10) for first in letters for second in letters]
    rows = (
        f"{'ABCDEFG'[number // 400_000]}{number // 4000 % 100} {inward[number % 4000]},"
        f"{50 + number % 9973 / 1000:.5f},{-number % 7919 / 4000:.5f}\n"
        for number in range(count)
    )
    return "Postcode,lat,long\n" + "".join(rows)
