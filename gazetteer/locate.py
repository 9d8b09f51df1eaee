"""From a text to a place on the map: the one entry to the gazetteer."""

import re
from dataclasses import dataclass
from enum import StrEnum

from gazetteer import names, postcode
from gazetteer.postcode import NoPlace, Part, Postcode
from gazetteer.table import Place, Table

MAX_LENGTH = 100
_COORDINATES = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*")


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
    OUTSIDE = "outside"
    NO_POSITION = "no-position"
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
        source: who said so: `gazetteer` or `device`.
        asked: the full postcode that was typed, where only an area around it could be placed.
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
    is_terminated: bool = False
    alternatives: tuple[str, ...] = ()

    @property
    def is_approximate(self) -> bool:
        """Whether distances from here are rough: the middle of an area stands for a door."""
        return self.precision not in (Precision.DEVICE, Precision.UNIT)


@dataclass(frozen=True, slots=True)
class Unlocated:
    """A text that has no place on the map, and why. `text` is what was typed, trimmed."""

    problem: Problem
    text: str


def locate(table: Table, text: str) -> Located | Unlocated:
    """Find where a text is: a postcode or part of one, a place name, or `latitude,longitude`.

    A postcode that is not known, or has no position, is placed by its sector, else
    by its district, and `asked` says so. A shared name means the most populous
    place; the others are the alternatives. Never raises for any text.
    """
    text = " ".join(text.split())
    if not text:
        return Unlocated(Problem.EMPTY, text)
    if len(text) > MAX_LENGTH:
        return Unlocated(Problem.TOO_LONG, text[:MAX_LENGTH])
    if coordinates := _COORDINATES.fullmatch(text):
        return _by_coordinates(table, text, float(coordinates[1]), float(coordinates[2]))
    if reason := postcode.without_place(text):
        return Unlocated(_WITHOUT_PLACE[reason], text)
    readings = postcode.readings(text)
    for reading in readings:
        if located := _by_postcode(table, reading):
            return located
    if located := _by_name(table, text):
        return located
    if not readings and not postcode.looks_like_postcode(text):
        return Unlocated(Problem.UNKNOWN_PLACE, text)
    return Unlocated(_unplaced_postcode(table, readings), text)


_WITHOUT_PLACE = {
    NoPlace.FORCES: Problem.FORCES,
    NoPlace.GIRO: Problem.GIRO,
    NoPlace.NON_GEOGRAPHIC: Problem.NON_GEOGRAPHIC,
    NoPlace.OVERSEAS: Problem.OVERSEAS,
}


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


def _by_name(table: Table, text: str) -> Located | None:
    found = table.places(names.key(text))
    if not found and "," in text:
        name, _, district = text.rpartition(",")
        found = table.places(names.key(name))
        found.sort(key=lambda place: place.district != district.strip().upper())
        if found and found[0].district != district.strip().upper():
            found = []
    if not found:
        return None
    first, *others = found
    return Located(
        first.latitude,
        first.longitude,
        _full_name(first) if others else first.name,
        Precision.PLACE,
        alternatives=tuple(_full_name(place) for place in others),
    )


def _full_name(place: Place) -> str:
    """A name that is understood again, and told apart from others: `Newport, NP20`."""
    return f"{place.name}, {place.district}" if place.district else place.name


def _unplaced_postcode(table: Table, readings: list[Postcode]) -> Problem:
    """Jersey, Guernsey and Man have valid postcodes that open data does not place."""
    known = any(reading.part is Part.UNIT and table.unit(reading.text) for reading in readings)
    crown = any(reading.text.startswith(("JE", "GY", "IM")) for reading in readings)
    return Problem.NO_POSITION if known or crown else Problem.UNKNOWN_POSTCODE
