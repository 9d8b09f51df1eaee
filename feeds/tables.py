"""Tables of text (CSV and its kin) of any size and encoding, read a row at a time in constant memory."""

import csv
import io
import re
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, cast

from feeds.encodings import Encoding, encoding_of
from feeds.reading import Bad, SourceUnreadable

MAX_LINE_BYTES = 4_000_000
MAX_HEADER_CHARACTERS = 100_000
SHOWN_CHARACTERS = 500
DELIMITERS = ",;\t|"
_BLOCK = 1 << 20
_MOST_CELLS = 1000
_MOST_HEADER_LINES = 50


class _Bounded(io.RawIOBase):
    """Hands on a file's bytes, and stops where a line has no end: it would fill the memory.

    NULs are left out, unless they are halves of letters.
    """

    def __init__(self, file: BinaryIO, *, has_nuls: bool) -> None:
        self._file = file
        self._has_nuls = has_nuls
        self._since = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # the stub wants any buffer at all
        block = self._file.read(len(buffer))
        while b"\0" in block and not self._has_nuls:
            block = block.replace(b"\0", b"") or self._file.read(len(buffer))
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._since = len(block) - last if last >= 0 else self._since + len(block)
        if self._since > MAX_LINE_BYTES:
            raise SourceUnreadable(f"This is no table of text: a line is longer than {MAX_LINE_BYTES:,} bytes")
        buffer[: len(block)] = block
        return len(block)


class _Lines:
    """A file's lines. Those taken since `taken` was last emptied can be given again, to whoever iterates anew."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        take = self.taken.append
        while self._again:
            line = self._again.popleft()
            take(line)
            yield line
        for line in self._lines:
            take(line)
            yield line

    def give_again(self, but: int) -> None:
        """All that was taken comes once more, but the first lines."""
        self._again.extendleft(reversed(self.taken[but:]))
        del self.taken[but:]


Row = tuple[int, list[str]]
"""A row's line from 1, or its row in a table made by hand, and its cells, as many as the header has."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header has been read. `rows` can be gone through once."""

    header: list[str]
    rows: "Iterator[Row | Bad]"
    encoding: Encoding
    delimiter: str


def read(file: BinaryIO, *, by_hand: bool = False) -> Table:
    """A table of text with a header, its delimiter taken from the header alone.

    Rows without anything in them are passed over. A row that has another number of cells than the header is `Bad`;
    where that is because of a quotation mark gone astray, only its first line is lost and the next are read again.
    In a table made `by_hand` a row may end early, and rows are counted instead of lines, as a spreadsheet does.

    Raises:
        SourceUnreadable: there is no header, it is a web page or a PDF, or, later, a line does not end.
    """
    encoding = encoding_of(file)
    raw = io.BufferedReader(_Bounded(file, has_nuls=encoding.name.startswith("utf-16")), _BLOCK // 4)
    text = io.TextIOWrapper(raw, encoding.name, encoding.errors, newline="")
    lines = _Lines(text)
    for line in lines:
        if line.strip() and not line.lower().startswith("sep="):
            break
    else:
        raise SourceUnreadable("The file is empty")
    if line.lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
        raise SourceUnreadable("This is a web page and not a table: the address must be that of the file itself")
    if line.startswith("%PDF-"):
        raise SourceUnreadable("This is a PDF and not a table: ask for the spreadsheet that it was made from")
    if len(line) > MAX_HEADER_CHARACTERS:
        raise SourceUnreadable("The first line is too long to be a header")
    before = len(lines.taken) - 1
    lines.taken.clear()
    delimiter = _delimiter(line)
    header = _header(line, lines, delimiter)
    start = before + 2 if by_hand else before + 2 + len(lines.taken)
    lines.taken.clear()
    return Table(header, _rows(lines, delimiter, len(header), start, by_hand), encoding, delimiter)


def _delimiter(header: str) -> str:
    outside = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=outside.count)


def _header(line: str, lines: _Lines, delimiter: str) -> list[str]:
    """The names in a header, which may go on in the next lines within quotation marks, as headers in Excel can."""
    cells = _loosely(line, delimiter)
    if line.count('"') % 2:
        try:
            cells = next(csv.reader(chain([line], islice(lines, _MOST_HEADER_LINES)), delimiter=delimiter, strict=True))
        except csv.Error:
            lines.give_again(0)
    return [cell.strip().strip("\ufeff\0") for cell in cells]


