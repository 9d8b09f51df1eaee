"""Files that a table is in, of this machine or the web: as they are, or unpacked where they are gzip or zip."""

import gzip
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from feeds.documents import is_on_web
from feeds.reading import Fetching, SourceUnreadable

MAX_FILE_BYTES = 2_000_000_000
# What reading a damaged gzip or zip may raise.
BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, LookupError, ArithmeticError),
)
_BLOCK = 1 << 20


@contextmanager
def fetched(address: str, fetcher: Fetching, max_bytes: int = MAX_FILE_BYTES) -> Iterator[BinaryIO]:
    """The bytes of a file or of an http address as they are. What comes from the web is kept in a temporary file.

    Raises:
        SourceUnreadable: there is no such file.
        FetchFailed: the web did not give it, or more than `max_bytes`.
    """
    if not is_on_web(address):
        with _local(address) as file:
            yield file
        return
    with _kept_aside() as file:
        fetcher.download(address, file, max_bytes=max_bytes)
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
