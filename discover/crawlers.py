"""What search engines ask for: what they may walk, and where everything is.

https://www.rfc-editor.org/rfc/rfc9309 and https://www.sitemaps.org/protocol.html.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app, render_template, url_for

from catalogue.sitemap_queries import Entry, Section, entries, parts
from catalogue.slugs import slug_of
from database.session import session
from search.places import place_of
from web.addresses import absolute
from web.caching import kept

AN_HOUR = 3600
LARGEST_PART = 2**31 // 10_000  # ids are integers of 32 bits

blueprint = Blueprint("crawlers", __name__)


@blueprint.get("/robots.txt")
def robots() -> Response:
    return _kept(render_template("crawlers/robots.txt"), "text/plain")


@blueprint.get("/sitemap.xml")
def sitemap_index() -> Response:
    now = datetime.now(UTC)
    found = [url_for(".sitemap_pages")]
    for section in Section:
        found += [url_for(".sitemap_part", section=section, number=number) for number in parts(session(), section, now)]
    return _kept(render_template("crawlers/sitemap_index.xml", addresses=map(absolute, found)), "application/xml")


@blueprint.get("/sitemap-pages.xml")
def sitemap_pages() -> Response:
    """The pages that are there whatever is in the catalogue."""
    found = [url_for("discover.front"), url_for("pathways.index"), url_for("badges.index")]
    found += [url_for("places.show", slug=slug) for slug in _place_slugs()]
    pages = [(absolute(path), None) for path in found]
    return _kept(render_template("crawlers/sitemap.xml", pages=pages), "application/xml")


@blueprint.get(f"/sitemap-<any({','.join(Section)}):section>-<int(max={LARGEST_PART}):number>.xml")
def sitemap_part(section: str, number: int) -> Response:
    found = entries(session(), Section(section), number, datetime.now(UTC))
    if not found:
        abort(404)
    pages = ((absolute(_path(Section(section), entry)), entry.changed_at) for entry in found)
    return _kept(render_template("crawlers/sitemap.xml", pages=pages), "application/xml")


def _place_slugs() -> list[str]:
    """Of the featured places, those that have a page."""
    parts = current_app.extensions
    found = (place_of(parts["gazetteer"], slug_of(name)) for name in parts["settings"].featured_places)
    return list(dict.fromkeys(slug_of(place.label) for place in found if place))


def _path(section: Section, entry: Entry) -> str:
    if section is Section.OPPORTUNITIES:
        return url_for("opportunities.show", opportunity_id=entry.id, slug=entry.slug)
    return url_for(f"{section}.show", slug=entry.slug)


def _kept(text: str, mimetype: str) -> Response:
    """An answer that caches may keep for a while: nobody minds if it is an hour old."""
    return kept(Response(text, mimetype=mimetype), f"public, max-age={AN_HOUR}")
