"""Which encoding a file of text has, decided over the whole of it before anything is read:

1. a byte order mark says UTF-8, UTF-16 LE or UTF-16 BE; so do NULs at every second place;
2. otherwise what is valid UTF-8 from end to end is UTF-8;
3. otherwise, with more bytes in letters of UTF-8 than stray ones, it is UTF-8 into which someone pasted lines from
   elsewhere: each stray byte is read as Windows-1252;
4. otherwise it has one byte a character. Mac Roman, if the bytes of its curly quotes, dashes and é outnumber those of
   Windows-1252 (they are capital letters with rare accents there); ISO-8859-15, if it uses nothing that only
   Windows-1252 has, and 0xA4, which is € in the one and a sign for no currency in the other; else Windows-1252.
"""

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

_BLOCK = 1 << 20
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


def encoding_of(file: BinaryIO) -> Encoding:
    """What a file is written in, by the rules at the top. Reads it all, and leaves it where its text begins."""
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
