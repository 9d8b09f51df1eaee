"""A search as a table for spreadsheets: https://www.rfc-editor.org/rfc/rfc4180. `docs/api.md` says what is in it."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from flask import url_for

from catalogue.queries import Card
from gazetteer.locate import Located
from settings import UK_TIME
from web.addresses import absolute
from web.formats import step_miles
from web.plain_text import one_line

# Without it Excel takes the bytes for another encoding than they are in.
BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    *("id", "title", "summary", "kind", "layer", "provider", "venue", "address", "town", "postcode"),
    *("latitude", "longitude", "distance_miles", "next_start", "ends_at", "cost_pounds", "cost_note"),
    *("age_min", "age_max", "url"),
)
# With these a spreadsheet begins a formula, the last four as East Asian keyboards write them:
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULAE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Value = str | int | float | None


def csv_of(cards: Sequence[Card], located: Located) -> str:
    """The table of cards, in their order, the names of the columns first."""
    out = io.StringIO(BYTE_ORDER_MARK)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _row(card, located)] for card in cards)
    return out.getvalue()


def _row(card: Card, located: Located) -> tuple[Value, ...]:
    found, venue = card.opportunity, card.venue
    return (
        *(found.id, found.title, found.summary, found.kind.value, found.layer.value, found.provider.name),
        *((venue.name, venue.address, venue.town, venue.postcode) if venue else ("", "", "", "")),
        *((round(venue.latitude, 6), round(venue.longitude, 6)) if venue else (None, None)),
        *(_miles(card, located), _moment(card.next_at), _moment(found.ends_at)),
        *(None if found.cost_pence is None else f"{found.cost_pence / 100:.2f}", found.cost_note),
        *(found.age_min, found.age_max),
        absolute(url_for("opportunities.show", opportunity_id=found.id, slug=found.slug)),
    )


def _miles(card: Card, located: Located) -> float | None:
    """No finer than the place is known, as pages say it."""
    if card.distance_miles is None:
        return None
    step = step_miles(located.radius_miles)
    return round(round(card.distance_miles / step) * step, 1)


def _moment(moment: datetime | None) -> str:
    """The UK's time, as spreadsheets read it: `2026-12-05 10:00`."""
    return f"{moment.astimezone(UK_TIME):%Y-%m-%d %H:%M}" if moment else ""


def _cell(value: Value) -> Value:
    """A value that is never a formula, whoever wrote it: an apostrophe makes it text."""
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.startswith(FORMULAE) else text
