"""How often somebody does something, counted by address: keys tried, questions asked.

This counts within one worker process: with two of them somebody gets twice as much. That is no matter for keys,
which have 128 bits, and none for questions, where the limit is there to keep one from taking all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from math import ceil
from threading import Lock

from flask import Request

WINDOW_S = 60.0
MOST_ADDRESSES = 10_000


class TooManyTries(Exception):
    """Somebody has done it too often; they may again in `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass
class Rate:
    """Counts by address within a minute that begins with the first time. `clock` gives seconds."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait_s(self, address: str) -> int:
        """How many whole seconds an address must wait until it may try again; 0 if it need not."""
        return 0 if self.left(address) else self.renewed_in_s(address)

    def left(self, address: str) -> int:
        """How many times more an address may within its minute."""
        began, count = self._counted.get(address, (0.0, 0))
        return max(0, self.most - count) if began + WINDOW_S > self.clock() else self.most

    def renewed_in_s(self, address: str) -> int:
        """How many whole seconds are left of the minute of an address; a whole minute if none has begun."""
        began, _count = self._counted.get(address, (0.0, 0))
        left = began + WINDOW_S - self.clock()
        return ceil(left) if left > 0 else int(WINDOW_S)

    def check(self, address: str) -> None:
        """Let an address try once more.

        Raises:
            TooManyTries: it must wait.
        """
        if wait_s := self.wait_s(address):
            raise TooManyTries(wait_s)

    def count(self, address: str) -> None:
        """Note that an address did it once more."""
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
