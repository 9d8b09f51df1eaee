"""What went wrong with a source, in one line for its operator.

The words are our own: what libraries and servers say may repeat what was sent, and with it a key.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpcore2

KEY_WANTED = frozenset({401, 403})


class Refused(Exception):
    """Why something is not read, within feeds' own code: the line without the address that it starts with."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class TryAgain(Refused):
    """The same for what may pass by itself, perhaps in as many seconds as the source asks for."""

    def __init__(self, reason: str, status: int | None = None, asked_seconds: float = 0.0) -> None:
        super().__init__(reason, status)
        self.asked_seconds = asked_seconds


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turns what goes wrong on the way to a server and back into `Refused` or `TryAgain`."""
    try:
        yield
    except httpcore2.ConnectTimeout:
        raise TryAgain("no connection could be made in time") from None
    except httpcore2.TimeoutException:
        raise TryAgain("it stopped answering") from None
    except httpcore2.ConnectError as error:
        if isinstance(error.__context__, ssl.SSLCertVerificationError):
            raise Refused("its certificate could not be verified") from None
        raise TryAgain("no connection could be made") from None
    except httpcore2.NetworkError:
        raise TryAgain("the connection broke") from None
    except httpcore2.RemoteProtocolError:
        raise TryAgain("its answer is cut short or is not HTTP") from None


def status_in_words(status: int) -> str:
    """Such as "404 Not Found", by our own table; with a hint where a key may be wanted."""
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    return f"{words}, as when a key is missing or wrong" if status in KEY_WANTED else words
