"""The places of the API's lists as cursors: what is in each, and read back with nothing taken on trust."""

from datetime import UTC, datetime, timedelta
from math import inf, isinf

from api.cursor import NoSuchPlace, Value, read, write
from catalogue.queries import Placeless
from catalogue.words import Reach
from search.forms import Sort
from search.listing import Place

PATHWAYS = "pathways"
_THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_A_MICROSECOND = timedelta(microseconds=1)


def write_place(of: str, place: Place) -> str:
    radius = None if isinf(place.radius_miles) else place.radius_miles
    bound = place.bound or (None, None)
    moment = None if place.now is None else int(place.now.timestamp())
    return write(of, [place.number, radius, place.any_will_do, moment, *bound, *place.key])


def read_place(of: str, text: str, sort: Sort | None, has_words: bool) -> Place:
    """Raises: NoSuchPlace."""
    number, radius, any_will_do, moment, *rest = _read(of, text, 6 + _key_length(sort, has_words))
    bound, key = rest[:2], rest[2:]
    if not isinstance(any_will_do, bool):
        raise NoSuchPlace
    return Place(
        _whole(number),
        inf if radius is None else _number(radius),
        any_will_do,
        None if moment is None else _moment(_whole(moment) * 1_000_000),
        (*map(_number, key[:-1]), _whole(key[-1])),
        None if bound == [None, None] else (_number(bound[0]), _whole(bound[1])),
    )


def _key_length(sort: Sort | None, has_words: bool) -> int:
    """By distance a key is a distance and an id; other orders have something before them."""
    return 2 if sort is Sort.DISTANCE or (sort is None and not has_words) else 3


def write_placeless(of: str, number: int, place: Placeless) -> str:
    ends_at = None if place.ends_at is None else (place.ends_at - _THE_BEGINNING) // _A_MICROSECOND
    return write(of, [number, place.reach, ends_at, place.opportunity_id])


def read_placeless(of: str, text: str) -> tuple[int, Placeless]:
    """The number of an entry, and its place. Raises: NoSuchPlace."""
    number, reach, ends_at, opportunity_id = _read(of, text, 4)
    if reach not in set(Reach) - {Reach.VENUE}:
        raise NoSuchPlace
    moment = None if ends_at is None else _moment(_whole(ends_at))
    return _whole(number), Placeless(Reach(reach), moment, _whole(opportunity_id))


def write_pathway(number: int, title: str, pathway_id: int) -> str:
    return write(PATHWAYS, [number, title, pathway_id])


def read_pathway(text: str) -> tuple[int, tuple[str, int]]:
    """The number of a pathway, and its title and id. Raises: NoSuchPlace."""
    number, title, pathway_id = _read(PATHWAYS, text, 3)
    if not isinstance(title, str):
        raise NoSuchPlace
    return _whole(number), (title, _whole(pathway_id))


def _read(of: str, text: str, length: int) -> list[Value]:
    found = read(of, text)
    if len(found) != length:
        raise NoSuchPlace
    return found


def _whole(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NoSuchPlace
    return value


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoSuchPlace
    return float(value)


def _moment(microseconds: int) -> datetime:
    try:
        return _THE_BEGINNING + microseconds * _A_MICROSECOND
    except OverflowError as error:
        raise NoSuchPlace from error
