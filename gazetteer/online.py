"""A second opinion from the network: a geocoder through geopy, asked only where the built-in table has no answer.

Off unless an operator names one. It can make a page later by the time-out, never
fail it: whatever goes wrong is logged, without the text that was asked, and
answered None.
"""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

import structlog

from circuit import Circuit, Remembered, answer_within
from gazetteer import names
from readiness import NotReady

CACHE_SIZE = 2_000
# The United Kingdom with Guernsey, Jersey and Man; the box also holds some of their neighbours.
COUNTRY_CODES = ("gb", "gg", "je", "im")
LATITUDES = (49.0, 61.0)
LONGITUDES = (-9.0, 2.5)

log = structlog.get_logger()


class GeocoderMisconfigured(NotReady):
    """The settings describe no geocoder that can be made. The message is one line that names the one to mend."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a geocoder says a text is, in WGS 84 degrees, and what it calls the place."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was once answered to a text: a place, or that there is none."""

    found: Found | None


class OnlineGeocoder:
    """Asks a geocoding service politely: cached, spaced out, and left alone while it is down.

    Safe to share between threads. Each process has its own, so a limit that a
    service sets for the whole site is to be divided among the web workers.
    """

    def __init__(
        self,
        geocode: Callable[..., Any],
        timeout_seconds: float,
        seconds_between: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`geocode(text, timeout=seconds)` gives a geopy `Location` or None, or raises."""
        self._geocode = geocode
        self._timeout_seconds = timeout_seconds
        self._seconds_between = seconds_between
        self._clock = clock
        self._lock = Lock()
        self._answers: Remembered[str, _Answer] = Remembered(CACHE_SIZE)
        self._circuit = Circuit(clock)
        self._next_turn = float("-inf")

    def find(self, text: str) -> Found | None:
        """Where the text is, or None: no such place in the UK, or no answer within the time-out. Never raises.

        Calls start at least `seconds_between` apart. A text waits for its turn at
        most half of the time-out and is then asked for what is left of it; one
        that would have to wait longer is answered None at once.
        """
        key = names.key(text)
        if not key:
            return None
        if answer := self._answers.get(key):
            return answer.found
        wait_seconds = self._take_turn()
        if wait_seconds is None:
            return None
        time.sleep(wait_seconds)
        # Someone else may have asked the same in the meantime.
        if wait_seconds and (answer := self._answers.get(key)):
            return answer.found
        try:
            found = self._ask(text, self._timeout_seconds - wait_seconds)
        except Exception as error:
            self._failed(error)
            return None
        self._succeeded(key, found)
        return found

    def _take_turn(self) -> float | None:
        """The seconds until this caller may call, or None if it may not.

        geopy's RateLimiter would let any number of pages queue for any time.
        """
        with self._lock:
            now = self._clock()
            wait_seconds = max(0.0, self._next_turn - now)
            if wait_seconds > self._timeout_seconds / 2 or not self._circuit.may_ask():
                return None
            self._next_turn = now + wait_seconds + self._seconds_between
            return wait_seconds

    def _ask(self, text: str, seconds: float) -> Found | None:
        """What the service says within so many seconds. Raises whatever geopy does, or `TimeoutError`."""
        return answer_within(seconds, lambda: _found(self._geocode(text, timeout=seconds), text), "online-geocoder")

    def _succeeded(self, key: str, found: Found | None) -> None:
        self._circuit.succeeded()
        self._answers.keep(key, _Answer(found))

    def _failed(self, error: Exception) -> None:
        # The class only: messages repeat the address that was called, and with it the text.
        log.warning("online geocoder failed", error=type(error).__name__, circuit_opened=self._circuit.failed())


def online_geocoder(
    name: str,
    options: dict[str, Any],
    user_agent: str,
    timeout_seconds: float,
    seconds_between: float,
    clock: Callable[[], float] = time.monotonic,
) -> OnlineGeocoder:
    """The geocoder that geopy knows by this name, such as `nominatim`, made with these options for its class.

    Results are restricted to the UK where the class can. Nothing is called yet.
    Raises `GeocoderMisconfigured` if the name is unknown or the options do not fit.
    """
    # Here, so that a site without an online geocoder never loads geopy.
    from geopy.adapters import RequestsAdapter
    from geopy.exc import GeocoderNotFound
    from geopy.geocoders import SERVICE_TO_GEOCODER, get_geocoder_for_service

    try:
        made_by = get_geocoder_for_service(name)
    except GeocoderNotFound:
        known = ", ".join(SERVICE_TO_GEOCODER)
        raise GeocoderMisconfigured(f"ONLINE_GEOCODER: geopy knows no {name!r}; choose from {known}") from None
    common = {
        "user_agent": user_agent,
        "timeout": timeout_seconds,
        # By default it tries three times, each for the whole time-out, and logs the address with the text in it.
        "adapter_factory": partial(RequestsAdapter, max_retries=0),
    }
    try:
        geocode = made_by(**_accepted(made_by, common), **options).geocode
    except Exception as error:
        reason = " ".join(str(error).split())
        raise GeocoderMisconfigured(f"ONLINE_GEOCODER_OPTIONS do not fit {made_by.__name__}: {reason}") from error
    restricted = partial(geocode, **_accepted(geocode, {"country_codes": list(COUNTRY_CODES)}))
    return OnlineGeocoder(restricted, timeout_seconds, seconds_between, clock)


def _accepted(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Those of the arguments that the function has parameters for."""
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in arguments.items() if name in parameters}


def _found(location: Any, text: str) -> Found | None:
    """A geopy `Location` as ours; None for none, or for one outside the UK."""
    if location is None:
        return None
    latitude, longitude = float(location.latitude), float(location.longitude)
    if not (LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]):
        return None
    return Found(latitude, longitude, str(location.address or text))
