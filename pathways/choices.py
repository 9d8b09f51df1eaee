"""What the pages of pathways are asked, as their URLs say it."""

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from catalogue.pathway_answers import NEAR_MILES
from catalogue.pathway_search import Wanted
from catalogue.words import DestinationKind
from search.forms import SearchRequest, slugs, words_among

RADII = (5.0, 10.0, 25.0, NEAR_MILES)


@dataclass(frozen=True)
class PathwayRequest:
    """A place, how far is near, what pathways should lead to and teach, and what the person likes.

    `likes` are interests: slugs of skills, and `aims` kinds of destination; they leave nothing out, what fits them
    comes first. `problems` are sentences about values that could not be used.
    """

    near: str = ""
    within_miles: float = NEAR_MILES
    q: str = ""
    goals: frozenset[DestinationKind] = frozenset()
    skills: frozenset[str] = frozenset()
    likes: frozenset[str] = frozenset()
    aims: frozenset[DestinationKind] = frozenset()
    page: int = 1
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "PathwayRequest":
        """Read a query string. Never raises: what cannot be used is left out, with a sentence that says so."""
        read = SearchRequest.from_args(args)
        problems = list(read.problems)
        return cls(
            read.near,
            min(read.within_miles or NEAR_MILES, NEAR_MILES),
            read.q,
            words_among(DestinationKind, args.getlist("goal"), problems),
            read.skills,
            slugs(args.getlist("like"), problems),
            words_among(DestinationKind, args.getlist("aim"), problems),
            read.page,
            tuple(problems),
        )

    def query(self, **changes: Any) -> dict[str, Any]:
        """The parameters of the URL that asks this, with some changed, without what is at its default."""
        values: dict[str, Any] = {
            "near": self.near,
            "within": "" if self.within_miles == NEAR_MILES else f"{self.within_miles:g}",
            "q": self.q,
            "goal": sorted(goal.value for goal in self.goals),
            "skill": sorted(self.skills),
            "like": sorted(self.likes),
            "aim": sorted(aim.value for aim in self.aims),
            "page": self.page if self.page > 1 else "",
        }
        return {name: value for name, value in (values | changes).items() if value}

    @property
    def carried(self) -> dict[str, Any]:
        """What goes along from one pathway to another: the place aside, which links give only roughly."""
        return self.query(near="", q="", goal="", skill="", page="")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.goals or self.skills)

    @property
    def has_interests(self) -> bool:
        return bool(self.likes or self.aims)

    def wanted(self) -> Wanted:
        return Wanted(self.q, self.goals, self.skills, self.aims, self.likes)
