"""The background of interactive maps, as the settings have it."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from settings import Settings


@dataclass(frozen=True, slots=True)
class Tiles:
    """Where tiles come from: a template with `{z}`, `{x}`, `{y}` and perhaps `{s}`, and what their owner asks for."""

    url: str
    attribution: Markup
    max_zoom: int
    subdomains: str = "abc"


def tiles(settings: Settings) -> Tiles | None:
    """The tiles that are set; None for maps without a background."""
    if not settings.tile_url:
        return None
    if "{z}" not in settings.tile_url:
        return _named(settings)
    return Tiles(settings.tile_url, _attribution(settings), settings.tile_max_zoom)


def _named(settings: Settings) -> Tiles:
    """The tiles of a provider that is named. What else is set comes before what is known of it."""
    import xyzservices  # reads a list of hundreds: only where a name is set

    found = xyzservices.providers.query_name(settings.tile_url)
    is_told = "tile_attribution" in settings.model_fields_set
    # Markup of the package's own, with a link to each owner.
    attribution = _attribution(settings) if is_told else Markup(found.html_attribution)  # noqa: S704
    max_zoom = settings.tile_max_zoom if "tile_max_zoom" in settings.model_fields_set else found.get("max_zoom", 18)
    url: str = found.build_url(fill_subdomain=False, scale_factor="{r}")
    return Tiles(url, attribution, min(max_zoom, 22), "".join(found.get("subdomains", "abc")))


def _attribution(settings: Settings) -> Markup:
    """The tile owner's line. Leaflet takes it as markup, so what the operator wrote is escaped."""
    text = escape(settings.tile_attribution)
    if not settings.tile_attribution_url:
        return text
    return Markup('<a href="{}" rel="noopener">{}</a>').format(settings.tile_attribution_url, text)
