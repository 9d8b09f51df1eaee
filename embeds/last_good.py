"""The last good copies of widgets: quick to give, and there if the database is away.

They are in this process's memory, and with `REDIS_URL` in what all share: there for a day.
"""

import json
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from web.shared import Shared

FRESH_SECONDS = 60
MOST_COPIES = 500  # of some 20 kB each
SHARED_SECONDS = 24 * 3600
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Copy:
    """A widget as it was answered: the page, who may frame it by which provider's list, and the style sheet in it."""

    body: str
    ancestors: tuple[str, ...]
    provider_id: int | None = None
    style: str = ""


class LastGood:
    """Copies by what was asked for. The one that was asked for longest ago goes when there are too many."""

    def __init__(
        self, most: int = MOST_COPIES, clock: Callable[[], float] = time.monotonic, shared: Shared | None = None
    ) -> None:
        self._most = most
        self._clock = clock
        self._shared = shared
        self._copies: OrderedDict[Hashable, tuple[float, Copy]] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: Hashable, copy: Copy) -> None:
        self._keep_here(key, copy, 0)
        if self._shared:
            packed = zlib.compress(json.dumps(asdict(copy)).encode(), 1)
            self._shared.keep(_name(key), packed, SHARED_SECONDS)

    def fresh(self, key: Hashable) -> Copy | None:
        """The copy, if it is so young that the database need not be asked again."""
        kept_at, copy = self._copies.get(key, (0.0, None))
        if copy and self._clock() - kept_at < FRESH_SECONDS:
            return copy
        copy, age = self._find_shared(key)
        return copy if age < FRESH_SECONDS else None

    def find(self, key: Hashable) -> Copy | None:
        """The copy, however old."""
        with self._lock:
            if key in self._copies:
                self._copies.move_to_end(key)
                return self._copies[key][1]
        return self._find_shared(key)[0]

    def forget(self) -> None:
        with self._lock:
            self._copies.clear()

    def _keep_here(self, key: Hashable, copy: Copy, age: float) -> None:
        with self._lock:
            self._copies[key] = (self._clock() - age, copy)
            self._copies.move_to_end(key)
            while len(self._copies) > self._most:
                self._copies.popitem(last=False)

    def _find_shared(self, key: Hashable) -> tuple[Copy | None, float]:
        """What another process has kept, and how many seconds ago by Redis's clock. It is kept here too then."""
        found = self._shared.find(_name(key)) if self._shared else None
        if found is None:
            return None, SHARED_SECONDS
        values = json.loads(zlib.decompress(found[0]))
        copy, age = Copy(**values | {"ancestors": tuple(values["ancestors"])}), SHARED_SECONDS - found[1]
        self._keep_here(key, copy, age)
        return copy, age


def _name(key: Hashable) -> str:
    """Where a copy is kept. What somebody typed is not to be read off it."""
    return f"widget:{release()}:{sha256(repr(key).encode()).hexdigest()}"


@cache
def release() -> str:
    """A digest of what widgets are made of: while machines are upgraded one after another, none gives another's."""
    digest = sha256()
    for folder in ("embeds", "templates", "static/css", "static/js"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".css", ".js"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
