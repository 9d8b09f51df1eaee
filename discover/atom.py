"""A search as an Atom feed, the newest first: https://www.rfc-editor.org/rfc/rfc4287."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

from flask import url_for
from flask_babel import gettext

from catalogue.queries import Card
from gazetteer.locate import Located
from search import labels
from search.forms import SearchRequest
from web.addresses import absolute
from web.formats import miles
from web.plain_text import one_line

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
# Part of every id, and so never to be changed: https://www.rfc-editor.org/rfc/rfc4151
SINCE = "2026"


def atom(
    wanted: SearchRequest, located: Located, cards: Sequence[Card], problems: Sequence[str], now: datetime
) -> bytes:
    """The feed of a search, its cards in the order given. Ids stay the same for good, wherever else things move.

    Nothing tells when an opportunity was last changed in earnest: it counts as updated when it was added.

    Args:
        problems: sentences about what could not be used.
        now: stands in for the day of the newest, where there is none.
    """
    own = absolute(url_for("feeds.atom_feed", **wanted.query()))
    newest = max((card.opportunity.added_at for card in cards), default=now.replace(hour=0, minute=0, second=0))
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    _text(feed, "id", _tag(own, f"search?{urlencode(wanted.query(), doseq=True, quote_via=quote)}"))
    _text(feed, "title", gettext("Doorstep: %(heading)s", heading=labels.heading(wanted, located)))
    _text(feed, "subtitle", " ".join(problems) or gettext("What is new, the newest first."))
    _text(feed, "updated", _moment(newest))
    ElementTree.SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=own)
    page = absolute(url_for("discover.search", **wanted.query()))
    ElementTree.SubElement(feed, "link", rel="alternate", type="text/html", href=page)
    _text(ElementTree.SubElement(feed, "author"), "name", "Doorstep")
    for card in cards:
        _add_entry(feed, card, located, own)
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _add_entry(feed: ElementTree.Element, card: Card, located: Located, own: str) -> None:
    found = card.opportunity
    entry = ElementTree.SubElement(feed, "entry")
    _text(entry, "id", _tag(own, f"opportunity:{found.id}"))
    _text(entry, "title", found.title)
    _text(entry, "published", _moment(found.added_at))
    _text(entry, "updated", _moment(found.added_at))
    address = url_for("opportunities.show", opportunity_id=found.id, slug=found.slug, near=located.outward)
    ElementTree.SubElement(entry, "link", rel="alternate", type="text/html", href=absolute(address))
    _text(ElementTree.SubElement(entry, "author"), "name", found.provider.name)
    ElementTree.SubElement(entry, "category", term=found.kind, label=str(labels.KINDS[found.kind]))
    ElementTree.SubElement(entry, "category", term=found.layer, label=str(labels.LAYERS[found.layer]))
    _text(entry, "summary", f"{found.summary} {_where(card, located)}")


def _where(card: Card, located: Located) -> str:
    if card.venue is None or card.distance_miles is None:
        return ""
    return gettext(
        "%(venue)s, %(miles)s mi away.",
        venue=card.venue.name,
        miles=miles(card.distance_miles, located.radius_miles),
    )


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    """An element with a text of which every character may stand in XML, whoever wrote it."""
    ElementTree.SubElement(parent, name).text = one_line(text)


def _tag(own: str, name: str) -> str:
    return f"tag:{urlsplit(own).hostname},{SINCE}:{name}"


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
