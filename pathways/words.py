"""What people read about pathways, for the catalogue's words."""

from typing import Any

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
    far = None if over.distance_miles is None else miles(over.distance_miles, radius_miles)
    if over.why is Why.ENDED:
        return gettext("“%(title)s” is over.", title=title)
    if over.why is Why.FAR:
        return gettext("“%(title)s” is %(miles)s miles away, farther than you chose.", title=title, miles=far)
    if far is None:
        return gettext("“%(title)s” is full just now.", title=title)
    return gettext("“%(title)s”, %(miles)s miles away, is full just now.", title=title, miles=far)


def in_all(totals: Totals) -> str:
    """What a pathway costs and takes by its nearest ways, as far as that is known."""
    known_costs = totals.step_count - totals.cost_unknown
    known_times = totals.step_count - totals.time_unknown
    parts = []
    if known_costs:
        cost = gettext("nothing") if totals.cost_pence == 0 else money(totals.cost_pence)
        parts.append(
            gettext("it costs %(cost)s", cost=cost)
            if known_costs == totals.step_count
            else gettext("the %(num)s steps that say cost %(cost)s", num=known_costs, cost=cost)
        )
    if known_times:
        hours = max(1, round(totals.minutes / 60))
        parts.append(
            ngettext("about %(num)s hour of your time", "about %(num)s hours of your time", hours)
            if known_times == totals.step_count
            else ngettext("at least %(num)s hour of your time", "at least %(num)s hours of your time", hours)
        )
    if not parts:
        return gettext("The nearest ways do not say what they cost, nor how long they take.")
    return gettext("Done the nearest way: %(what)s.", what=gettext(", and ").join(parts))


def found(count: int, wanted: PathwayRequest, located: Located | None) -> str:
    """How many pathways there are, and how they are ordered."""
    many = ngettext("%(num)s pathway", "%(num)s pathways", count)
    if wanted.has_interests:
        return gettext("%(many)s, what fits you first", many=many)
    return gettext("%(many)s, the nearest first step first", many=many) if located else many


def first_step(suggestion: Suggestion, located: Located | None) -> str:
    """Where the first step can be done; nothing without a place."""
    first = suggestion.first
    if located is None or first is None:
        return ""
    if first.card and first.card.distance_miles is not None and not first.is_far:
        return gettext("First step: %(miles)s miles away", miles=miles(first.card.distance_miles, located.radius_miles))
    if first.elsewhere_count:
        return gettext("First step: online or anywhere")
    return gettext("First step: nothing near just now")


def fits(suggestion: Suggestion, skills: list[Skill]) -> str:
    """Which of a person's interests a pathway fits; nothing if none."""
    names = [str(name) for kind, name in DESTINATIONS.items() if kind.value in suggestion.fits]
    names += [skill.name for skill in skills if skill.slug in suggestion.fits]
    return gettext("Fits: %(names)s", names=", ".join(names)) if names else ""
