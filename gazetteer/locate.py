"""From a text to a place on the map: the one entry to the gazetteer."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from gazetteer import names, postcode
from gazetteer.online import Found
from gazetteer.postcode import NoPlace, Part, Postcode
from gazetteer.table import Place, Table

METRES_PER_MILE = 1609.344
MAX_LENGTH = 100
MAX_SUGGESTIONS = 5
ONLINE_RADIUS_M = 1_000  # what an online geocoder found may be a street or a village
TOO_WIDE = {
    "england",
    "scotland",
    "wales",
    "northern ireland",
    "great britain",
    "united kingdom",
    "uk",
    "gb",
    "britain",
}
MIN_SIMILAR = 4
LONG_NAME = 7
# With a comma between them, or with a space if they have decimals.
_COORDINATES = re.compile(r"([+-]?\d{1,3}(?:\.\d+)?)\s*,\s*([+-]?\d{1,3}(?:\.\d+)?)", re.ASCII)
_SPACED_COORDINATES = re.compile(r"([+-]?\d{1,3}\.\d+) ([+-]?\d{1,3}\.\d+)", re.ASCII)
# What people say around a place that is no part of its name.
_WRAPPING = re.compile(r"^(near|in|around|at)\s+|,?\s+(uk|u\.k\.|gb|united kingdom|great britain)$", re.IGNORECASE)


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
    TOO_WIDE = "too-wide"
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
        source: who said so: `gazetteer`, `device` or `online`; `map` for the middle of what a map shows.
        asked: the full postcode that was typed, where only an area around it could be placed.
        corrected_from: what was typed, where letters and digits that look alike were put right.
        is_terminated: the postcode is no longer in use.
        alternatives: texts that name other places of the same name.
        district: the postcode district around, where the label may be finer than that.
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
    district: str | None = None

    @property
    def radius_miles(self) -> float:
        return self.radius_m / METRES_PER_MILE

    @property
    def outward(self) -> str | None:
        """Roughly where, for links and logs that others may see: never finer than a postcode district or a place.

        None where nothing so rough is known: an online geocoder's point, or a map's, far from every district.
        """
        if self.source in ("online", "map"):
            return self.district
        return self.label.split(" ")[0] if self.precision in (Precision.UNIT, Precision.SECTOR) else self.label

    @property
    def is_approximate(self) -> bool:
        """Whether distances from here are rough: the middle of an area stands for a door."""
        return self.precision not in (Precision.DEVICE, Precision.UNIT) and self.source != "map"


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
    text = _readable(text)
    if not text:
        return Unlocated(Problem.EMPTY, text)
    if len(text) > MAX_LENGTH:
        return Unlocated(Problem.TOO_LONG, text[:MAX_LENGTH])
    if coordinates := _COORDINATES.fullmatch(text) or _SPACED_COORDINATES.fullmatch(text):
        return _by_coordinates(table, text, float(coordinates[1]), float(coordinates[2]))
    result = _by_table(table, text)
    is_exact = isinstance(result, Located) and result.asked is None
    if online and not is_exact and _may_be_asked(result) and (found := online.find(text)):
        return Located(
            found.latitude,
            found.longitude,
            ", ".join(found.label.split(", ")[:2]),
            Precision.PLACE,
            source="online",
            radius_m=ONLINE_RADIUS_M,
            district=table.nearest_district(found.latitude, found.longitude),
        )
    return result


def middle_of_map(table: Table, latitude: float, longitude: float, label: str) -> Located:
    """The middle of what a map shows, wherever that is."""
    district = table.nearest_district(latitude, longitude)
    return Located(latitude, longitude, label, Precision.PLACE, source="map", district=district)


def _readable(text: str) -> str:
    """The text without what cannot be seen, and with one kind of minus and of space."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    return " ".join("".join(" " if each.isspace() else each for each in plain if _is_seen(each)).split())


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")


def _by_table(table: Table, text: str) -> Located | Unlocated:
    unit = postcode.inside(text)
    if reason := postcode.without_place(text) or (unit and postcode.without_place(unit)):
        return Unlocated(_WITHOUT_PLACE[reason], text)
    readings = [Postcode(unit, Part.UNIT)] if unit else postcode.readings(text)
    for reading in readings:
        if located := _by_postcode(table, reading):
            return located
    # A name with a postcode in it, `Plymouth, PL1 2AZ`, was meant as the postcode, however misspelt.
    if not unit and (named := _by_name_and_district(table, text) or _by_name(table, text)):
        return named
    return _by_repair(table, unit or text) or _unplaced(table, text, readings)


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
        swapped = table.nearest_district(longitude, latitude)
        return Unlocated(Problem.OUTSIDE, text, (f"{longitude:g},{latitude:g}",) if swapped else ())
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
                is_terminated=terminated or (around is asked and centre.is_terminated),
            )
        # Half a postcode that is not known is not placed by a wider area: it is more likely a slip.
        # Of Northern Ireland only the districts are known.
        around = around.wider if asked.part is Part.UNIT or asked.text.startswith("BT") else None
    return None


