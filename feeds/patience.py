"""When to ask again, and how often at most."""

import re
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from feeds.failure import Refused, TryAgain

MOST_ATTEMPTS = 4
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
LONGEST_ASKED_SECONDS = 120.0
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})


def backoff_seconds(failures: int, rand: Callable[[], float]) -> float:
    """How long to wait after so many failures in a row: twice as long each time, less up to half by chance."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (failures - 1))
    return longest * (1 - rand() / 2)


def asked_seconds(retry_after: str, now: datetime) -> float:
    """The wait that a Retry-After asks for, in seconds or as a date (RFC 9110, 10.2.3). 0 where it says neither."""
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]+", text):
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def next_wait_seconds(again: TryAgain, failures: int, rand: Callable[[], float]) -> float:
    """How long to wait before trying again, after so many failures. Raises `Refused` when it is time to give up."""
    if again.asked_seconds > LONGEST_ASKED_SECONDS:
        wait = in_words(again.asked_seconds)
        raise Refused(f"{again} and asks us to come back in {wait}: longer than we wait", again.status)
    if failures == MOST_ATTEMPTS:
        raise Refused(f"{again}, {failures} times in a row", again.status)
    return max(again.asked_seconds, backoff_seconds(failures, rand))


def in_words(seconds: float) -> str:
    """A wait for a message: "90 seconds", "5 minutes", "3 hours"."""
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}"
    return f"{seconds:,.0f} seconds"


class Pace:
    """At most so many calls in any stretch of so many seconds."""

    def __init__(
        self, calls: int, per_seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._calls: deque[float] = deque(maxlen=calls)
        self._per_seconds = per_seconds
        self._clock = clock
        self._sleep = sleep

    def wait(self) -> None:
        """Returns when the next call may be made, and counts it."""
        if len(self._calls) == self._calls.maxlen:
            left = self._calls[0] + self._per_seconds - self._clock()
            if left > 0:
                self._sleep(left)
        self._calls.append(self._clock())
