"""Our own spreadsheet: opportunities with the columns of docs/spreadsheets.md, as CSV or as an Excel workbook (XLSX).

The address is one file, a path or an http address. It is the whole list: what is taken out of it is gone.

- A row without an `id` is known by its provider, title and postcode, whatever their case and spaces, so that it stays
  the same while everything else about it changes.
- Rows of the same id are one opportunity. The first says everything; from those that follow come further sittings and
  places, and nothing else.
- Days come before months; times are those of Europe/London.
- A start without a time is a day: then there is no sitting, the summary says when it starts, and it closes at the end
  of that day unless `closes` says otherwise.
- `online` goes before a place: what is both in a place and online says no there.
- Mistakes are told by row and column, as the program in which the spreadsheet was made counts and shows them. One
  mistake refuses the opportunity: half-right dates or places lead people astray.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import BinaryIO, TypeVar

from catalogue.words import Kind, Layer, Reach
from feeds import spreadsheet_cells as cells
from feeds import table_files, tables
from feeds.reading import Bad, Feed, Format, Item, Read, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Refused, Sitting, SkillRecord, VenueRecord
from feeds.spreadsheet_cells import Cell, Mistake
from feeds.spreadsheet_columns import COLUMNS, EXAMPLE, KINDS, OFFERED_KINDS, Header, header
from feeds.spreadsheet_workbook import MAX_ROWS, is_workbook, sheets, template_xlsx
from settings import UK_TIME

__all__ = ["COLUMNS", "FORMAT", "KINDS", "read", "template_csv", "template_xlsx"]

MAX_FILE_BYTES = 50_000_000
MAX_SITTINGS = 500
# Of one opportunity, told at once.
MOST_MISTAKES = 10
# A title or a note may stand above the headings of a workbook.
HEADINGS_WITHIN = 10
MAX_ID_CHARACTERS = 200
# What providers call a skill has no framework but their own words.
SKILL_FRAMEWORK = "Skills as providers name them"

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that has something in it: its number as spreadsheets count, and the cells of our columns by name."""

    number: int
    cells: dict[str, Cell]

    def text(self, name: str) -> str:
        return cells.text(self.cells.get(name))


def read(feed: Feed) -> Iterator[Read]:
    """Yield the opportunities of a spreadsheet, and `Bad` for headings that are not clear and rows without a name.

    Raises:
        SourceUnreadable: the file is not there, no spreadsheet, too large, or lacks a column that is needed.
        FetchFailed: from the fetcher.
    """
    with ExitStack() as stack:
        address = feed.address.strip()
        file = stack.enter_context(table_files.fetched(address, feed.fetcher, MAX_FILE_BYTES))
        if is_workbook(file):
            yield from _opportunities(_of_workbook(file))
        else:
            yield from _opportunities(_of_text(table_files.unpacked(stack, file, address, MAX_FILE_BYTES)))


def _of_text(file: BinaryIO) -> "Iterator[_Row | Bad]":
    table = tables.read(file, by_hand=True)
    found = header(table.header)
    yield from _checked(found, 1)
    for each in table.rows:
        if isinstance(each, Bad):
            yield Bad(each.where, f"{each.where.capitalize()}: {each.reason}", each.content)
        else:
            yield _Row(each[0], {name: each[1][place] for name, place in found.places.items()})


def _of_workbook(file: BinaryIO) -> "Iterator[_Row | Bad]":
    nearest: tuple[Header, int] | None = None
    for rows in sheets(file):
        for number, row in enumerate(rows[:HEADINGS_WITHIN], 1):
            found = header([cells.text(cell) for cell in row])
            if not found.missing:
                yield from _checked(found, number)
                yield from _rows_below(rows, number, found)
                return
            if nearest is None or len(found.places) > len(nearest[0].places):
                nearest = found, number
    yield from _checked(nearest[0] if nearest else header([]), nearest[1] if nearest else 1)


def _rows_below(rows: Sequence[Sequence[Cell]], headings: int, found: Header) -> Iterator[_Row]:
    for number, row in enumerate(rows[headings:], headings + 1):
        if any(cells.text(cell) for cell in row):
            yield _Row(number, {name: row[place] for name, place in found.places.items() if place < len(row)})


def _checked(found: Header, row: int) -> Iterator[Bad]:
    if found.missing:
        *others, last = (f"“{name}”" for name in found.missing)
        named = f"are no columns {', '.join(others)} and {last}" if others else f"is no column {last}"
        hint = next(found.doubts(), "The first row of the spreadsheet names the columns.").rstrip(".")
        raise SourceUnreadable(f"There {named}. {hint}")
    for doubt in found.doubts():
        yield Bad(f"row {row}", f"Row {row}: {doubt}")