def _by_repair(table: Table, text: str) -> Located | Unlocated | None:
    """The one postcode that the text becomes when look-alikes are put right, or a choice of several."""
    existing = [repaired for repaired in postcode.repairs(text) if _exists(table, repaired)]
    if len(existing) > 1:
        return Unlocated(Problem.AMBIGUOUS, text, tuple(repaired.text for repaired in existing))
    located = _by_postcode(table, existing[0]) if existing else None
    return replace(located, corrected_from=text) if located else None


def _exists(table: Table, found: Postcode) -> bool:
    if found.part is not Part.UNIT:
        centre = table.centre(found.text)
        return centre is not None and not centre.is_terminated
    if found.text.startswith("BT"):
        return table.centre(found.text.split(" ")[0]) is not None
    return table.unit(found.text) is not None


def _by_name(table: Table, text: str) -> Located | Unlocated | None:
    """A place by its name, or a choice where a county that the table does not know would have to decide."""
    text = _WRAPPING.sub("", text)
    key = names.key(text)
    if key in TOO_WIDE:
        return Unlocated(Problem.TOO_WIDE, text)
    if found := table.places(key):
        return _placed(found, key, text)
    name, comma, _county = text.partition(",")
    key = names.key(name)
    if not comma or not (found := table.places(key)):
        return None
    called_so = [place for place in found if names.key(place.name) == key]
    if len(called_so) > 1:
        return Unlocated(Problem.AMBIGUOUS, text, tuple(map(_full_name, called_so)))
    return _placed(found, key, name)


def _by_name_and_district(table: Table, text: str) -> Located | None:
    """`Newport, PO30` is the Newport there; `Leeds LS6`, where no place of that name has its middle, is LS6."""
    if not (parts := postcode.district_inside(text)):
        return None
    district, name = parts
    key = names.key(name)
    there = [place for place in table.places(key) if place.district == district]
    # One that is called so comes before one that is only known so too, such as High Barnet before Barnet.
    for place in sorted(there, key=lambda place: names.key(place.name) != key):
        return _of_place(place, _full_name(place))
    return _by_postcode(table, Postcode(district, Part.DISTRICT))


def _placed(found: list[Place], key: str, typed: str) -> Located:
    """The most populous of several places. Those that only bear the name besides another are not offered with it."""
    first, *others = found
    if names.key(first.name) == key:
        others = [place for place in others if names.key(place.name) == key]
    located = _of_place(first, _full_name(first) if others else first.name)
    is_itself = key in names.key(first.name)
    return replace(
        located,
        corrected_from=None if is_itself else typed,
        alternatives=tuple(_full_name(place) for place in others),
    )


def _of_place(place: Place, label: str) -> Located:
    return Located(place.latitude, place.longitude, label, Precision.PLACE, radius_m=place.radius_m)


def _full_name(place: Place) -> str:
    """A name that is understood again, and told apart from others: `Newport, NP20`."""
    return f"{place.name}, {place.district}" if place.district else place.name


def _telling(table: Table, place: Place) -> str:
    """The shortest name that means this place: with its district only where others are called the same."""
    key = names.key(place.name)
    is_alone = sum(names.key(other.name) == key for other in table.places(key)) == 1
    return place.name if is_alone else _full_name(place)


def _unplaced(table: Table, text: str, readings: list[Postcode]) -> Unlocated:
    island = next((_ISLANDS[reading.text[:2]] for reading in readings if reading.text[:2] in _ISLANDS), None)
    if island:
        return Unlocated(island, text)
    with_digits = [reading for reading in readings if reading.part is not Part.AREA]
    if with_digits or postcode.looks_like_postcode(text):
        known = any(reading.part is Part.UNIT and table.unit(reading.text) for reading in readings)
        around = [code for code in postcode.beginning(text) if table.centre(code)]
        problem = Problem.NO_POSITION if known else Problem.UNKNOWN_POSTCODE
        return Unlocated(problem, text, tuple(around[:1]))
    return Unlocated(Problem.UNKNOWN_PLACE, text, tuple(_similar(table, text)))


def _similar(table: Table, text: str) -> list[str]:
    """Places whose names are one or two slips of the finger away: the fewest slips first, then the most people."""
    words = names.key(text).split()
    # A known name among other words, the longest first: `14 High St, Plymouth`, `Plymouth Devon`.
    runs = [" ".join(words[i:j]) for i in range(len(words)) for j in range(len(words), i, -1) if j - i < len(words)]
    for run in sorted(runs, key=len, reverse=True):
        if len(run) >= MIN_SIMILAR and (found := table.places(run)):
            return [_telling(table, place) for place in found[:MAX_SUGGESTIONS]]
    wanted = names.key(text.partition(",")[0])
    if len(wanted) < MIN_SIMILAR:
        return []
    slips = 1 if len(wanted) < LONG_NAME else 2
    from rapidfuzz import process  # large, and only for this
    from rapidfuzz.distance import OSA

    close = process.extract(wanted, table.names(), scorer=OSA.distance, score_cutoff=slips, limit=None)
    by_slips = sorted(
        (
            (distance, -place.population, _telling(table, place))
            for key, distance, _ in close
            for place in table.places(key)
        )
    )
    return list(dict.fromkeys(name for _, _, name in by_slips))[:MAX_SUGGESTIONS]
