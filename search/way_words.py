"""What a way to do a step of a pathway asks for, in words."""

from flask_babel import gettext

from catalogue.pathway_ways import Way
from search import labels


def rule(way: Way) -> str:
    """What a rule asks for: `Workshops, Courses: Gardening`."""
    words = ", ".join(str(labels.CHIPS[kind]) for kind in way.kinds)
    if way.layer and not words:
        words = str(labels.LAYERS[way.layer])
    elif way.layer:
        words = gettext("%(kinds)s (%(layer)s)", kinds=words, layer=labels.LAYERS[way.layer])
    if way.skill:
        words = gettext("%(what)s: %(skill)s", what=words or gettext("Anything"), skill=way.skill.name)
    if way.provider:
        words = gettext("%(what)s from %(provider)s", what=words or gettext("Anything"), provider=way.provider.name)
    return words


def way(way: Way) -> str:
    """What a way asks for, whichever it is."""
    if way.badge:
        return gettext("Badge: %(name)s", name=way.badge.name)
    return way.opportunity.title if way.opportunity else rule(way)
