"""How long something takes, from a provider's words: `About 6 hours` is 360 minutes."""

import re

NUMBERS: dict[str, float] = {
    "half an": 0.5,
    **dict.fromkeys(("a", "an", "one"), 1),
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "sixty": 60,
    "ninety": 90,
}
_NUMBER = r"(\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_LENGTH = rf"{_NUMBER}( and a half)? (hour|minute)s?"
# What may follow a length that is the whole. Anything else may say how often: "2 hours, fortnightly".
_PERIOD = rf"(?:{_NUMBER} )?(?:day|weekend|week|fortnight|month|term|year)s?"
_IN_PARTS = rf"in bits|in {_NUMBER} parts|{_LENGTH} at a time|at your own (?:pace|speed)|when it suits you"
_HARMLESS = rf"(?: in all| over {_PERIOD}|, (?:{_IN_PARTS}))"
_SUM = re.compile(rf"(?:about )?{_LENGTH}{_HARMLESS}?")
_WEEKLY = re.compile(rf"(?:about )?{_LENGTH} a week for {_NUMBER} weeks")
_PARTS = re.compile(rf"(?:about )?{_NUMBER} [a-z]+ of {_LENGTH}")


def minutes_in_all(text: str | None) -> int | None:
    """The whole time that a text gives, in minutes, or None where it gives none: `Six evenings`, `3 hours a week`."""
    said = " ".join((text or "").casefold().split())
    if found := _WEEKLY.fullmatch(said):
        return round(_minutes(found[1], found[2], found[3]) * _number(found[4]))
    if found := _SUM.fullmatch(said):
        return _minutes(found[1], found[2], found[3])
    if found := _PARTS.fullmatch(said):
        return round(_number(found[1]) * _minutes(found[2], found[3], found[4]))
    return None


def iso_duration(minutes: int) -> str:
    """Minutes as an ISO 8601 duration: `PT1H30M`."""
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def _minutes(number: str, half: str | None, unit: str) -> int:
    return round((_number(number) + (0.5 if half else 0)) * (60 if unit == "hour" else 1))


def _number(said: str) -> float:
    return float(said) if said.isdigit() else NUMBERS[said]
