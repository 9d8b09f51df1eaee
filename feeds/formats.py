"""The one list of the formats that sources may have."""

from feeds.reading import Format

FORMATS: dict[str, Format] = {}
