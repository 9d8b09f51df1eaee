"""A part of the map as an address says it: `box=-4.2,50.3,-4.1,50.4`."""

import re

from catalogue.grid import Box

DECIMALS = 4  # of a degree: 11 metres
_EDGES = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)" + r",(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)" * 3)


def parse(text: str) -> Box:
    """Read the edges west, south, east and north, in degrees.

    Raises:
        ValueError: they are not four numbers, not on the Earth, or not in this order.
    """
    found = _EDGES.fullmatch(text.replace(" ", ""))
    if not found:
        raise ValueError("not four numbers with commas between them")
    west, south, east, north = (float(edge) for edge in found.groups())
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("not west, south, east and north of a part of the Earth")
    return Box(west, south, east, north)


def write(box: Box) -> str:
    """The edges as an address has them."""
    edges = (box.west, box.south, box.east, box.north)
    return ",".join(f"{edge:.{DECIMALS}f}".rstrip("0").rstrip(".") for edge in edges)
