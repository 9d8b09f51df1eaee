"""Reading a UK postcode, or the first part of one, out of what a person typed.

Pure: nothing here knows which postcodes exist. The shapes are those of Royal
Mail's Programmers' Guide to the Postcode Address File: an outward code of one
or two letters, a digit, and a digit or letter; an inward code of a digit and
two letters, never C, I, K, M, O or V.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

OUTWARD = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
_UNIT = re.compile(rf"({OUTWARD})({INWARD})")
_SECTOR = re.compile(rf"({OUTWARD})([0-9])[A-Z]?")  # the last letter still to come
_UNIT_INSIDE = re.compile(rf"(?<![A-Z0-9])({OUTWARD})[\s,/-]?({INWARD})(?![A-Z0-9])")
_DISTRICT_INSIDE = re.compile(rf"(?<![A-Z0-9])({OUTWARD})(?![A-Z0-9])")
_SECTOR_START = re.compile(rf"({OUTWARD})([0-9])")
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


def inside(text: str) -> str | None:
    """The one full postcode that stands somewhere in an address, or None if there is none or more than one."""
    found = {f"{unit[1]} {unit[2]}" for unit in _UNIT_INSIDE.finditer(text.upper())}
    return found.pop() if len(found) == 1 else None


def district_inside(text: str) -> tuple[str, str] | None:
    """The one district among other words, and those words: `Newport PO30` gives `PO30`, `Newport`."""
    found = list(_DISTRICT_INSIDE.finditer(text.upper()))
    if len(found) != 1:
        return None
    start, end = found[0].span()
    words = " ".join(f"{text[:start]} {text[end:]}".replace(",", " ").split())
    # More digits are the rest of a postcode that went wrong, or a house number: no place name has any.
    return (found[0][1], words) if words and not any(map(str.isdigit, words)) else None


def beginning(text: str) -> list[str]:
    """The sector and the district that a text begins with, however it goes on: `PL1 2AO` gives `PL1 2`, `PL1`.

    A space says where the district ends.
    """
    first, _, rest = text.upper().partition(" ")
    if rest and _DISTRICT.fullmatch(first):
        return [f"{first} {rest[0]}", first] if rest[0].isdigit() else [first]
    code = compact(text)
    start = _SECTOR_START.match(code)
    return [f"{start[1]} {start[2]}", start[1]] if start and 5 <= len(code) <= 8 else []


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


# What is taken for one another, on keyboards and on envelopes: O and 0, I and 1, L and 1, S and 5.
_AS_DIGIT = {"O": "0", "I": "1", "L": "1", "S": "5"}
_AS_LETTER = {"0": "O", "1": "IL", "5": "S"}
_OUTWARD_SHAPES = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
_INWARD_SHAPE = "9AA"


def repairs(text: str) -> list[Postcode]:
    """Postcodes that the text becomes if letters and digits that look alike are put where they belong.

    `LSI 3BE` gives `LS1 3BE` and, among others, `L51 3BE`; which of them exist is
    for the caller to say. A full postcode may have up to three such slips, a
    district one. Nothing is made of a text without any digit, which is a word, or
    without any letter.
    """
    code = compact(text)
    if not 2 <= len(code) <= 7 or not code.isascii() or code.isdecimal() or code.isalpha():
        return []
    found: list[Postcode] = []
    if len(code) >= 5:
        found += (
            Postcode(f"{whole[:-3]} {whole[-3:]}", Part.UNIT)
            for whole in _as_shapes(code, [shape + _INWARD_SHAPE for shape in _OUTWARD_SHAPES], 3)
            if _UNIT.fullmatch(whole)
        )
    if len(code) <= 4:
        found += (Postcode(whole, Part.DISTRICT) for whole in _as_shapes(code, _OUTWARD_SHAPES, 1))
    return found


def _as_shapes(code: str, shapes: "list[str] | tuple[str, ...]", most: int) -> Iterator[str]:
    """Each way to write the code in one of the shapes (A a letter, 9 a digit) with at most so many swaps."""
    for shape in shapes:
        if len(shape) != len(code):
            continue
        choices = [_fitting(character, wanted) for character, wanted in zip(code, shape, strict=True)]
        for letters in product(*choices):
            if 0 < sum(a != b for a, b in zip(letters, code, strict=True)) <= most:
                yield "".join(letters)


def _fitting(character: str, wanted: str) -> str:
    """The characters that may stand for one where a letter or a digit is wanted; none if it cannot be."""
    if wanted == "9":
        return character if character.isdigit() else _AS_DIGIT.get(character, "")
    return character if character.isalpha() else _AS_LETTER.get(character, "")
