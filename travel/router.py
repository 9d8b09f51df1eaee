"""Real travel times from a routing engine that an operator may name; without one, or while it is down, none.

The engine learns where a person is, rounded to about a hundred metres, and where they might go: nothing else.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from circuit import Circuit, Remembered, answer_within
from travel.engines import ENGINES, Ask, Spot
from travel.estimate import Mode

CACHE_SIZE = 20_000
HERE_DECIMALS = 3  # of a degree: about 100 m
THERE_DECIMALS = 5
LEAST_SECONDS = 0.05  # with less left there is no point in asking

log = structlog.get_logger()


class Point(Protocol):
    """Whatever has WGS 84 coordinates in degrees."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


class Router:
    """Asks a routing engine: cached, with a deadline, and left alone while it is down. Shared between threads."""

    def __init__(
        self,
        ask: Ask,
        url: str,
        modes: Sequence[Mode],
        timeout_seconds: float,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ask` is one of `travel.engines`; `most` is how many places it may be asked about at once."""
        self._ask = ask
        self._url = url
        self.timeout_seconds = timeout_seconds
        self._circuit = Circuit(clock)
        self._known: Remembered[tuple[Mode, Spot, Spot], float] = Remembered(CACHE_SIZE)
        self.modes = tuple(modes)
        self.most = most

    def seconds(
        self, here: Point, there: Sequence[Point], mode: Mode, patience_seconds: float | None = None
    ) -> list[float | None]:
        """How long it takes to each of some places, in their order. Never raises.

        Infinite where the engine knows no way; None where it has not said: it is not asked about this mode,
        does not answer in time, or is asked about more places than it may be.
        """
        if mode not in self.modes:
            return [None] * len(there)
        start = _spot(here, HERE_DECIMALS)
        ends = [_spot(each, THERE_DECIMALS) for each in there]
        found = {end: self._known.get((mode, start, end)) for end in dict.fromkeys(ends)}
        missing = [end for end, known in found.items() if known is None][: self.most]
        if missing:
            found |= self._asked(mode, start, missing, patience_seconds)
        return [found[end] for end in ends]

    def by_mode(self, here: Point, there: Sequence[Point]) -> dict[Mode, list[float | None]]:
        """The same for every mode that the engine is asked about, all within one deadline."""
        deadline = time.monotonic() + self.timeout_seconds
        return {mode: self.seconds(here, there, mode, deadline - time.monotonic()) for mode in self.modes}

    def _asked(self, mode: Mode, here: Spot, there: list[Spot], patience_seconds: float | None) -> dict[Spot, float]:
        seconds = self.timeout_seconds if patience_seconds is None else patience_seconds
        if seconds < LEAST_SECONDS or not self._circuit.may_ask():
            return {}
        try:
            answer = answer_within(seconds, partial(self._ask, self._url, mode, here, there, seconds), "router")
        except Exception as error:
            # The class only: messages repeat the address that was called, and with it where a person is.
            log.warning("routing engine failed", error=type(error).__name__, circuit_opened=self._circuit.failed())
            return {}
        self._circuit.succeeded()
        found = dict(zip(there, answer, strict=True))
        for end, duration in found.items():
            self._known.keep((mode, here, end), duration)
        return found


def router(kind: str, url: str, modes: Sequence[str], timeout_seconds: float) -> Router | None:
    """The engine that the settings name; None without an address. Nothing is called yet."""
    if not url:
        return None
    ask, most = ENGINES[kind]
    return Router(ask, url, [Mode(mode) for mode in modes], timeout_seconds, most)


def _spot(point: Point, decimals: int) -> Spot:
    return round(point.latitude, decimals), round(point.longitude, decimals)
