"""What a query string asks of the API: a search as the pages have it, and what only data has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from search.forms import MAX_PAGE, SearchRequest

SINGLE = ("near", "q", "free", "age", "when", "from", "to", "within", "box", "sort", "page", "elsewhere", "facets")


@dataclass(frozen=True, slots=True)
class OpportunitiesRequest:
    """A search for opportunities, one page at a time.

    `is_elsewhere` asks for those that are tied to no one place instead, `has_facets`
    for the counts of the choices besides. `problems` are sentences about values that could not be used.
    """

    search: SearchRequest
    is_elsewhere: bool = False
    has_facets: bool = False
    problems: tuple[str, ...] = ()

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "OpportunitiesRequest":
        """Read a query string. Never raises: what cannot be used is left out, with a sentence that says so."""
        search = SearchRequest.from_args(args)
        problems = list(search.problems)
        is_elsewhere = _flag(args, "elsewhere", problems)
        has_facets = _flag(args, "facets", problems)
        # Pages at once are for the script of the results page.
        return cls(search.on_page(search.page), is_elsewhere, has_facets, tuple(problems))

    def next_query(self) -> dict[str, Any] | None:
        """The parameters of the next page's URL, or None after the last there can be."""
        if self.search.page >= MAX_PAGE:
            return None
        flags = {"elsewhere": self.is_elsewhere, "facets": self.has_facets}
        return self.search.on_page(self.search.page + 1).query() | {name: "1" for name, is_on in flags.items() if is_on}


def _flag(args: Mapping[str, str], name: str, problems: list[str]) -> bool:
    value = args.get(name, "")
    if value not in ("", "0", "1"):
        problems.append(gettext("We do not know “%(value)s”, so it was left out.", value=value[:40]))
    return value == "1"