def _opportunities(rows: "Iterator[_Row | Bad]") -> Iterator[Read]:
    """The rows gathered by their ids, in the order of the first of each."""
    groups: dict[str, list[_Row]] = {}
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise SourceUnreadable(f"There are more than {MAX_ROWS:,} rows: make several spreadsheets of it")
        if isinstance(row, Bad):
            yield row
        elif row.text("id").upper() != EXAMPLE:
            identifier = _identifier(row)
            if identifier is None:
                wrong = "this is empty; write what it is called, or the id of a row above."
                yield Bad(f"row {row.number}", f"Row {row.number}, column “title”: {wrong}", _content(row))
            else:
                groups.setdefault(identifier, []).append(row)
    for identifier, group in groups.items():
        content = "\x1e".join(map(_content, group)).encode("utf-8", "replace")
        yield Item(identifier, content, partial(_record, group), _where(group))


def _identifier(row: _Row) -> str | None:
    """The row's own id, or one made of its provider, title and postcode; none where it has not even a title."""
    if own := row.text("id"):
        return own
    if not row.text("title"):
        return None
    what = "\x1f".join(" ".join(row.text(name).casefold().split()) for name in ("provider", "title"))
    where = "".join(row.text("postcode").casefold().split())
    return "row:" + blake2b(f"{what}\x1f{where}".encode("utf-8", "replace"), digest_size=12).hexdigest()


def _content(row: _Row) -> str:
    return "\x1f".join(f"{name}={cell!r}" for name, cell in row.cells.items() if cell not in (None, ""))


def _where(group: Sequence[_Row]) -> str:
    numbers = [str(row.number) for row in group]
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    return f"rows {', '.join(numbers[:10])}{' and more' if len(numbers) > 10 else ''}"


@dataclass(slots=True)
class _Reader:
    """Reads cells, and gathers what is wrong with them."""

    mistakes: list[str] = field(default_factory=list)

    def wrong(self, row: _Row, name: str, what: str) -> None:
        self.mistakes.append(f"Row {row.number}, column “{name}”: {what}")

    def said(self) -> str:
        more = len(self.mistakes) - MOST_MISTAKES
        return " ".join(self.mistakes[:MOST_MISTAKES]) + (f" And {more} more mistakes like these." if more > 0 else "")

    def get(self, row: _Row, name: str, meaning: Callable[[Cell], Value], otherwise: Other) -> Value | Other:
        try:
            return meaning(row.cells.get(name))
        except Mistake as mistake:
            self.wrong(row, name, str(mistake))
            return otherwise

    def text(self, row: _Row, name: str) -> str:
        return self.get(row, name, cells.words, "")

    def needed(self, row: _Row, name: str, example: str) -> str:
        words = self.text(row, name)
        if not words and not row.text(name):
            self.wrong(row, name, f"this is empty; write {example}.")
        return words


def _record(group: Sequence[_Row]) -> OpportunityRecord:
    """The opportunity of some rows, for `Item.read`. Raises `Refused`, which names every mistake in them."""
    reader = _Reader()
    first = group[0]
    if len(first.text("id")) > MAX_ID_CHARACTERS:
        reader.wrong(first, "id", f"this is longer than {MAX_ID_CHARACTERS} characters; write a short one.")
    kind, layer = _kind(reader, first)
    sittings, days = _times(reader, group)
    reach, region, venues = _place(reader, group, kind)
    cost_pence, cost_words = reader.get(first, "cost", cells.cost, (None, None))
    notes = [note for note in (cost_words, reader.text(first, "cost note")) if note]
    ages = reader.get(first, "age from", cells.age, None), reader.get(first, "age to", cells.age, None)
    if ages[0] is not None and ages[1] is not None and ages[0] > ages[1]:
        reader.wrong(first, "age to", f"{ages[1]} is less than {ages[0]}, the age from which it is.")
    found = OpportunityRecord(
        title=reader.needed(first, "title", "what it is called"),
        kind=kind,
        layer=layer,
        provider=ProviderRecord(name=reader.needed(first, "provider", "who offers it")),
        reach=reach,
        region=region,
        summary=" ".join(part for part in (_starting(days), reader.text(first, "summary")) if part),
        description=reader.text(first, "description"),
        venues=venues,
        sittings=sittings,
        closes_at=_closing(reader, first, days, bool(sittings)),
        cost_pence=cost_pence,
        cost_note=". ".join(notes) or None,
        age_min=ages[0],
        age_max=ages[1],
        level=reader.text(first, "level") or None,
        time_needed=reader.text(first, "time needed") or None,
        how_to_apply=reader.text(first, "how to apply") or None,
        url=reader.get(first, "link", cells.link, None),
        accessibility=reader.text(first, "accessibility") or None,
        skills=tuple(
            SkillRecord(name=name, framework=SKILL_FRAMEWORK, identifier=name.casefold())
            for name in reader.get(first, "skills", cells.names, [])
        ),
    )
    if reader.mistakes:
        raise Refused(reader.said())
    return found


