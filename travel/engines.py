"""The routing engines that we know how to ask. Each is one function of the same shape.

Given the engine's address, a mode, where from, where to and how long to wait, it gives the seconds to each place, in
their order, infinite where there is no way; or it raises, whatever was wrong. Points are (latitude, longitude).
"""

import json
import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from settings import UK_TIME
from travel.estimate import Mode

Spot = tuple[float, float]
Ask = Callable[[str, Mode, Spot, Sequence[Spot], float], list[float]]
MOST_BYTES = 1_000_000
LEAVING_AT_HOUR = 9
# https://docs.opentripplanner.org/api/dev-2.x/graphql-gtfs/types/PlanModesInput
OTP_MODES = {
    Mode.FOOT: "{directOnly: true, direct: [WALK]}",
    Mode.BIKE: "{directOnly: true, direct: [BICYCLE]}",
    Mode.CAR: "{directOnly: true, direct: [CAR]}",
    Mode.TRANSIT: "{transitOnly: true}",
}


class WrongAnswer(ValueError):
    """The engine answered, but not with what it documents."""


def osrm(url: str, mode: Mode, here: Spot, there: Sequence[Spot], seconds: float) -> list[float]:
    """OSRM's table service: https://project-osrm.org/docs/v5.24.0/api/#table-service

    OSRM serves one profile at each address; `{mode}` in the address becomes `foot`, `bike` or `car`.
    """
    spots = ";".join(f"{longitude:.5f},{latitude:.5f}" for latitude, longitude in (here, *there))
    # With {mode} in the address or without: the path names it too, as the documentation has it.
    address = f"{url.replace('{mode}', mode)}/table/v1/{mode}/{spots}"
    found = _json("GET", address, seconds, params={"sources": "0", "annotations": "duration"})
    rows = found.get("durations")
    if found.get("code") != "Ok" or not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], list):
        raise WrongAnswer("no table")
    if len(rows[0]) != len(there) + 1:
        raise WrongAnswer("another number of places")
    return [_seconds(each) for each in rows[0][1:]]


def opentripplanner(url: str, mode: Mode, here: Spot, there: Sequence[Spot], seconds: float) -> list[float]:
    """OpenTripPlanner's GTFS GraphQL API, one plan a place in one request.

    https://docs.opentripplanner.org/api/dev-2.x/graphql-gtfs/queries/planConnection
    `url` ends before `/otp/gtfs/v1`. Public transport is asked for the next weekday at nine.
    """
    plans = " ".join(f"p{number}: {_plan(mode, here, spot)}" for number, spot in enumerate(there))
    found = _json("POST", f"{url}/otp/gtfs/v1", seconds, json={"query": f"{{{plans}}}"})
    data = found.get("data")
    if found.get("errors") or not isinstance(data, dict):
        raise WrongAnswer("no plans")
    return [_shortest(data.get(f"p{number}")) for number in range(len(there))]


ENGINES: dict[str, tuple[Ask, int]] = {
    # With how many places one request may ask about: OSRM's table is cheap, each plan is a search of its own.
    "osrm": (osrm, 100),
    "opentripplanner": (opentripplanner, 20),
}


def _plan(mode: Mode, here: Spot, there: Spot) -> str:
    def place(spot: Spot) -> str:
        return f"{{location: {{coordinate: {{latitude: {spot[0]:.5f}, longitude: {spot[1]:.5f}}}}}}}"

    when = f'dateTime: {{earliestDeparture: "{next_weekday(datetime.now(UK_TIME)).isoformat()}"}}'
    asked = f"origin: {place(here)}, destination: {place(there)}, modes: {OTP_MODES[mode]}, first: 3, {when}"
    return f"planConnection({asked}) {{edges {{node {{duration}}}}}}"


def next_weekday(now: datetime) -> datetime:
    """Nine in the morning of the next day from Monday to Friday: an hour at which buses go."""
    day = now + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=LEAVING_AT_HOUR, minute=0, second=0, microsecond=0)


def _shortest(plan: Any) -> float:
    if not isinstance(plan, dict) or not isinstance(plan.get("edges"), list):
        raise WrongAnswer("no plan")
    try:
        return min((_seconds(edge["node"]["duration"]) for edge in plan["edges"]), default=math.inf)
    except (KeyError, TypeError) as error:
        raise WrongAnswer("a plan without a duration") from error


def _seconds(value: Any) -> float:
    """A duration as engines give it; null where there is no way."""
    if value is None:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise WrongAnswer("a duration that is none")
    return float(value)


def _json(method: str, address: str, seconds: float, **options: Any) -> dict[str, Any]:
    import requests  # so that a site without an engine does not load it

    deadline = time.monotonic() + seconds
    with requests.request(method, address, timeout=seconds, stream=True, allow_redirects=False, **options) as answer:
        if answer.status_code != 200:
            raise WrongAnswer("a status other than 200")
        body = b""
        for part in answer.iter_content(65_536):
            body += part
            if len(body) > MOST_BYTES or time.monotonic() > deadline:
                raise WrongAnswer("an answer that does not end")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise WrongAnswer("no object")
    return found
