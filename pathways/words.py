"""What people read about pathways, for the catalogue's words."""

from typing import Any

from flask_babel import LazyString, lazy_gettext

from catalogue.pathway_answers import NEAR_MILES
from catalogue.pathway_ways import Way
from catalogue.way_search import COUNTED
from catalogue.words import DestinationKind
from search.way_words import rule, way

__all__ = ["DESTINATIONS", "near_count", "near_miles", "rule", "rule_query", "way"]

DESTINATIONS: dict[DestinationKind, LazyString] = {
    DestinationKind.JOB: lazy_gettext("A job"),
    DestinationKind.APPRENTICESHIP: lazy_gettext("An apprenticeship"),
    DestinationKind.COURSE: lazy_gettext("A course"),
    DestinationKind.WORDS: lazy_gettext("A goal"),
}


def rule_query(way: Way) -> dict[str, Any] | None:
    """The parameters of the search that a rule is, place and distance aside; None for what no search can ask."""
    if way.badge or way.opportunity or way.provider:
        return None
    return {
        "kind": [kind.value for kind in way.kinds],
        "layer": way.layer.value if way.layer else None,
        "skill": way.skill.slug if way.skill else None,
    }


def near_count(number: int) -> str:
    """How many are near, as people are told: exactly, or `10+` where they were not counted further."""
    return f"{number}+" if number >= COUNTED else str(number)


def near_miles() -> str:
    return f"{NEAR_MILES:g}"
