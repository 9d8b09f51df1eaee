"""Pathways as data. `api/openapi.yaml` describes every member."""

from typing import Any

from flask import url_for

from api.geojson import distance, properties
from catalogue import pathway_pages
from catalogue.models import Badge, Opportunity, Skill
from catalogue.pathway_answers import Answer, Answers, PassedOver
from catalogue.pathway_models import Pathway, Step
from catalogue.pathway_ways import Way
from catalogue.way_search import Found
from gazetteer.locate import Located
from web.addresses import absolute


def summary(pathway: Pathway) -> dict[str, Any]:
    """A pathway as a list shows it, with the titles of its steps."""
    return {
        "slug": pathway.slug,
        "title": pathway.title,
        "summary": pathway.summary,
        "destination": {"kind": pathway.destination_kind, "name": pathway.destination},
        "provider": {"name": pathway.provider.name, "slug": pathway.provider.slug},
        "steps": [_step(each) for each in pathway.steps],
        "url": absolute(url_for("pathways.show", slug=pathway.slug)),
    }


def whole(pathway: Pathway, answers: Answers, located: Located | None) -> dict[str, Any]:
    """A pathway with all ways to do each step; with a place also what is nearest, and how many there are."""
    return summary(pathway) | {
        "description": pathway.description,
        "destination": _destination(pathway, answers.destination, located),
        "skills": [_skill(skill) for skill in pathway_pages.skills(pathway)],
        "groups": [{"number": each.number, "needed": each.needed} for each in pathway.groups],
        "steps": [step(each, located) for each in answers.steps],
        "leads_on": [_leading_on(each) for each in pathway.leads_on],
    }


def _destination(pathway: Pathway, there: Answer | None, located: Located | None) -> dict[str, Any]:
    skill = pathway.destination_skill
    return {
        "kind": pathway.destination_kind,
        "name": pathway.destination,
        "skill": _skill(skill) if skill else None,
        **(_near(there, located) if there and located else {}),
    }


def _leading_on(pathway: Pathway) -> dict[str, str]:
    url = absolute(url_for("pathways.show", slug=pathway.slug))
    return {"slug": pathway.slug, "title": pathway.title, "url": url}


def _step(step: Step) -> dict[str, Any]:
    return {
        "position": step.position,
        "slug": step.slug,
        "title": step.title,
        "layer": step.layer,
        "is_optional": step.is_optional,
        "group": step.group_number,
    }


def step(near: Answer, located: Located | None) -> dict[str, Any]:
    """A step with its options, any one of which completes it; with a place also what is nearest."""
    data: dict[str, Any] = {"options": [_option(each, located) for each in near.ways]}
    if near.step:
        data = _step(near.step) | {"asks_for": near.step.asks_for} | data
    return data | (_near(near, located) if located else {})


def _near(near: Answer, located: Located) -> dict[str, Any]:
    """What is nearest, the next few, how many there are, and what would do but for something."""
    return {
        "nearest": properties(near.card, located) if near.card else None,
        "nearest_is_far": near.is_far,
        "others": [properties(card, located) for card in near.others],
        "near_count": near.near_count,
        "near_count_is_at_least": not near.is_counted_out,
        "passed_over": [_passed_over(each, located) for each in near.passed_over],
    }


def _passed_over(passed: PassedOver, located: Located) -> dict[str, Any]:
    miles = distance(passed.distance_miles, located)
    return {"opportunity": _named(passed.opportunity), "why": passed.why, **miles}


def _option(near: Found, located: Located | None) -> dict[str, Any]:
    counts = {"near_count": near.near_count, "elsewhere_count": near.elsewhere_count}
    return _way(near.way) | (counts if located else {})


def _way(way: Way) -> dict[str, Any]:
    if way.badge:
        return {"type": "badge", **_badge(way.badge)}
    if way.opportunity:
        return {"type": "opportunity", **_named(way.opportunity)}
    return {
        "type": "rule",
        "kinds": list(way.kinds),
        "layer": way.layer,
        "skill": _skill(way.skill) if way.skill else None,
        "provider": {"name": way.provider.name, "slug": way.provider.slug} if way.provider else None,
    }


def _named(opportunity: Opportunity) -> dict[str, Any]:
    url = absolute(url_for("opportunities.show", opportunity_id=opportunity.id, slug=opportunity.slug))
    return {"id": opportunity.id, "title": opportunity.title, "kind": opportunity.kind, "url": url}


def _badge(badge: Badge) -> dict[str, Any]:
    url = absolute(url_for("badges.show", slug=badge.slug))
    return {"slug": badge.slug, "name": badge.name, "layer": badge.layer, "url": url}


def _skill(skill: Skill) -> dict[str, str]:
    return {"slug": skill.slug, "name": skill.name}