def _rows(lines: _Lines, delimiter: str, width: int, line: int, by_hand: bool) -> "Iterator[Row | Bad]":
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    taken = lines.taken
    bad: _Broken | None = None
    while True:
        row: list[str] | None
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            row = None
        if row is None or len(row) != width:
            reason = _why(row, len(taken), width)
            if _is_astray(row, len(taken), width, by_hand):
                lines.give_again(1)
                reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
                row = _of_one_line(taken[0], delimiter, width)
            row = _mended(row, width, by_hand)
            if row is None:
                bad = bad.and_next(line) if bad else _Broken(line, taken[0], reason)
        if row and (row[0] or any(cell.strip() for cell in row)):
            if bad:
                yield bad.said("row" if by_hand else "line")
                bad = None
            yield line, row
        line += 1 if by_hand else len(taken)
        taken.clear()
    if bad:
        yield bad.said("row" if by_hand else "line")


@dataclass(slots=True)
class _Broken:
    """Lines one after another that are no rows."""

    first: int
    content: str
    reason: str
    last: int = 0

    def and_next(self, line: int) -> "_Broken":
        self.last = line
        return self

    def said(self, unit: str) -> Bad:
        where = f"{unit}s {self.first} to {self.last}" if self.last else f"{unit} {self.first}"
        return Bad(where, self.reason, self.content[:SHOWN_CHARACTERS].strip())


def _is_astray(row: list[str] | None, lines: int, width: int, by_hand: bool) -> bool:
    """Whether a row of another width may have swallowed others, for want of a closing quotation mark."""
    return row is None or (lines > 1 and not (by_hand and len(row) < width))


def _why(row: list[str] | None, lines: int, width: int) -> str:
    if row is None:
        return "Its quotation marks are in disorder"
    doubt = ", or its quotation marks are in disorder" if lines > 1 else ""
    return f"It has {len(row)} fields and the header has {width}{doubt}"


def _of_one_line(line: str, delimiter: str, width: int) -> list[str] | None:
    """The cells of a line that went wrong; none where it may be the first of several that belong together."""
    row = _loosely(line, delimiter)
    return None if not row or (line.count('"') % 2 and len(row) != width) else row


def _mended(row: list[str] | None, width: int, by_hand: bool) -> list[str] | None:
    """A row of the right width; an empty list if there is nothing in it, none if it is broken."""
    if row is None:
        return None
    if not any(cell.strip() for cell in row):
        return []
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        return row[:width]
    if len(row) < width and by_hand:
        return row + [""] * (width - len(row))
    return row if len(row) == width else None


def _loosely(line: str, delimiter: str) -> list[str]:
    """The cells of one line, where only quotation marks beside a delimiter count: `"The "best" course",5`.

    No more cells than a table has columns, and none of a very long line: this must not take long, whatever is there.
    """
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"(?!{mark}|\Z))*)"(?={mark}|\Z)|([^{mark}]*)')
    line = line.rstrip("\r\n")
    found: list[str] = []
    position = 0
    while position <= len(line) and len(found) < _MOST_CELLS and len(line) <= MAX_HEADER_CHARACTERS:
        match = cast(re.Match[str], cell.match(line, position))  # the second way matches the empty text too
        inside = match[1]
        found.append(inside.replace('""', '"') if inside is not None else match[2].strip().strip('"'))
        position = match.end() + 1
    return found


class Seen:
    """Which names have come before, in 8 bytes a slot, of which at most three in four are taken.

    A name is known by its 64-bit hash: among a million, the chance that any two are taken for one is 1 in 30 million.
    """

    def __init__(self, slots: int = 1 << 16) -> None:
        self._slots = array("q", bytes(8 * slots))
        self._mask = slots - 1
        self._room = slots * 3 // 4

    def add(self, name: str) -> bool:
        """Remember a name; whether it was known."""
        value = hash(name) or 1
        slots, mask = self._slots, self._mask
        place = value & mask
        while known := slots[place]:
            if known == value:
                return True
            place = (place + 1) & mask
        slots[place] = value
        self._room -= 1
        if not self._room:
            self._grow()
        return False

    def _grow(self) -> None:
        values = self._slots
        slots = 2 * len(values)
        self._slots, self._mask, self._room = array("q", bytes(8 * slots)), slots - 1, slots * 3 // 4
        for value in values:
            if value:
                place = value & self._mask
                while self._slots[place]:
                    place = (place + 1) & self._mask
                self._slots[place] = value
                self._room -= 1
