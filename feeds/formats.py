"""The one list of the formats that sources may have. `docs/feeds.md` explains them in this order."""

from feeds import (
    apprenticeships,
    course_directory,
    icalendar_feed,
    open_referral,
    openactive,
    schema_org,
    spreadsheet,
)
from feeds.reading import Format

MODULES = (openactive, course_directory, apprenticeships, open_referral, schema_org, spreadsheet, icalendar_feed)
FORMATS: dict[str, Format] = {each.FORMAT.name: each.FORMAT for each in MODULES}
