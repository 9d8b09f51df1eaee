"""Reading the body of an answer a piece at a time: unpacked, counted, and stopped in time.

httpx would unpack a piece whole, and 64 KB of gzip can hold 64 MB. So the pieces are read as they were sent and
unpacked here, never more than `PIECE_BYTES` at once.
"""

import zlib
from collections.abc import Iterable, Iterator

from feeds.failure import Refused, TryAgain

PIECE_BYTES = 64 * 1024
MOST_RATIO = 200  # of bytes unpacked to bytes sent; feeds in JSON and CSV stay under 50
RATIO_FROM_BYTES = 1024 * 1024
GZIP = zlib.MAX_WBITS | 16


def check_encoding(header: str) -> bool:
    """Whether a body with this Content-Encoding is to be unpacked. Raises `Refused` for what we did not ask for."""
    encodings = [each.strip().lower() for each in header.split(",")]
    encodings = [each for each in encodings if each not in ("", "identity")]
    if encodings in (["gzip"], ["x-gzip"]):
        return True
    if encodings:
        raise Refused(f"it came packed in a way that we did not ask for ({', '.join(encodings)[:60]})")
    return False


def read(pieces: Iterable[bytes], *, gzipped: bool, max_bytes: int, may_be_cut: bool = False) -> Iterator[bytes]:
    """The body in pieces of at most about `PIECE_BYTES`.

    At the piece that makes it too much it raises `Refused`, or ends where the body `may_be_cut`.
    """
    left = max_bytes
    for piece in _unpacked(pieces, max_bytes) if gzipped else pieces:
        if len(piece) > left and not may_be_cut:
            raise Refused(too_large(max_bytes))
        yield piece[:left]
        left -= len(piece)
        if left < 0:
            return


def too_large(max_bytes: int) -> str:
    return f"it is larger than the {max_bytes:,} bytes that we take"


def _unpacked(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    sent = given = 0
    unpacker = zlib.decompressobj(GZIP)
    for each in pieces:
        sent += len(each)
        if sent > max_bytes + PIECE_BYTES:  # endless, with next to nothing in it
            raise Refused(too_large(max_bytes))
        rest = each
        while rest:
            if unpacker.eof:
                rest = rest.lstrip(b"\0")  # some pad with zeros
                if not rest:
                    break
                unpacker = zlib.decompressobj(GZIP)  # one gzip after another is one body: RFC 1952, 2.2
            piece, rest = _next_piece(unpacker, rest)
            given += len(piece)
            if given > max(RATIO_FROM_BYTES, sent * MOST_RATIO):
                raise Refused(f"it unpacks to more than {MOST_RATIO} times its size, as only a trap would")
            if piece:
                yield piece
    if sent and not unpacker.eof:
        raise TryAgain("it is packed with gzip and ends too early")


def _next_piece(unpacker: "zlib._Decompress", packed: bytes) -> tuple[bytes, bytes]:
    try:
        piece = unpacker.decompress(packed, PIECE_BYTES)
    except zlib.error:
        raise Refused("it says that it is packed with gzip and is not, or is broken") from None
    return piece, unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