def _kind(reader: _Reader, row: _Row) -> tuple[Kind, Layer]:
    said = reader.needed(row, "kind", f"one of {', '.join(OFFERED_KINDS)}")
    kind, layer = KINDS.get(_plain(said), (Kind.EVENT, Layer.ENGAGE))
    if said and _plain(said) not in KINDS:
        offered = ", ".join(OFFERED_KINDS)
        reader.wrong(row, "kind", f"“{cells.shown(said)}” is none that we know; write one of {offered}.")
    if asked := reader.text(row, "layer"):
        if _plain(asked) in set(Layer):
            return kind, Layer(_plain(asked))
        offered = ", ".join(Layer)
        reader.wrong(row, "layer", f"“{cells.shown(asked)}” is none of {offered}; write one, or leave it empty.")
    return kind, layer


def _plain(words: str) -> str:
    """`Open-Days ` as `open day`, for words of which we have a list."""
    plain = re.sub(r"[\W_]+", " ", words.casefold()).strip()
    return plain if plain in KINDS else plain.removesuffix("s")


def _times(reader: _Reader, group: Sequence[_Row]) -> tuple[tuple[Sitting, ...], list[cells.Moment]]:
    """The sittings of all rows, each start once, and the days that have no time."""
    sittings: dict[datetime, Sitting] = {}
    days: list[cells.Moment] = []
    for row in group:
        start, end = reader.get(row, "starts", cells.moment, None), reader.get(row, "ends", cells.moment, None)
        if start is None:
            if end is not None and not row.text("starts"):
                reader.wrong(row, "starts", "this is empty, though “ends” is not; write when it starts.")
        elif start.day is not None and start.clock is None:
            days.append(start)
        elif end is None or end.clock is None:
            # Otherwise what is wrong with it has been said.
            if end is not None or not row.text("ends"):
                reader.wrong(row, "ends", "there is no time at which it ends; write one, such as 20:30.")
        else:
            try:
                starts_at, ends_at = cells.sitting(start, end)
                sittings.setdefault(starts_at, Sitting(starts_at, ends_at))
            except Mistake as mistake:
                reader.wrong(row, "starts", str(mistake))
    if len(sittings) > MAX_SITTINGS:
        reader.wrong(group[0], "starts", f"it has more than {MAX_SITTINGS} dates; leave out those that are far off.")
    return tuple(sittings[start] for start in sorted(sittings)), days


def _starting(days: Sequence[cells.Moment]) -> str:
    """When it starts, where only the day is known."""
    first = min((day.day for day in days if day.day), default=None)
    return f"Starts {first.day} {first:%B %Y}." if first else ""


def _closing(reader: _Reader, row: _Row, days: Sequence[cells.Moment], has_sittings: bool) -> datetime | None:
    """The last moment to apply: as said, or the end of the last day on which it starts, where that has no time."""
    closes = reader.get(row, "closes", cells.moment, None)
    if closes is not None and closes.day is None:
        reader.wrong(row, "closes", f"“{row.text('closes')}” has no day; write 05/01/2027.")
    elif closes is not None and closes.day is not None:
        return closes.on(closes.day, cells.END_OF_DAY)
    last = max((day.day for day in days if day.day), default=None)
    return datetime.combine(last, cells.END_OF_DAY, UK_TIME) if last and not has_sittings else None


def _place(reader: _Reader, group: Sequence[_Row], kind: Kind) -> tuple[Reach, str | None, tuple[VenueRecord, ...]]:
    """Where it is: online, at the venues of all rows, in a region, or not said. Online learning is online by itself."""
    venues = dict.fromkeys(venue for row in group if (venue := _venue(reader, row)))
    if reader.get(group[0], "online", cells.yes, False):
        return Reach.ONLINE, None, ()
    if venues:
        return Reach.VENUE, None, tuple(venues)
    region = reader.text(group[0], "region")
    if not region:
        return (Reach.ONLINE if kind is Kind.ONLINE else Reach.UNKNOWN), None, ()
    return (Reach.NATIONAL, None, ()) if region.casefold() in cells.NATIONAL else (Reach.REGION, region, ())


def _venue(reader: _Reader, row: _Row) -> VenueRecord | None:
    venue = VenueRecord(
        name=reader.text(row, "venue"),
        address=reader.text(row, "address"),
        town=reader.text(row, "town"),
        postcode=reader.get(row, "postcode", cells.full_postcode, ""),
    )
    if venue.postcode or venue.town:
        return venue
    if (venue.name or venue.address) and not row.text("postcode") and not row.text("online"):
        shown = cells.shown(venue.name or venue.address)
        reader.wrong(row, "postcode", f"this is empty, so nobody can be told how far it is to “{shown}”; write it.")
    return None


def template_csv() -> bytes:
    """Our table to fill in, as a CSV that Excel opens with the right letters: the headings and an example."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerow([column.example for column in COLUMNS])
    return file.getvalue().encode("utf-8-sig")


FORMAT = Format(name="spreadsheet", title="Spreadsheet (CSV or XLSX)", read=read, is_whole=True, is_conditional=True)
