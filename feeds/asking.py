"""Asking a source only for what has changed since it was last read to its end.

That what it publishes is unchanged is believed for `BELIEVED_FOR`: not every server that says so is right, and what
is read depends on the gazetteer too. It is known of a whole reading or not at all: of one that needed more than the
source's own addresses, such as the pages of a sitemap, nothing is remembered.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from feeds.answers import NO_CONDITIONS, Answer, Conditions
from feeds.reading import Fetching

BELIEVED_FOR = timedelta(days=7)


class Unchanged(Exception):
    """All that a source publishes is as it was at the last reading."""


class Asking:
    """The way to the web for one reading, which ends by `Unchanged` where there is nothing new.

    The last of the source's addresses to be asked is asked conditionally, if those before have not changed either:
    they are small, mostly, and needed if it has.
    """

    def __init__(self, fetcher: Fetching, address: str, known: Mapping[str, Conditions]) -> None:
        self._fetcher = fetcher
        self._count = len(address.split())
        self._known = known
        self._asked = 0
        self._answers: dict[str, Conditions] = {}

    def get(self, url: str, **how: Any) -> Answer:
        return self._noted(url, self._fetcher.get(url, conditions=self._conditions(url), **how))

    def download(self, url: str, into: BinaryIO, **how: Any) -> Answer:
        return self._noted(url, self._fetcher.download(url, into, conditions=self._conditions(url), **how))

    def pace(self, calls: int, per_seconds: float) -> None:
        self._fetcher.pace(calls, per_seconds)

    def conditions(self) -> dict[str, Conditions]:
        """What to remember once all that was given is stored, by address; nothing where that would not be enough."""
        is_all = self._asked == self._count == len(self._answers)
        return self._answers if is_all and NO_CONDITIONS not in self._answers.values() else {}

    def _conditions(self, url: str) -> Conditions:
        is_last = self._asked == self._count - 1
        is_as_it_was = all(self._known.get(before) == now for before, now in self._answers.items())
        return self._known.get(url, NO_CONDITIONS) if is_last and is_as_it_was else NO_CONDITIONS

    def _noted(self, url: str, answer: Answer) -> Answer:
        self._asked += 1
        self._answers[url] = answer.conditions
        if answer.is_unchanged:
            raise Unchanged
        return answer


def written(conditions: Mapping[str, Conditions], version: int, read_at: datetime) -> str:
    """Conditions as a mark keeps them, with the version of what was made of the answers and when that was."""
    answers = {url: [each.etag, each.last_modified] for url, each in conditions.items()}
    return json.dumps({"version": version, "read_at": read_at.isoformat(), "answers": answers})


def remembered(mark: str | None, version: int, now: datetime) -> dict[str, Conditions]:
    """What a mark keeps, where it still counts."""
    kept = json.loads(mark) if mark else {}
    if kept.get("version") != version or now - datetime.fromisoformat(kept["read_at"]) > BELIEVED_FOR:
        return {}
    return {url: Conditions(*each) for url, each in kept["answers"].items()}


def read_at(mark: str) -> datetime:
    """When what a mark keeps was last read whole."""
    return datetime.fromisoformat(json.loads(mark)["read_at"])
