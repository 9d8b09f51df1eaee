"""The one list of the formats that sources may have."""

from feeds import course_directory, spreadsheet
from feeds.reading import Format

FORMATS: dict[str, Format] = {each.name: each for each in (course_directory.FORMAT, spreadsheet.FORMAT)}
