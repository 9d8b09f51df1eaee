"""What a cell of a spreadsheet means, and, where it means nothing, a sentence about what to write instead.

A cell is text, as in a CSV, or what a workbook has: a number, a date, a time. Days come before months. Times are the
wall clock's in Europe/London.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from gazetteer import postcode
from settings import UK_TIME

Cell = str | bool | int | float | Decimal | datetime | date | time | timedelta | None

# Day 0 of serial dates as Excel counts them since 1 March 1900, and the serials of 2000 and 2100.
_SERIAL_START = datetime(1899, 12, 30)  # noqa: DTZ001  # a wall clock's
_SERIALS = (36526, 73051)
YEARS = range(2000, 2100)
END_OF_DAY = time(23, 59, 59)
MAX_SITTING = timedelta(days=7)
MAX_PENCE = 100_000_000
MOST_AGE = 120
_SHOWN = 60
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAYS = tuple(
    re.compile(_WEEKDAY + pattern + r"(?:(?:,|\s|t|at|@)+(?P<time>[0-9].*))?", re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<day>[0-9]{1,2})\s*[/.-]\s*(?P<month>[0-9]{1,2})\s*[/.-]\s*(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?![0-9])",
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]*{_MONTH},?[\s-]*(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![0-9])",
        rf"{_MONTH}\s*(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}})(?![0-9])",
    )
)
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?)?\s*(?P<half>[ap]\.?m\.?)?",
    re.IGNORECASE | re.ASCII,
)
_SUM = re.compile(r"£?\s*([0-9]{1,7}(?:,[0-9]{3})*(?:\.[0-9]{1,2})?)\s*(?:gbp|pounds?)?", re.IGNORECASE | re.ASCII)
_POUNDS = re.compile(r"£\s*([0-9]{1,7}(?:,[0-9]{3})*(?:\.[0-9]{1,2})?)", re.ASCII)
FREE = {"free", "nil", "no charge", "no cost", "nothing", "free of charge", "none"}
YES = {"yes", "y", "true", "1", "x", "✓", "✔", "online", "on line", "virtual"}
NO = {"", "no", "n", "false", "0", "-", "n/a", "in person", "face to face"}
NATIONAL = {"national", "nationwide", "nationally", "england", "uk", "united kingdom", "anywhere", "everywhere", "all"}
EXCEL_ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}


class Mistake(ValueError):
    """A cell means nothing. The message goes on after “Row 12, column “starts”: ”."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a time or both, as a wall clock in the UK shows it."""

    day: date | None
    clock: time | None

    def on(self, day: date, otherwise: time) -> datetime:
        """The moment, with the day and the time that it leaves out."""
        return datetime.combine(self.day or day, self.clock or otherwise, UK_TIME)


def shown(cell: Cell) -> str:
    """A cell as a person sees it, at most 60 characters of it."""
    words = text(cell)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


def text(cell: Cell) -> str:
    """The words of a cell: `16` for 16.0, `yes` for a ticked one, dates as we ask for them."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float() | Decimal():
            if not math.isfinite(cell):
                return ""
            return str(int(cell)) if cell == int(cell) else str(round(cell, 6))
        case datetime():
            return f"{cell:%d/%m/%Y}" if cell.time() == time(0) else f"{cell:%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case time():
            return f"{cell:%H:%M}"
        case _:
            return str(cell).replace("\0", "").replace("\xa0", " ").strip()


def words(cell: Cell) -> str:
    """The text of a cell. Raises `Mistake` for what a spreadsheet writes where a formula failed."""
    found = text(cell)
    if found in EXCEL_ERRORS:
        raise Mistake(f"“{found}” is what a spreadsheet says where a formula has failed; write the words themselves.")
    return found


def moment(cell: Cell) -> Moment | None:
    """A day, a time, or both. A workbook's date at midnight is a day."""
    if isinstance(cell, datetime):
        cell = _to_minute(cell.replace(tzinfo=None))
        return _checked(cell.date(), None if cell.time() == time(0) else cell.time(), shown(cell))
    if isinstance(cell, date):
        return _checked(cell, None, shown(cell))
    if isinstance(cell, time):
        return Moment(None, cell.replace(second=0, microsecond=0, tzinfo=None))
    if isinstance(cell, timedelta):
        cell = cell / timedelta(days=1)
    found = words(cell)
    if not found:
        return None
    if isinstance(cell, int | float | Decimal) or re.fullmatch(r"[0-9]{5}(\.[0-9]+)?|0?\.[0-9]+", found, re.ASCII):
        return _of_serial(float(cell if not isinstance(cell, str | None) else found), found)
    return _of_words(" ".join(found.split()), shown(cell))


def _to_minute(wall: datetime) -> datetime:
    try:
        return (wall + timedelta(seconds=30)).replace(second=0, microsecond=0)
    except OverflowError:
        return wall


def _of_serial(serial: float, said: str) -> Moment:
    """Days since the end of 1899, as spreadsheets keep dates; less than one is a time."""
    if 0 < serial < 1:
        return Moment(None, _to_minute(_SERIAL_START + timedelta(days=serial)).time())
    if not _SERIALS[0] <= serial < _SERIALS[1]:
        raise Mistake(f"“{said}” is not a date; write 05/01/2027 or 5 Jan 2027 18:30.")
    wall = _to_minute(_SERIAL_START + timedelta(days=serial))
    return Moment(wall.date(), None if wall.time() == time(0) else wall.time())


