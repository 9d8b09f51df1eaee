"""What a query string asks of the API: a search as the pages have it, and what only data has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isinf
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from catalogue.pathway_answers import NEAR_MILES
from search.forms import MAX_MILES, SearchRequest

SINGLE = (
    "near",
    "q",
    "free",
    "age",
    "when",
    "from",
    "to",
    "within",
    "box",
    "minutes",
    "by",
    "sort",
    "page",
    "cursor",
    "elsewhere",
    "facets",
)
NUMBERS = ("age", "page", "within", "minutes")


@dataclass(frozen=True, slots=True)
class OpportunitiesRequest:
    """A search for opportunities, one page at a time.

    `is_elsewhere` asks for those that are tied to no one place instead, `has_facets`
    for the counts of the choices besides. `cursor` is where the list goes on, instead
    of at a page. `problems` are sentences about values that could not be used.
    """

    search: SearchRequest
    is_elsewhere: bool = False
    has_facets: bool = False
    cursor: str | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "OpportunitiesRequest":
        """Read a query string. Never raises: what cannot be used is left out, with a sentence that says so."""
        search = SearchRequest.from_args(args)
        problems = list(search.problems)
        is_elsewhere = _flag(args, "elsewhere", problems)
        has_facets = _flag(args, "facets", problems)
        # Pages at once are for the script of the results page.
        cursor = args.get("cursor")
        return cls(search.on_page(search.page), is_elsewhere, has_facets, cursor, tuple(problems))

    def query(self) -> dict[str, Any]:
        """The parameters of its URL, without a page or a cursor."""
        flags = {"elsewhere": self.is_elsewhere, "facets": self.has_facets}
        return self.search.on_page(1).query() | {name: "1" for name, is_on in flags.items() if is_on}

    @property
    def of(self) -> str:
        """Which list it is, for its cursors: the same for all its pages, with facets or without."""
        return "opportunities?" + urlencode(replace(self, has_facets=False).query(), doseq=True)


@dataclass(frozen=True, slots=True)
class PathwayRequest:
    """Where from a pathway is asked for, and how far is near; `problem` is a sentence about a distance that is none."""

    near: str
    within_miles: float = NEAR_MILES
    problem: str | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "PathwayRequest":
        """Read a query string. Never raises."""
        # Of a search it takes these two, and reads them alike.
        search = SearchRequest.from_args(MultiDict((name, args[name]) for name in ("near", "within") if name in args))
        miles = search.within_miles
        if search.problems or (miles is not None and isinf(miles)):
            most = f"{MAX_MILES:g}"
            return cls(search.near, problem=gettext("Give “within” as miles, from 0.01 to %(most)s.", most=most))
        return cls(search.near, NEAR_MILES if miles is None else miles)


def _flag(args: Mapping[str, str], name: str, problems: list[str]) -> bool:
    value = args.get(name, "")
    if value not in ("", "0", "1"):
        problems.append(gettext("We do not know “%(value)s”, so it was left out.", value=value[:40]))
    return value == "1"
