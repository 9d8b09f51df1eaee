"""How often somebody does something, counted by address: keys tried, questions asked.

With `REDIS_URL` all workers of all machines count together. Without, or while Redis is away, each worker process counts
for itself, and with two of them somebody gets twice as much. That is no matter for keys, which have 128 bits, and none
for questions, where the limit is there to keep one from taking all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from math import ceil
from threading import Lock

from flask import Request, current_app, g, has_request_context

from web.shared import Shared

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
    name: str = "questions"
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait_s(self, address: str) -> int:
        """How many whole seconds an address must wait until it may try again; 0 if it need not."""
        return 0 if self.left(address) else self.renewed_in_s(address)

    def left(self, address: str) -> int:
        """How many times more an address may within its minute."""
        count, _left_s = self._so_far(address)
        return max(0, self.most - count)

    def renewed_in_s(self, address: str) -> int:
        """How many whole seconds are left of the minute of an address; a whole minute if none has begun."""
        _count, left_s = self._so_far(address)
        return ceil(left_s) if left_s > 0 else int(WINDOW_S)

    def check(self, address: str) -> None:
        """Let an address try once more.

        Raises:
            TooManyTries: it must wait.
        """
        if wait_s := self.wait_s(address):
            raise TooManyTries(wait_s)

    def count(self, address: str) -> None:
        """Note that an address did it once more."""
        shared = _shared()
        found = shared.count(self._key(address), int(WINDOW_S)) if shared else None
        if found:
            _known()[self._key(address)] = found
        else:
            self._count_here(address)

    def _so_far(self, address: str) -> tuple[int, float]:
        """How often within its minute, and how many seconds are left of that. Redis is asked once a request."""
        shared, known, key = _shared(), _known(), self._key(address)
        found = known.get(key) or (shared.counted(key) if shared else None)
        if found:
            known[key] = found
            return found
        began, count = self._counted.get(address, (0.0, 0))
        left_s = began + WINDOW_S - self.clock()
        return (count, left_s) if left_s > 0 else (0, 0.0)

    def _count_here(self, address: str) -> None:
        with self._lock:
            now = self.clock()
            began, count = self._counted.pop(address, (now, 0))
            self._counted[address] = (began, count + 1) if began + WINDOW_S > now else (now, 1)
            if len(self._counted) > MOST_ADDRESSES:
                # The one that has been quiet for longest.
                del self._counted[next(iter(self._counted))]

    def _key(self, address: str) -> str:
        return f"rate:{self.name}:{address}"


def _shared() -> Shared | None:
    return current_app.extensions.get("shared") if current_app else None


def _known() -> dict[str, tuple[int, float]]:
    """What Redis has told this request."""
    if not has_request_context():
        return {}
    known: dict[str, tuple[int, float]] = g.setdefault("rates", {})
    return known


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
