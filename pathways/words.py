"""What people read about pathways, for the catalogue's words."""

from typing import Any
from urllib.parse import urlencode

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from catalogue.models import Skill
from catalogue.pathway_answers import NEAR_MILES, Answer, PassedOver, Why
from catalogue.pathway_models import Pathway, Step
from catalogue.pathway_search import Suggestion
from catalogue.pathway_ways import Way
from catalogue.way_search import COUNTED, ELSEWHERE_COUNTED
from catalogue.words import DestinationKind
from gazetteer.locate import Located
from pathways.choices import PathwayRequest
from pathways.totals import Totals
from search.forms import MAX_PROBLEMS
from search.way_words import rule as rule
from search.way_words import way as way
from web.formats import miles, money

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


def rule_address(address: str, query: dict[str, Any]) -> str:
    """The address of a search with a rule's parameters. `url_for` takes five times as long, and pages have hundreds."""
    more = urlencode({name: value for name, value in query.items() if value}, doseq=True)
    return f"{address}{'&' if '?' in address else '?'}{more}"


def near_count(number: int) -> str:
    """How many are near, as people are told: exactly, or `10+` where they were not counted further."""
    return f"{number}+" if number >= COUNTED else str(number)


def near_miles() -> str:
    return f"{NEAR_MILES:g}"


def elsewhere_count(number: int) -> str:
    """How many need no place: exactly, or `20+` where they were not counted further."""
    return f"{number}+" if number >= ELSEWHERE_COUNTED else str(number)


def more_ways(answer: Answer) -> str:
    """What else does a step, besides the nearest that is shown: `3 more ways near, 2 online or anywhere`."""
    parts = []
    more = answer.near_count - 1
    if more > 0 and not answer.is_counted_out:
        parts.append(gettext("%(count)s more ways near", count=f"{more}+"))
    elif more > 0:
        parts.append(ngettext("%(num)s more way near", "%(num)s more ways near", more))
    if answer.elsewhere_count:
        count = elsewhere_count(min(answer.elsewhere_count, ELSEWHERE_COUNTED))
        parts.append(gettext("%(count)s online or anywhere", count=count))
    return ", ".join(parts) or gettext("How it can be done")


def any_of(pathway: Pathway, step: Step) -> str:
    """What is needed of a step's group: `Any 1 of steps 3 and 4`, `Any 2 of steps 3 to 6`."""
    group = next(each for each in pathway.groups if each.number == step.group_number)
    places = [each.position for each in pathway.steps if each.group_number == group.number]
    values = {"needed": group.needed, "first": places[0], "last": places[-1]}
    if len(places) == 2:
        return gettext("Any %(needed)s of steps %(first)s and %(last)s", **values)
    return gettext("Any %(needed)s of steps %(first)s to %(last)s", **values)


def passed_over(over: PassedOver, radius_miles: float) -> str:
    """Why something that counts is not offered. `radius_miles` is how far off the place may be."""
    title = over.opportunity.title
    far = None if over.distance_miles is None else _far(over.distance_miles, radius_miles)
    if over.why is Why.ENDED:
        return gettext("“%(title)s” is over.", title=title)
    if over.why is Why.FAR:
        return gettext("“%(title)s” is %(miles)s away, farther than you chose.", title=title, miles=far)
    if far is None:
        return gettext("“%(title)s” is full just now.", title=title)
    return gettext("“%(title)s”, %(miles)s away, is full just now.", title=title, miles=far)


def _far(distance_miles: float, radius_miles: float) -> str:
    """A distance with its unit: `0.4 miles`, `about 1 mile`."""
    said = miles(distance_miles, radius_miles)
    return gettext("%(miles)s mile", miles=said) if said.endswith(" 1") else gettext("%(miles)s miles", miles=said)


def in_all(totals: Totals) -> str:
    """What a pathway costs and takes by its nearest ways, as far as that is known."""
    parts = []
    if totals.cost_unknown < totals.step_count:
        if totals.cost_unknown:
            parts.append(gettext("at least %(cost)s in all", cost=_pounds(totals.cost_pence)))
        else:
            cost = money(totals.cost_pence) if totals.cost_pence else gettext("nothing")
            parts.append(gettext("%(cost)s in all", cost=cost))
    if totals.time_unknown < totals.step_count:
        hours = max(1, round(totals.minutes / 60))
        parts.append(
            ngettext("at least %(num)s hour of your time", "at least %(num)s hours of your time", hours)
            if totals.time_unknown
            else ngettext("about %(num)s hour of your time", "about %(num)s hours of your time", hours)
        )
    if not parts:
        return gettext("The nearest ways do not say what they cost, nor how long they take.")
    said = gettext("Done the nearest way: %(what)s.", what=gettext(" and ").join(parts))
    return said + " " + gettext("Not every step says.") if totals.cost_unknown or totals.time_unknown else said


def _pounds(pence: int) -> str:
    return money(pence) if pence else "£0"


def found(count: int, wanted: PathwayRequest, located: Located | None) -> str:
    """How many pathways there are, and how they are ordered."""
    many = ngettext("%(num)s pathway", "%(num)s pathways", count)
    if wanted.has_interests:
        return gettext("%(many)s, what fits you first", many=many)
    return gettext("%(many)s, the nearest first step first", many=many) if located and count > 1 else many


def unknown_skills(wanted: PathwayRequest, skills: list[Skill]) -> list[str]:
    """A sentence for each skill or interest that no pathway teaches."""
    unknown = sorted((wanted.skills | wanted.likes) - {skill.slug for skill in skills})
    return [gettext("No pathway here teaches “%(skill)s”.", skill=slug) for slug in unknown[:MAX_PROBLEMS]]


def first_step(suggestion: Suggestion, located: Located | None) -> str:
    """Where the first step can be done; nothing without a place."""
    first = suggestion.first
    if located is None or first is None:
        return ""
    if first.card and first.card.distance_miles is not None and not first.is_far:
        return gettext("First step: %(miles)s away", miles=_far(first.card.distance_miles, located.radius_miles))
    if first.elsewhere_count:
        return gettext("First step: online or anywhere")
    return gettext("First step: nothing near just now")


def fits(suggestion: Suggestion, skills: list[Skill]) -> str:
    """Which of a person's interests a pathway fits; nothing if none."""
    names = [str(name) for kind, name in DESTINATIONS.items() if kind.value in suggestion.fits]
    names += [skill.name for skill in skills if skill.slug in suggestion.fits]
    return gettext("Fits: %(names)s", names=", ".join(names)) if names else ""
