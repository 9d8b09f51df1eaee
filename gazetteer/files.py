"""An operator's own postcode file as a source for `gazetteer.writer`: opened, read a row at a time, and counted.

A file may be plain, in a zip as it was downloaded, a folder of that zip's
contents, or packed with xz or gzip. What it is, is told by its content.
"""

import codecs
import csv
import gzip
import lzma
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from gazetteer import formats
from gazetteer.formats import NOT_NUMBERS, Layout, Refused, unit_postcode
from gazetteer.writer import UnitBatches, UnitRow

BATCH = 50_000
HEAD = 20  # lines that the layout is told by
LONGEST_LINE = 65_536  # bytes; a longer one is read, and refused, in pieces
ACCEPTED = "ONSPD, NSPL, Code-Point Open or a csv with the columns Postcode, lat and long"
DATA_FOLDERS = ("data", "multi_csv", "csv")  # ONSPD comes whole and, again, in pieces: the first that is there
WRONG_WIDTH = "too few or too many columns"
OPEN_QUOTE = "a quote that is not closed"
LIKE_A_PIECE = {WRONG_WIDTH, OPEN_QUOTE, NOT_NUMBERS}
DOCUMENT_FOLDERS = {"doc", "docs", "documents", "user guide", "user_guide", "__macosx"}


class BadFile(Exception):
    """The file cannot be loaded. The message is one line that names it and says what to do."""


@dataclass
class Refusal:
    """How many rows were refused for one reason, and where the first of them is."""

    count: int
    example: str


@dataclass
class Summary:
    """What became of the rows: `read` is `kept` and all the `refused`, by reason."""

    read: int = 0
    kept: int = 0
    refused: dict[str, Refusal] = field(default_factory=dict)

    def refuse(self, reason: str, example: str) -> None:
        """Count a row that is not kept."""
        self.refused.setdefault(reason, Refusal(0, example)).count += 1

    def lines(self) -> list[str]:
        """The summary in words, a line a reason, the commonest first."""
        total = sum(refusal.count for refusal in self.refused.values())
        reasons = sorted(self.refused.items(), key=lambda item: -item[1].count)
        return [
            f"{self.read:,} rows read, {self.kept:,} kept, {total:,} refused",
            *(f"  {refusal.count:,} {reason}: first {refusal.example}" for reason, refusal in reasons),
        ]


def units(path: Path, summary: Summary) -> UnitBatches:
    """The units of a postcode file, in batches of up to 50,000, while `summary` counts.

    The number of rows there will be in all is estimated from the bytes read.
    Raises `BadFile`, at once or half way, if the file is missing, damaged, cut
    short or none of the formats, or if no row of it could be kept; and
    `GazetteerUnavailable` if it needs a package that is not installed.
    """
    seen = _Seen()
    with _damage_told(path):
        for member in _members(path):
            for batch in _batches(member, seen, summary):
                yield batch, max(summary.kept, round(summary.kept / max(member.share_read(), 0.001)))
    if not summary.kept:
        raise BadFile(f"{path}: no row could be kept ({'; '.join(map(str.strip, summary.lines()))}): is it {ACCEPTED}?")


@dataclass
class _Member:
    """One csv of a file. How far the reading is, is told by the position in `measured`, of `total` bytes."""

    name: str
    stream: IO[bytes] | gzip.GzipFile
    measured: IO[bytes]
    total: int
    before: int = 0

    def share_read(self) -> float:
        return (self.before + self.measured.tell()) / max(self.total, 1)


def _members(path: Path) -> Iterator[_Member]:
    """Each csv in the file, open for as long as it is looked at."""
    if path.is_dir():
        yield from _folder_members(path)
        return
    with path.open("rb") as file:
        magic = file.read(6)
        file.seek(0)
        size = path.stat().st_size
        if magic.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield from _zip_members(path, file)
        elif magic == b"\xfd7zXZ\x00":
            with lzma.open(file) as plain:
                yield _Member(str(path), plain, file, size)
        elif magic.startswith(b"\x1f\x8b"):
            with gzip.open(file) as plain:
                yield _Member(str(path), plain, file, size)
        else:
            yield _Member(str(path), file, file, size)