def _of_words(said: str, original: str) -> Moment:
    for pattern in _DAYS:
        if found := pattern.fullmatch(said):
            parts = found.groupdict()
            month = int(parts["month"]) if parts.get("month") else MONTHS.index(parts["name"][:3].lower()) + 1
            year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
            try:
                day = date(year, month, int(parts["day"]))
            except ValueError:
                break
            at = _time(parts["time"]) if parts["time"] else None
            if parts["time"] and at is None:
                raise Mistake(
                    f"“{original}” has a day, but “{parts['time'][:20]}” is not a time; write 18:30 or 6.30pm."
                )
            return _checked(day, at, original)
    if (at := _time(said)) is not None:
        return Moment(None, at)
    raise Mistake(f"“{original}” is not a date; write 05/01/2027 or 5 Jan 2027 18:30.")


def _checked(day: date, at: time | None, original: str) -> Moment:
    if day.year not in YEARS:
        raise Mistake(f"“{original}” is in the year {day.year}; write the year in full, such as 2027.")
    return Moment(day, at)


def _time(said: str) -> time | None:
    """`18:30`, `18.30`, `6.30pm` or `6 pm`; a number alone is no time."""
    found = _TIME.fullmatch(said.strip().removesuffix("Z"))
    if found is None or not (found["minute"] or found["half"]):
        return None
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    try:
        return time(hour, int(found["minute"] or 0))
    except ValueError:
        return None


def sitting(start: Moment, end: Moment) -> tuple[datetime, datetime]:
    """From when to when; an end without a day is on the day of the start. Both must have a time."""
    if start.day is None:
        raise Mistake(f"“{start.clock:%H:%M}” has no day; write 05/01/2027 18:30.")
    starts_at = start.on(start.day, time(0))
    ends_at = end.on(start.day, END_OF_DAY)
    length = ends_at.astimezone(UTC) - starts_at.astimezone(UTC)
    if length <= timedelta(0):
        raise Mistake(f"it ends ({ends_at:%d/%m/%Y %H:%M}) before it starts ({starts_at:%d/%m/%Y %H:%M}).")
    if length > MAX_SITTING:
        raise Mistake(f"it would last {length.days} days without a break; give each date a row, all with one id.")
    return starts_at, ends_at


def cost(cell: Cell) -> tuple[int | None, str | None]:
    """Pence and a note. Of several sums the lowest, the words being the note; words without pounds are a note only."""
    said = words(cell)
    if not said:
        return None, None
    if said.lower().rstrip(".!") in FREE:
        return 0, None
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        said = f"{float(cell):.2f}"
    if re.fullmatch(r"[£\s]*-\s*[£\s]*[0-9.,]+", said):
        raise Mistake(f"“{said}” is less than nothing; write what a person pays, such as 12.50.")
    if whole := _SUM.fullmatch(said):
        return _pence([whole[1]], said), None
    pounds = _POUNDS.findall(said)
    return (_pence(pounds, said) if pounds else None), said


def _decimal(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))


def _pence(numbers: Sequence[str], said: str) -> int:
    pence = int(min(map(_decimal, numbers)) * 100)
    if pence > MAX_PENCE:
        raise Mistake(f"“{said[:_SHOWN]}” is more than anything costs; write pounds, such as 12.50.")
    return pence


def age(cell: Cell) -> int | None:
    """A number of years: `16`, `16+`, `16 years`."""
    said = words(cell)
    if not said or said.lower() in ("any", "all", "n/a", "-"):
        return None
    found = re.fullmatch(r"([0-9]{1,3})\s*(?:\+|years?|yrs?|and over|or over)?(?: old)?", said.lower(), re.ASCII)
    if found is None or int(found[1]) > MOST_AGE:
        raise Mistake(f"“{shown(cell)}” is not an age; write a number, such as 16.")
    return int(found[1])


def yes(cell: Cell) -> bool:
    said = words(cell).lower()
    if said in YES:
        return True
    if said in NO:
        return False
    raise Mistake(f"“{shown(cell)}” is neither yes nor no; write “yes” or “no”.")


def full_postcode(cell: Cell) -> str:
    """A postcode as Royal Mail writes it."""
    said = words(cell)
    if not said:
        return ""
    whole = [reading.text for reading in postcode.readings(said) if reading.part is postcode.Part.UNIT]
    if not whole:
        raise Mistake(f"“{shown(cell)}” is not a full postcode; write one such as PL1 5QG.")
    return whole[0]


def link(cell: Cell) -> str | None:
    said = words(cell)
    if not said:
        return None
    whole = said if "://" in said else f"https://{said}"
    if len(whole) > 500 or not re.fullmatch(r"(?i)https?://[^\s/?#<>\"@]+\.[^\s/?#<>\"@]+([/?#][^\s<>\"]*)?", whole):
        raise Mistake(
            f"“{shown(cell)}” is not the address of a page; write one such as https://college.example/welding."
        )
    return whole


def names(cell: Cell) -> list[str]:
    """What stands between commas, semicolons or lines, each once whatever its case."""
    parts = (" ".join(part.split()) for part in re.split(r"[,;\n]", words(cell)))
    found: dict[str, str] = {}
    for part in parts:
        if part:
            found.setdefault(part.casefold(), part)
    return list(found.values())
