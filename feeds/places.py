"""Where a venue is: its coordinates, its postcode, or neither, as the gazetteer judges."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from catalogue.earth import METRES_PER_DEGREE_OF_LATITUDE, METRES_PER_DEGREE_OF_LONGITUDE
from catalogue.words import Reach
from feeds.clean import Clean, line
from feeds.record import Refused, VenueRecord
from gazetteer import postcode
from gazetteer.locate import Located, Precision, locate
from gazetteer.table import Table

FAR_M = 5_000
MAX_VENUES = 100
REMEMBERED = 10_000  # venues, with where they are
FEWER = 1_000  # postcodes and points by themselves
# The United Kingdom in a box: west, south, east, north.
UK = (-8.7, 49.8, 1.8, 60.9)


@dataclass(frozen=True, slots=True)
class Placed:
    """A venue's position in WGS 84 degrees, its postcode as it is written, and what was odd, if anything was."""

    latitude: float
    longitude: float
    postcode: str
    remark: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlacedVenue:
    """A venue and where it is. The same one of one placer is the same object, mostly: see `REMEMBERED`."""

    venue: VenueRecord
    placed: Placed

    @property
    def name(self) -> str:
        said = line(self.venue.name, 200) or line(self.venue.address.split(",")[0], 200)
        return said or line(self.venue.town, 200) or self.placed.postcode


Placer = Callable[[VenueRecord], PlacedVenue | None]


def put_in_place(cleaned: Clean, place: Placer) -> tuple[Clean, tuple[PlacedVenue, ...]]:
    """A record with its venues placed. Where none can be, it is somewhere in its town, or nobody knows where.

    Raises:
        Refused: it is outside the United Kingdom.
    """
    record = cleaned.record
    if record.reach is not Reach.VENUE:
        return cleaned, ()
    wanted = record.venues[:MAX_VENUES]
    venues = tuple([placed for venue in wanted if (placed := place(venue)) is not None])
    if venues:
        remarks = [each.placed.remark for each in venues if each.placed.remark]
        lost = len(wanted) - len(venues)
        remarks += [f"Of its places {lost} could not be found."] if lost else []
        return replace(cleaned, remarks=(*cleaned.remarks, *remarks)) if remarks else cleaned, venues
    if any(_is_abroad(venue) for venue in record.venues):
        raise Refused("It is outside the United Kingdom.")
    town = next((named for venue in record.venues if (named := line(venue.town, 100))), None)
    nowhere = replace(record, reach=Reach.REGION if town else Reach.UNKNOWN, region=town)
    what = "Its place could not be found" if record.venues else "It names no place"
    said = f"{what}: it is shown as somewhere in {town}." if town else f"{what}."
    return replace(cleaned, record=nowhere, remarks=(*cleaned.remarks, said)), ()


def placer(table: Table) -> Placer:
    """A function that says where a venue is, or None if nothing tells.

    Coordinates count unless they are missing, absurd, or far from the postcode, which
    then counts. A postcode that is not known is placed by its sector or district.
    """

    @lru_cache(maxsize=FEWER)
    def by_postcode(text: str) -> Located | None:
        found = locate(table, text)
        is_area = isinstance(found, Located) and found.precision in (Precision.PLACE, Precision.AREA, Precision.DEVICE)
        return None if is_area or not isinstance(found, Located) else found

    @lru_cache(maxsize=FEWER)
    def district(latitude: float, longitude: float) -> str | None:
        return table.nearest_district(latitude, longitude)

    def placed(venue: VenueRecord) -> Placed | None:
        written = venue.postcode.strip()[:20] or postcode.inside(venue.address[:500]) or ""
        found = by_postcode(written) if written else None
        spot = _coordinates(venue)
        if found is None:
            return _by_coordinates(venue, spot, district)
        remark = None
        if spot is not None:
            away_m = _apart_m(spot, (found.latitude, found.longitude))
            if away_m <= FAR_M + found.radius_m:
                return Placed(*spot, found.label)
            remark = f"Its coordinates are {away_m / 1000:.0f} km from {found.label}: the postcode counts."
        elif venue.latitude is not None or venue.longitude is not None:
            remark = f"Its coordinates cannot be: {found.label} counts."
        if found.asked or found.precision is not Precision.UNIT:
            remark = f"Its postcode {found.asked or found.label} is known only as part of {found.label}."
        return Placed(found.latitude, found.longitude, found.label, remark)

    @lru_cache(maxsize=REMEMBERED)
    def place(venue: VenueRecord) -> PlacedVenue | None:
        found = placed(venue)
        return None if found is None else PlacedVenue(venue, found)

    return place


def _by_coordinates(
    venue: VenueRecord, spot: tuple[float, float] | None, district: Callable[[float, float], str | None]
) -> Placed | None:
    if spot is None or (around := district(*spot)) is None:
        return None
    remark = f"Its postcode {venue.postcode.strip()[:20]} is not known: its coordinates count."
    return Placed(*spot, around, remark if venue.postcode.strip() else None)


def _coordinates(venue: VenueRecord) -> tuple[float, float] | None:
    """Latitude and longitude if they are in or near the United Kingdom; 0,0 is a form that nobody filled in."""
    if venue.latitude is None or venue.longitude is None:
        return None
    west, south, east, north = UK
    is_in = south <= venue.latitude <= north and west <= venue.longitude <= east  # never of NaN
    return (venue.latitude, venue.longitude) if is_in else None


def _is_abroad(venue: VenueRecord) -> bool:
    """Whether its coordinates are a place on Earth, outside the United Kingdom, that is no slip of a form."""
    latitude, longitude = venue.latitude, venue.longitude
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return False
    is_slip = latitude == longitude == 0 or _coordinates(replace(venue, latitude=longitude, longitude=latitude))
    return not is_slip and _coordinates(venue) is None


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points, nearly: it only tells near from far."""
    up = (one[0] - other[0]) * METRES_PER_DEGREE_OF_LATITUDE
    across = (one[1] - other[1]) * METRES_PER_DEGREE_OF_LONGITUDE * math.cos(math.radians(one[0]))
    return math.hypot(up, across)