def _folder_members(path: Path) -> Iterator[_Member]:
    inside = (file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    files = [path / name for name in _data_names(path, inside)]
    total = sum(file.stat().st_size for file in files)
    before = 0
    for file in files:
        with file.open("rb") as stream:
            yield _Member(str(file), stream, stream, total, before)
        before += file.stat().st_size


def _zip_members(path: Path, file: IO[bytes]) -> Iterator[_Member]:
    with ZipFile(file) as archive:
        infos = [archive.getinfo(name) for name in _data_names(path, archive.namelist())]
        total = sum(info.file_size for info in infos)
        before = 0
        for info in infos:
            with _unpacked(path, archive, info) as stream:
                yield _Member(f"{path}/{info.filename}", stream, stream, total, before)
            before += info.file_size


def _unpacked(path: Path, archive: ZipFile, info: ZipInfo) -> IO[bytes]:
    try:
        return archive.open(info)
    except RuntimeError as error:  # a password, or a compression that Python does not know
        raise BadFile(f"{path} cannot be unpacked here ({error}): unpack it and give the folder") from error


def _data_names(path: Path, names: Iterable[str]) -> list[str]:
    """Those of the names in a zip or folder that hold postcodes: not the lookups and guides that come with them."""
    csvs = sorted(
        name
        for name in map(PurePosixPath, names)
        if name.suffix.lower() == ".csv"
        and not name.name.startswith(".")
        and not DOCUMENT_FOLDERS & {part.lower() for part in name.parts[:-1]}
    )
    for folder in DATA_FOLDERS:
        if found := [str(name) for name in csvs if name.parent.name.lower() == folder]:
            return found
    if not csvs:
        raise BadFile(f"{path} holds no csv with postcodes: give the zip of ONSPD, NSPL or Code-Point Open, or its csv")
    return [str(name) for name in csvs]


def _batches(member: _Member, seen: "_Seen", summary: Summary) -> Iterator[list[UnitRow]]:
    raw = iter(partial(member.stream.readline, LONGEST_LINE), b"")
    head = list(islice(raw, HEAD))
    head[:1] = [line.removeprefix(codecs.BOM_UTF8) for line in head[:1]]
    layout = _layout(member.name, head)
    lines = _Lines(member.name, chain(head, raw), layout.skip, summary)
    rows: list[UnitRow] = []
    for row in _rows(lines):
        summary.read += 1
        try:
            rows.append(_unit(row, layout, seen))
        except Refused as refused:
            lines.refuse(str(refused))
            continue
        summary.kept += 1
        if len(rows) == BATCH:
            yield layout.finish(rows)
            rows = []
    if lines.end_in_a_piece():
        raise BadFile(f"{member.name} is cut short in line {lines.number:,}: download it again")
    if rows:
        yield layout.finish(rows)


def _layout(name: str, head: list[bytes]) -> Layout:
    if not any(line.strip() for line in head):
        raise BadFile(f"{name} is empty: download it again")
    layout = formats.detect([_text(line) for line in head])
    if layout is None:
        raise BadFile(f"{name} is not a postcode file that is known here: give {ACCEPTED}")
    return layout


def _rows(lines: "_Lines") -> Iterator[list[str]]:
    """The rows that are not blank. The reader raises for a carriage return within a line, and can go on."""
    reader = csv.reader(lines)
    while True:
        try:
            yield from filter(None, reader)
            return
        except csv.Error:
            lines.refuse_unread("a line that is not csv")


def _unit(row: list[str], layout: Layout, seen: "_Seen") -> UnitRow:
    if len(row) != layout.width:
        raise Refused(WRONG_WIDTH)
    postcode = unit_postcode(row[layout.postcode])
    position = layout.position(row)
    if not seen.add(postcode):
        raise Refused("twice")
    return UnitRow(postcode, *position)


def _text(line: bytes) -> str:
    """A line as text. Files are UTF-8, or Latin-1 if they are old."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


class _Lines:
    """The lines of a csv as text, each with its quotes closed, so that one bad line cannot swallow the next."""

    def __init__(self, name: str, raw: Iterable[bytes], skip: int, summary: Summary) -> None:
        self.number = 0
        self._name = name
        self._raw = raw
        self._skip = skip
        self._summary = summary
        self._last = b""
        self._piece = -1  # the number of the last line that may be the first piece of one

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._raw, start=1):
            if number <= self._skip:
                continue
            self.number, self._last = number, line
            if line.count(b'"') % 2:
                self.refuse_unread(OPEN_QUOTE)
            else:
                yield _text(line)

    def refuse(self, reason: str) -> None:
        """Count the row of the line that was given last as refused."""
        if reason in LIKE_A_PIECE:
            self._piece = self.number
        self._summary.refuse(reason, f"{self._name} line {self.number:,}: {_text(self._last).strip()[:60]}")

    def refuse_unread(self, reason: str) -> None:
        """The same for a line that never became a row."""
        self._summary.read += 1
        self.refuse(reason)

    def end_in_a_piece(self) -> bool:
        """Whether the file stops in the middle of a line. A last line that is whole may lack its line end."""
        return self.number == self._piece and not self._last.endswith(b"\n")


class _Seen:
    """Which postcodes there were: a byte each in 676 a sector. All of them take 10 MB, as a set of texts 300."""

    def __init__(self) -> None:
        self._sectors: dict[str, bytearray] = {}

    def add(self, postcode: str) -> bool:
        """Remember a postcode, written `PL1 2AA`. False if it was there before."""
        sector = self._sectors.get(postcode[:-2])
        if sector is None:
            sector = self._sectors[postcode[:-2]] = bytearray(26 * 26)
        unit = (ord(postcode[-2]) - ord("A")) * 26 + ord(postcode[-1]) - ord("A")
        is_new = not sector[unit]
        sector[unit] = True
        return is_new


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Turn what the readers of zip, xz, gzip and the disk raise into `BadFile`."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadFile(f"{path} is not there: give the path of {ACCEPTED}") from error
    except (BadZipFile, lzma.LZMAError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadFile(f"{path} is cut short or damaged: download it again") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror or error}): see that it is a file of yours") from error
