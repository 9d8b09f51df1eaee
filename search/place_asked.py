"""Where a request says that a person is."""

from flask import current_app

from gazetteer.locate import Located, Unlocated, locate
from web import logs


def place_asked(near: str) -> Located | Unlocated:
    """Find the place that a request names, with the online geocoder if there is one, and log roughly where it is.

    Args:
        near: as `SearchRequest.from_args` reads it.
    """
    parts = current_app.extensions
    place = locate(parts["gazetteer"], near, parts["online_geocoder"])
    logs.note(near=place.outward if isinstance(place, Located) else None)
    return place
