"""What a query string asks for: every value checked, every bad one kept as a message."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf, isinf
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from catalogue.filters import Filters
from catalogue.words import Kind, Layer
from gazetteer.locate import MAX_LENGTH

MAX_PAGE = 50
MAX_MILES = 500.0
ANY_DISTANCE = "any"


@dataclass(frozen=True)
class SearchRequest:
    """A search, as its URL says it.

    `within_miles` is None where a fitting distance is to be found, and infinite for
    any distance. `problems` are sentences about values that could not be used.
    """

    near: str = ""
    kinds: frozenset[Kind] = frozenset()
    layers: frozenset[Layer] = frozenset()
    within_miles: float | None = None
    page: int = 1
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "SearchRequest":
        """Read a query string. Never raises: what cannot be used is left out, with a sentence that says so."""
        problems: list[str] = []
        return cls(
            # One more character than allowed, so that `locate` sees that it was too long.
            near=" ".join(args.get("near", "").split())[: MAX_LENGTH + 1],
            kinds=_words(Kind, args.getlist("kind"), problems),
            layers=_words(Layer, args.getlist("layer"), problems),
            within_miles=_miles(args.get("within", ""), problems),
            page=_page(args.get("page", ""), problems),
            problems=tuple(problems),
        )

    def filters(self) -> Filters:
        """What to ask of opportunities; the distance is left for the place to decide."""
        return Filters(datetime.now(UTC), self.kinds, self.layers)

    def query(self) -> dict[str, Any]:
        """The parameters of this search's URL, in one order, without what is at its default."""
        values: dict[str, Any] = {
            "near": self.near,
            "kind": [kind.value for kind in Kind if kind in self.kinds],
            "layer": [layer.value for layer in Layer if layer in self.layers],
            "within": _distance(self.within_miles),
            "page": self.page if self.page > 1 else "",
        }
        return {name: value for name, value in values.items() if value}

    def on_page(self, page: int) -> "SearchRequest":
        return replace(self, page=page)

    def with_near(self, near: str) -> "SearchRequest":
        """The same search somewhere else, from its first page."""
        return replace(self, near=near, page=1)

    def toggling(self, kind: Kind) -> "SearchRequest":
        """The same search with a kind added, or taken away if it was chosen; from its first page."""
        return replace(self, kinds=self.kinds ^ {kind}, page=1)

    def without_layer(self, layer: Layer) -> "SearchRequest":
        return replace(self, layers=self.layers - {layer}, page=1)

    def within(self, miles: float) -> "SearchRequest":
        return replace(self, within_miles=miles, page=1)

    @property
    def has_filters(self) -> bool:
        return bool(self.kinds or self.layers or self.within_miles)

    def without_filters(self) -> "SearchRequest":
        return SearchRequest(near=self.near)


def _distance(miles: float | None) -> str:
    if miles is None:
        return ""
    return ANY_DISTANCE if isinf(miles) else f"{miles:g}"


def _words(words: type[Any], values: list[str], problems: list[str]) -> frozenset[Any]:
    known = {word.value for word in words}
    for value in values:
        if value and value not in known:
            problems.append(
                gettext(
                    "We do not know “%(value)s”, so it was left out.",
                    value=value[:40],
                )
            )
    return frozenset(words(value) for value in values if value in known)


def _miles(value: str, problems: list[str]) -> float | None:
    if not value.strip():
        return None
    if value == ANY_DISTANCE:
        return inf
    try:
        miles = float(value)
    except ValueError:
        miles = 0.0
    # Not a number compares as false with everything.
    if 0 < miles <= MAX_MILES:
        return miles
    problems.append(
        gettext(
            "“%(value)s” is not a distance we can use, so it was left out. Try a number of miles, such as 5.",
            value=value[:40],
        )
    )
    return None


def _page(value: str, problems: list[str]) -> int:
    if not value.strip():
        return 1
    # str.isdecimal is true of digits in every script; int reads those too.
    page = int(value) if value.isdecimal() and len(value) < 10 else 0
    if 1 <= page <= MAX_PAGE:
        return page
    problems.append(
        gettext(
            "There is no page “%(value)s”, so this is the first. Pages go from 1 to %(last)s.",
            value=value[:40],
            last=MAX_PAGE,
        )
    )
    return 1
