"""Between coordinates and what the database keeps."""

from database.geometry import WKTElement


def point(latitude: float, longitude: float) -> WKTElement:
    """A WGS 84 point for `Venue.location`. Coordinates are in degrees.

    Raises:
        ValueError: the coordinates are not on the Earth.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"not on the Earth: latitude {latitude}, longitude {longitude}")
    return WKTElement(f"POINT({longitude!r} {latitude!r})", srid=4326)
