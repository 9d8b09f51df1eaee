"""GeoAlchemy2's types, loaded without Shapely.

GeoAlchemy2 loads Shapely, and that numpy, wherever they are installed, for conversions that are not used here: 14 MB
in every process, and a tenth of a second of its start.
"""

import sys

_is_there = "shapely" in sys.modules
if not _is_there:
    sys.modules["shapely"] = None  # type: ignore[assignment]  # what the import system takes for "not to be had"
try:
    from geoalchemy2 import Geometry, WKTElement
finally:
    if not _is_there:
        del sys.modules["shapely"]

__all__ = ["Geometry", "WKTElement"]
