"""Pathways as data. `api/openapi.yaml` describes every member."""

from typing import Any

from flask import url_for

from api.geojson import properties
from catalogue import pathway_pages
from catalogue.models import Badge, Opportunity, Skill
from catalogue.pathway_answers import Answer, Answers
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
        "skills": [_skill(skill) for skill in pathway_pages.skills(pathway)],
        "steps": [step(each, located) for each in answers.steps],
    }


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
    if located:
        data |= {"nearest": properties(near.card, located) if near.card else None, "nearest_is_far": near.is_far}
    return data


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
