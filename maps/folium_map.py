"""The interactive map's skeleton: folium builds it, on our own Leaflet, for a page with a content security policy.

It is the same for every page, so it is a script of its own (`discover.map_script`) that a page fetches with Leaflet
once a map is asked for. What stands on the map is `maps.leaflet_data`, and `static/js/map.js` draws it.
"""

from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from maps.tiles import Tiles

MIDDLE_OF_THE_COUNTRY = (54.5, -3.5)
LEAST_ZOOM = 5
DEFAULT_MAX_ZOOM = 19


class LocalMap(folium.Map):
    """A folium map that loads nothing: the page brings Leaflet, its style and the element `#map_doorstep`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js = []
        self.default_css = []
        self._id = "doorstep"


class Begin(MacroElement):
    """Hands the map to `static/js/map.js`, which puts every text into the page as text, never as markup.

    Folium's own markers and popups are template literals, in which `${...}` found in a text would run.
    """

    _template = Template("{% macro script(this, kwargs) %}doorstep.begin({{ this.map_name }});{% endmacro %}")

    def __init__(self, map_name: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's types stop short of it
        self._name = "Begin"
        self.map_name = map_name


def skeleton(tiles: Tiles | None) -> str:
    """The script that makes an empty map, with its background, in `#map_doorstep`. It needs Leaflet and map.js."""
    drawn = LocalMap(
        location=MIDDLE_OF_THE_COUNTRY,
        zoom_start=6,
        tiles=None,
        minZoom=LEAST_ZOOM,
        maxZoom=tiles.max_zoom if tiles else DEFAULT_MAX_ZOOM,
        zoom_control="bottomright",
        scrollWheelZoom=False,
    )
    if tiles:
        folium.TileLayer(
            tiles.url,
            attr=str(tiles.attribution),
            max_zoom=tiles.max_zoom,
            subdomains=tiles.subdomains,
            name="tiles",
            # OpenStreetMap serves only those who say where they come from:
            # https://operations.osmfoundation.org/policies/tiles/
            referrer_policy="strict-origin-when-cross-origin",
        ).add_to(drawn)
    Begin(drawn.get_name()).add_to(drawn)
    page: Any = drawn.get_root()
    page.render()
    script: str = page.script.render()
    return script
