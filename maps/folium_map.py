"""The interactive map: folium builds it, on our own Leaflet, under the page's content security policy."""

from typing import Any

import folium
from branca.element import MacroElement
from flask import url_for
from flask_babel import gettext
from folium.template import Template
from markupsafe import Markup, escape

from catalogue.filters import METRES_PER_MILE
from gazetteer.locate import Located
from search import labels
from search.results import Stop
from settings import Settings
from web.formats import miles
from web.script_json import script_json


class LocalMap(folium.Map):
    """A folium map that loads nothing: the page brings Leaflet, its style and the element to draw in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js = []
        self.default_css = []


class Pins(MacroElement):
    """Hands the pins to `static/js/map.js`, which puts every text into the page as text, never as markup.

    Folium's own popups are template literals, in which `${...}` found in a text would run.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}doorstep.pins({{ this.map_name }}, {{ this.data }});{% endmacro %}"
    )

    def __init__(self, map_name: str, data: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's types stop short of it
        self._name = "Pins"
        self.map_name = map_name
        self.data = script_json(data)


def pin_data(located: Located, stops: list[Stop]) -> dict[str, Any]:
    """Everything the script draws: where the person is, and a pin a venue. Every text is plain."""
    return {
        "here": {"latitude": located.latitude, "longitude": located.longitude, "name": labels.place(located)},
        "pins": [_pin(stop, located) for stop in stops],
    }


def _pin(stop: Stop, located: Located) -> dict[str, Any]:
    first = stop.cards[0].card.opportunity
    distance = miles(stop.distance_m / METRES_PER_MILE, located.radius_miles)
    return {
        "label": stop.label,
        "latitude": stop.venue.latitude,
        "longitude": stop.venue.longitude,
        "layer": first.layer.value,
        "venue": stop.venue.name,
        "distance": gettext("%(miles)s miles away", miles=distance),
        "items": [
            {
                "number": each.number,
                "title": each.card.opportunity.title,
                "url": url_for(
                    "opportunities.show",
                    opportunity_id=each.card.opportunity.id,
                    slug=each.card.opportunity.slug,
                    near=located.outward,
                ),
                "kind": str(labels.KINDS[each.card.opportunity.kind]),
            }
            for each in stop.cards
        ],
    }


def draw(located: Located, stops: list[Stop], settings: Settings) -> str:
    """The script that draws the map into the element `#map_doorstep`, for a `<script>` with the page's nonce.

    It needs Leaflet and `static/js/map.js`, and fits what it shows to the person and the stops.
    """
    drawn = LocalMap(
        location=(located.latitude, located.longitude),
        zoom_start=14,
        tiles=None,
        max_zoom=settings.tile_max_zoom,
        zoom_control="bottomright",
        scrollWheelZoom=False,
    )
    drawn._id = "doorstep"
    if settings.tile_url:
        folium.TileLayer(
            settings.tile_url, attr=_attribution(settings), max_zoom=settings.tile_max_zoom, name="tiles"
        ).add_to(drawn)
    points = [(located.latitude, located.longitude), *((each.venue.latitude, each.venue.longitude) for each in stops)]
    if stops:
        latitudes, longitudes = zip(*points, strict=True)
        drawn.fit_bounds([(min(latitudes), min(longitudes)), (max(latitudes), max(longitudes))], padding=(30, 30))
    Pins(drawn.get_name(), pin_data(located, stops)).add_to(drawn)
    page: Any = drawn.get_root()
    page.render()
    script: str = page.script.render()
    return script


def _attribution(settings: Settings) -> str:
    """The tile owner's line. Leaflet takes it as markup, so what the operator wrote is escaped."""
    text = escape(settings.tile_attribution)
    if not settings.tile_attribution_url:
        return str(text)
    return str(Markup('<a href="{}" rel="noopener">{}</a>').format(settings.tile_attribution_url, text))
