"""Reading a UK postcode, or the first part of one, out of what a person typed.

Pure: nothing here knows which postcodes exist. The shapes are those of Royal
Mail's Programmers' Guide to the Postcode Address File: an outward code of one
or two letters, a digit, and a digit or letter; an inward code of a digit and
two letters, never C, I, K, M, O or V.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

OUTWARD = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
_UNIT = re.compile(rf"({OUTWARD})({INWARD})")
_SECTOR = re.compile(rf"({OUTWARD})([0-9])[A-Z]?")  # the last letter still to come
_DISTRICT = re.compile(OUTWARD)
_AREA = re.compile(r"[A-Z]{1,2}")
_NOISE = re.compile(r"[\s.\-‐-―_]+")


class Part(StrEnum):
    """How much of a postcode was given."""

    UNIT = "unit"
    SECTOR = "sector"
    DISTRICT = "district"
    AREA = "area"


class NoPlace(StrEnum):
    """Why a valid postcode has no place on the map of Great Britain and Northern Ireland."""

    FORCES = "forces"
    GIRO = "giro"
    NON_GEOGRAPHIC = "non-geographic"
    OVERSEAS = "overseas"


_NO_PLACE = (
    (re.compile(r"GIR0AA"), NoPlace.GIRO),
    (re.compile(r"BFPO[0-9]{1,4}|BF1([0-9][A-Z]{0,2})?"), NoPlace.FORCES),
    (re.compile(rf"BX[0-9]{{1,2}}({INWARD})?"), NoPlace.NON_GEOGRAPHIC),
    (re.compile(r"(ASCN|BBND|BIQQ|FIQQ|PCRN|SIQQ|STHL|TDCU|TKCA)(1ZZ)?|GX111AA"), NoPlace.OVERSEAS),
)


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode or the first part of one, written as Royal Mail writes it: `PL1 2AA`, `PL1 2`, `PL1`, `PL`."""

    text: str
    part: Part

    @property
    def wider(self) -> "Postcode | None":
        """The next larger area that holds this one, or None for a district: an area is too wide."""
        match self.part:
            case Part.UNIT:
                return Postcode(self.text[:-2], Part.SECTOR)
            case Part.SECTOR:
                return Postcode(self.text[:-2], Part.DISTRICT)
            case _:
                return None


def compact(text: str) -> str:
    """The text in capitals without spaces (of any kind), dots and dashes."""
    return _NOISE.sub("", text).upper()


def readings(text: str) -> list[Postcode]:
    """Every way to read the text as a postcode or the first part of one, the likelier first.

    `PL1 2AA`, `pl12aa` and `PL1-2AA` have one reading. `PL12` has two, the district
    PL12 and the sector PL1 2; with a space the sector comes first. What is not a
    postcode has none.
    """
    code = compact(text)
    if unit := _UNIT.fullmatch(code):
        return [Postcode(f"{unit[1]} {unit[2]}", Part.UNIT)]
    found = []
    if _DISTRICT.fullmatch(code):
        found.append(Postcode(code, Part.DISTRICT))
    if sector := _SECTOR.fullmatch(code):
        found.append(Postcode(f"{sector[1]} {sector[2]}", Part.SECTOR))
    if _AREA.fullmatch(code):
        found.append(Postcode(code, Part.AREA))
    if " " in text.strip():
        found.sort(key=lambda postcode: postcode.part is not Part.SECTOR)
    return found


def without_place(text: str) -> NoPlace | None:
    """Why this valid postcode has no place, or None where it may have one."""
    code = compact(text)
    return next((reason for pattern, reason in _NO_PLACE if pattern.fullmatch(code)), None)


def looks_like_postcode(text: str) -> bool:
    """Whether the text was probably meant as a postcode: short, with letters before digits."""
    return re.fullmatch(r"[A-Z]{1,4}[0-9][A-Z0-9]{0,6}", compact(text)) is not None
