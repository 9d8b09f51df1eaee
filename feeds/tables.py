"""Tables of text (CSV and its kin) of any size and encoding, read a row at a time in constant memory.

The encoding is decided over the whole file before anything is read:

1. a byte order mark says UTF-8, UTF-16 LE or UTF-16 BE; so do NULs at every second place;
2. otherwise what is valid UTF-8 from end to end is UTF-8;
3. otherwise, with more bytes in letters of UTF-8 than stray ones, it is UTF-8 into which someone pasted lines from
   elsewhere: each stray byte is read as Windows-1252;
4. otherwise it has one byte a character. Mac Roman, if the bytes of its curly quotes, dashes and é outnumber those of
   Windows-1252 (they are capital letters with rare accents there); ISO-8859-15, if it uses nothing that only
   Windows-1252 has, and 0xA4, which is € in the one and a sign for no currency in the other; else Windows-1252.
"""

import codecs
import csv
import gzip
import io
import lzma
import re
import struct
import tempfile
import zipfile
import zlib
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from feeds.reading import Bad, Fetching, SourceUnreadable

MAX_FILE_BYTES = 2_000_000_000
MAX_LINE_BYTES = 4_000_000
MAX_HEADER_CHARACTERS = 100_000
SHOWN_CHARACTERS = 500
DELIMITERS = ",;\t|"
# What reading a damaged gzip or zip may raise.
BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, LookupError, ArithmeticError),
)
_BLOCK = 1 << 20
_MOST_CELLS = 1000
_MOST_HEADER_LINES = 50
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STRAY = "doorstep-stray-as-windows"
# ’ ‘ “ ” – — é è of each; a Mac's fall on ÕÔÒÓÐÑŽ and an unused byte of Windows, and Windows' on íëìîñóÈË of a Mac.
_MAC_BYTES = b"\xd5\xd4\xd2\xd3\xd0\xd1\x8e\x8f"
_WINDOWS_BYTES = b"\x92\x91\x93\x94\x96\x97\xe9\xe8\x85\x95"
_ONLY_WINDOWS = bytes(range(0x80, 0xA0))
_EURO_IN_LATIN_9 = b"\xa4"
_ASCII = bytes(range(0x80))
_IN_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def _stray_as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return stray.decode("windows-1252", "replace"), error.end


codecs.register_error(_STRAY, _stray_as_windows)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text. Python's names of a codec and of what it does with errors."""

    name: str
    errors: str = "replace"


class _Downloads(Protocol):
    """What is asked of the fetcher here."""

    def download(self, url: str, into: BinaryIO, *, max_bytes: int) -> object: ...


def web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


@contextmanager
def fetched(address: str, fetcher: Fetching, max_bytes: int = MAX_FILE_BYTES) -> Iterator[BinaryIO]:
    """The bytes of a file or of an http address as they are. What comes from the web is kept in a temporary file.

    Raises:
        SourceUnreadable: there is no such file.
        FetchFailed: the web did not give it, or more than `max_bytes`.
    """
    if not web(address):
        with _local(address) as file:
            yield file
        return
    with _kept_aside() as file:
        cast(_Downloads, fetcher).download(address, file, max_bytes=max_bytes)
        file.seek(0)
        yield file


@contextmanager
def opened(address: str, fetcher: Fetching, max_bytes: int = MAX_FILE_BYTES) -> Iterator[BinaryIO]:
    """The same, unpacked into a temporary file where it is gzip or a zip with one table in it.

    Raises:
        SourceUnreadable: there is no such file, or it is damaged, or larger than `max_bytes` once unpacked.
        FetchFailed: the web did not give it.
    """
    with ExitStack() as stack:
        file = stack.enter_context(fetched(address, fetcher, max_bytes))
        yield unpacked(stack, file, address, max_bytes)


def unpacked(stack: ExitStack, file: BinaryIO, address: str, max_bytes: int) -> BinaryIO:
    """What is in a gzip, or the one table in a zip; anything else as it is. The stack keeps it open."""
    start = file.read(4)
    file.seek(0)
    if start[:2] == b"\x1f\x8b":
        return _unpacked(stack, stack.enter_context(gzip.GzipFile(fileobj=file)), address, max_bytes)
    if start == b"PK\x03\x04":
        return _unpacked(stack, stack.enter_context(_table_in_zip(file, address)), address, max_bytes)
    return file


@contextmanager
def _kept_aside() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        yield cast(BinaryIO, file)


def _local(address: str) -> BinaryIO:
    path = Path(address)
    try:
        if not path.is_file():
            raise SourceUnreadable(f"There is no file {address}")
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceUnreadable(f"{address} cannot be opened: {reason}") from error


def _table_in_zip(file: BinaryIO, address: str) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(file)
        names = [each for each in archive.infolist() if each.filename.lower().endswith((".csv", ".txt", ".tsv"))]
        if len(names) != 1:
            raise SourceUnreadable(f"{address} is a zip with {len(names)} CSV files in it, and must have one")
        return archive.open(names[0])
    except BROKEN_ARCHIVE as error:
        raise SourceUnreadable(f"{address} is a damaged or locked zip: {error}") from error


def _unpacked(stack: ExitStack, packed: "IO[bytes] | gzip.GzipFile", address: str, max_bytes: int) -> BinaryIO:
    file = stack.enter_context(_kept_aside())
    length = 0
    try:
        while block := packed.read(_BLOCK):
            length += len(block)
            if length > max_bytes:
                raise SourceUnreadable(f"{address} is larger than {max_bytes:,} bytes once it is unpacked")
            file.write(block)
    except BROKEN_ARCHIVE as error:
        raise SourceUnreadable(f"{address} is damaged: {error}") from error
    file.seek(0)
    return file


def encoding_of(file: BinaryIO) -> Encoding:
    """What a file is written in, by the rules above. Reads it all, and leaves it where its text begins."""
    file.seek(0)
    start = file.read(4096)
    encoding = _by_mark(start) or _by_nuls(start) or _by_all(file)
    file.seek(len(codecs.BOM_UTF16_LE) if _by_mark(start) and encoding.name.startswith("utf-16") else 0)
    return encoding


def _by_mark(start: bytes) -> Encoding | None:
    return next(
        (Encoding(name, _STRAY if "8" in name else "replace") for mark, name in _MARKS if start[: len(mark)] == mark),
        None,
    )


def _by_nuls(start: bytes) -> Encoding | None:
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(start) > 8 and start[first::2].count(0) * 4 > len(start) and not start[1 - first :: 2].count(0):
            return Encoding(name)
    return None


def _by_all(file: BinaryIO) -> Encoding:
    if _is_utf_8(file):
        return Encoding("utf-8")
    file.seek(0)
    counts = [0] * 256
    good = 0
    while block := file.read(_BLOCK):
        beyond = block.translate(None, _ASCII)
        good += sum(len(found) for found in _IN_UTF_8.findall(block))
        for byte in set(beyond):
            counts[byte] += beyond.count(byte)
    if good > sum(counts) - good:
        return Encoding("utf-8", _STRAY)
    if sum(counts[byte] for byte in _MAC_BYTES) > sum(counts[byte] for byte in _WINDOWS_BYTES):
        return Encoding("mac-roman")
    if counts[_EURO_IN_LATIN_9[0]] and not any(counts[byte] for byte in _ONLY_WINDOWS):
        return Encoding("iso-8859-15")
    return Encoding("windows-1252")


def _is_utf_8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(_BLOCK):
            if not block.isascii() or decoder.getstate()[0]:
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


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
