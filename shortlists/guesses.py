"""Who tries one key after the other is made to wait.

This counts within one worker process: with two of them somebody gets twice as many tries. A key has 128 bits, so
that is no matter; what this spares is the database, and it shows in the log.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from math import ceil
from threading import Lock

from flask import Request

MOST = 30  # keys that lead nowhere, from one address within a minute
WINDOW_S = 60.0
MOST_ADDRESSES = 10_000


class TooManyGuesses(Exception):
    """Too many keys from one address led nowhere; it may try again in `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass
class Guesses:
    """Counts the keys that led nowhere, by address. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait_s(self, address: str) -> int:
        """How many whole seconds an address must wait until it may try again; 0 if it need not."""
        began, count = self._counted.get(address, (0.0, 0))
        left = began + WINDOW_S - self.clock()
        return ceil(left) if count >= MOST and left > 0 else 0

    def check(self, address: str) -> None:
        """Let an address try a key.

        Raises:
            TooManyGuesses: it must wait.
        """
        if wait_s := self.wait_s(address):
            raise TooManyGuesses(wait_s)

    def count(self, address: str) -> None:
        """Note that a key from an address led nowhere."""
        with self._lock:
            now = self.clock()
            began, count = self._counted.pop(address, (now, 0))
            self._counted[address] = (began, count + 1) if began + WINDOW_S > now else (now, 1)
            if len(self._counted) > MOST_ADDRESSES:
                # The one that has been quiet for longest.
                del self._counted[next(iter(self._counted))]


def address_of(request: Request) -> str:
    """The address that a request comes from; of IPv6 its /64, which is one household's.

    Where it comes through a proxy on this machine or in its own network, what that one says last.
    """
    peer = _host(request.remote_addr or "")
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    is_near = peer is not None and peer.is_private
    found = (_host(said) if is_near else None) or peer
    if found is None:
        return "unknown"
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _host(text: str):  # type: ignore[no-untyped-def]  # of two types that share no name
    try:
        return ip_address(text)
    except ValueError:
        return None
