"""From a text to a place on the map: the one entry to the gazetteer."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from gazetteer import names, postcode
from gazetteer.online import Found
from gazetteer.postcode import NoPlace, Part, Postcode
from gazetteer.table import Place, Table

METRES_PER_MILE = 1609.344
MAX_LENGTH = 100
MAX_SUGGESTIONS = 5
MIN_SIMILAR = 4
LONG_NAME = 7
# With a comma between them, or with a space if they have decimals.
_COORDINATES = re.compile(r"([+-]?\d{1,3}(?:\.\d+)?)\s*,\s*([+-]?\d{1,3}(?:\.\d+)?)", re.ASCII)
_SPACED_COORDINATES = re.compile(r"([+-]?\d{1,3}\.\d+) ([+-]?\d{1,3}\.\d+)", re.ASCII)


class Precision(StrEnum):
    """How exactly a text was placed, the finest first."""

    DEVICE = "device"
    UNIT = "unit"
    SECTOR = "sector"
    DISTRICT = "district"
    AREA = "area"
    PLACE = "place"


class Problem(StrEnum):
    """Why a text has no place on the map."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    UNKNOWN_POSTCODE = "unknown-postcode"
    UNKNOWN_PLACE = "unknown-place"
    AMBIGUOUS = "ambiguous"
    OUTSIDE = "outside"
    NO_POSITION = "no-position"
    JERSEY = "jersey"
    GUERNSEY = "guernsey"
    ISLE_OF_MAN = "isle-of-man"
    FORCES = "forces"
    GIRO = "giro"
    NON_GEOGRAPHIC = "non-geographic"
    OVERSEAS = "overseas"


@dataclass(frozen=True, slots=True)
class Located:
    """A text that became a place. Coordinates are WGS 84 degrees.

    Attributes:
        label: what to call the place: `BR3 4HG`, `PL1`, `Plymouth`.
        radius_m: how far off the middle may be for nine in ten addresses; 0 where that is next to nothing.
        source: who said so: `gazetteer`, `device` or `online`.
        asked: the full postcode that was typed, where only an area around it could be placed.
        corrected_from: what was typed, where letters and digits that look alike were put right.
        is_terminated: the postcode is no longer in use.
        alternatives: texts that name other places of the same name.
    """

    latitude: float
    longitude: float
    label: str
    precision: Precision
    source: str = "gazetteer"
    radius_m: int = 0
    asked: str | None = None
    corrected_from: str | None = None
    is_terminated: bool = False
    alternatives: tuple[str, ...] = ()

    @property
    def radius_miles(self) -> float:
        return self.radius_m / METRES_PER_MILE

    @property
    def outward(self) -> str:
        """Roughly where, for links and logs that others may see: never finer than a postcode district or a place."""
        return self.label.split(" ")[0] if self.precision in (Precision.UNIT, Precision.SECTOR) else self.label

    @property
    def is_approximate(self) -> bool:
        """Whether distances from here are rough: the middle of an area stands for a door."""
        return self.precision not in (Precision.DEVICE, Precision.UNIT)


@dataclass(frozen=True, slots=True)
class Unlocated:
    """A text that has no place on the map, and why.

    `text` is what was typed, trimmed; `suggestions` are texts that have a place and may have been meant.
    """

    problem: Problem
    text: str
    suggestions: tuple[str, ...] = ()


class Online(Protocol):
    """An online geocoder, as `gazetteer.online` makes them. It never raises, and gives None while it cannot answer."""

    def find(self, text: str) -> Found | None: ...


def locate(table: Table, text: str, online: Online | None = None) -> Located | Unlocated:
    """Find where a text is: a postcode or part of one, a place name, or `latitude,longitude`.

    A postcode that is not known, or has no position, is placed by its sector, else
    by its district, and `asked` says so. Letters and digits that look alike are put
    right where exactly one postcode results. A shared name means the most populous
    place; the others are the alternatives. The online geocoder, if there is one,
    is asked only for what the table cannot place as exactly as it was asked.
    Never raises for any text.
    """
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if not text:
        return Unlocated(Problem.EMPTY, text)
    if len(text) > MAX_LENGTH:
        return Unlocated(Problem.TOO_LONG, text[:MAX_LENGTH])
    if coordinates := _COORDINATES.fullmatch(text) or _SPACED_COORDINATES.fullmatch(text):
        return _by_coordinates(table, text, float(coordinates[1]), float(coordinates[2]))
    result = _by_table(table, text)
    is_exact = isinstance(result, Located) and result.asked is None
    if online and not is_exact and _may_be_asked(result) and (found := online.find(text)):
        return Located(found.latitude, found.longitude, found.label, Precision.PLACE, source="online")
    return result


def _by_table(table: Table, text: str) -> Located | Unlocated:
    if reason := postcode.without_place(text):
        return Unlocated(_WITHOUT_PLACE[reason], text)
    readings = postcode.readings(text)
    for reading in readings:
        if located := _by_postcode(table, reading):
            return located
    if located := _by_name(table, text):
        return located
    if (unit := postcode.inside(text)) and (located := _by_postcode(table, Postcode(unit, Part.UNIT))):
        return located
    return _by_repair(table, text) or _unplaced(table, text, readings)


