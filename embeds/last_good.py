"""The last good copies of widgets, in this process's memory: quick to give, and there if the database is away."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

FRESH_SECONDS = 60
MOST_COPIES = 500  # of some 20 kB each


@dataclass(frozen=True, slots=True)
class Copy:
    """A widget as it was answered: the page, who may frame it by which provider's list, and the style sheet in it."""

    body: str
    ancestors: tuple[str, ...]
    provider_id: int | None = None
    style: str = ""


class LastGood:
    """Copies by what was asked for. The one that was asked for longest ago goes when there are too many."""

    def __init__(self, most: int = MOST_COPIES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._copies: OrderedDict[Hashable, tuple[float, Copy]] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: Hashable, copy: Copy) -> None:
        with self._lock:
            self._copies[key] = (self._clock(), copy)
            self._copies.move_to_end(key)
            while len(self._copies) > self._most:
                self._copies.popitem(last=False)

    def fresh(self, key: Hashable) -> Copy | None:
        """The copy, if it is so young that the database need not be asked again."""
        kept_at, copy = self._copies.get(key, (0.0, None))
        return copy if copy and self._clock() - kept_at < FRESH_SECONDS else None

    def find(self, key: Hashable) -> Copy | None:
        """The copy, however old."""
        with self._lock:
            if key not in self._copies:
                return None
            self._copies.move_to_end(key)
            return self._copies[key][1]

    def forget(self) -> None:
        with self._lock:
            self._copies.clear()