_WITHOUT_PLACE = {
    NoPlace.FORCES: Problem.FORCES,
    NoPlace.GIRO: Problem.GIRO,
    NoPlace.NON_GEOGRAPHIC: Problem.NON_GEOGRAPHIC,
    NoPlace.OVERSEAS: Problem.OVERSEAS,
}
_ISLANDS = {"JE": Problem.JERSEY, "GY": Problem.GUERNSEY, "IM": Problem.ISLE_OF_MAN}


def _may_be_asked(result: Located | Unlocated) -> bool:
    """Whether another source could know more: not of a postcode that has no place anywhere."""
    return isinstance(result, Located) or result.problem not in (*_WITHOUT_PLACE.values(), Problem.AMBIGUOUS)


def _by_coordinates(table: Table, text: str, latitude: float, longitude: float) -> Located | Unlocated:
    district = table.nearest_district(latitude, longitude)
    if district is None:
        return Unlocated(Problem.OUTSIDE, text)
    return Located(latitude, longitude, district, Precision.DEVICE, source="device")


def _by_postcode(table: Table, asked: Postcode) -> Located | None:
    terminated = False
    if asked.part is Part.UNIT and (unit := table.unit(asked.text)):
        if unit.latitude is not None and unit.longitude is not None:
            return Located(unit.latitude, unit.longitude, asked.text, Precision.UNIT, is_terminated=unit.is_terminated)
        terminated = unit.is_terminated
    around: Postcode | None = asked
    while around:
        if centre := table.centre(around.text):
            return Located(
                centre.latitude,
                centre.longitude,
                around.text,
                Precision(around.part.value),
                radius_m=centre.radius_m,
                asked=None if around is asked else asked.text,
                is_terminated=terminated,
            )
        # Half a postcode that is not known is not placed by a wider area: it is more likely a slip.
        around = around.wider if asked.part is Part.UNIT else None
    return None


def _by_repair(table: Table, text: str) -> Located | Unlocated | None:
    """The one postcode that the text becomes when look-alikes are put right, or a choice of several."""
    existing = [
        repaired
        for repaired in postcode.repairs(text)
        if (table.unit(repaired.text) if repaired.part is Part.UNIT else table.centre(repaired.text))
    ]
    if len(existing) > 1:
        return Unlocated(Problem.AMBIGUOUS, text, tuple(repaired.text for repaired in existing))
    located = _by_postcode(table, existing[0]) if existing else None
    return replace(located, corrected_from=text) if located else None


def _by_name(table: Table, text: str) -> Located | None:
    name, _, qualifier = text.partition(",")
    found = table.places(names.key(text)) or table.places(names.key(name))
    if qualifier.strip():
        # A district decides between places of one name; a county, which the table does not know, cannot.
        district = qualifier.strip().upper()
        found.sort(key=lambda place: place.district != district)
    if not found:
        return None
    first, *others = found
    return Located(
        first.latitude,
        first.longitude,
        _full_name(first) if others else first.name,
        Precision.PLACE,
        radius_m=first.radius_m,
        alternatives=tuple(_full_name(place) for place in others),
    )


def _full_name(place: Place) -> str:
    """A name that is understood again, and told apart from others: `Newport, NP20`."""
    return f"{place.name}, {place.district}" if place.district else place.name


def _telling(table: Table, place: Place) -> str:
    """The shortest name that means this place: with its district only where others share it."""
    return place.name if len(table.places(names.key(place.name))) == 1 else _full_name(place)


def _unplaced(table: Table, text: str, readings: list[Postcode]) -> Unlocated:
    island = next((_ISLANDS[reading.text[:2]] for reading in readings if reading.text[:2] in _ISLANDS), None)
    if island:
        return Unlocated(island, text)
    if readings or postcode.looks_like_postcode(text):
        known = any(reading.part is Part.UNIT and table.unit(reading.text) for reading in readings)
        around = [code for code in postcode.beginning(text) if table.centre(code)]
        problem = Problem.NO_POSITION if known else Problem.UNKNOWN_POSTCODE
        return Unlocated(problem, text, tuple(around[:1]))
    return Unlocated(Problem.UNKNOWN_PLACE, text, tuple(_similar(table, text)))


def _similar(table: Table, text: str) -> list[str]:
    """Places whose names are one or two slips of the finger away: the fewest slips first, then the most people."""
    wanted = names.key(text.partition(",")[0])
    if len(wanted) < MIN_SIMILAR:
        return []
    slips = 1 if len(wanted) < LONG_NAME else 2
    close = process.extract(wanted, table.names(), scorer=OSA.distance, score_cutoff=slips, limit=None)
    by_slips = sorted(
        (
            (distance, -place.population, _telling(table, place))
            for key, distance, _ in close
            for place in table.places(key)
        )
    )
    return list(dict.fromkeys(name for _, _, name in by_slips))[:MAX_SUGGESTIONS]
