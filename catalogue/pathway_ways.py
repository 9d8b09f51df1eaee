"""The ways to do each step of a pathway. What is near by each is `catalogue.pathway_answers`."""

from collections.abc import Set
from dataclasses import dataclass, replace

from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.pathway_models import Pathway, Step
from catalogue.spots import ANYTHING, Question, badge_tag, provider_tag, skill_tag
from catalogue.words import DestinationKind, Kind, Layer, OptionKind

DESTINATION_KINDS = {
    DestinationKind.JOB: Kind.JOB,
    DestinationKind.APPRENTICESHIP: Kind.APPRENTICESHIP,
    DestinationKind.COURSE: Kind.COURSE,
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a step: a badge, a named opportunity, or those of its rules that differ in their kind only.

    A rule asks for what is set: for any one of `kinds`, and for the layer, the skill and the provider.
    A badge counts only where it is earned with one of the skills of `subject`; with any, if there are none.
    """

    badge: Badge | None = None
    subject: frozenset[Skill] = frozenset()
    opportunity: Opportunity | None = None
    kinds: tuple[Kind, ...] = ()
    layer: Layer | None = None
    skill: Skill | None = None
    provider: Provider | None = None

    @property
    def is_bare(self) -> bool:
        """Whether it is a rule of a kind or a layer alone, which nearly anything meets."""
        return not (self.badge or self.opportunity or self.skill or self.provider)

    @property
    def question(self) -> Question:
        """What it asks of opportunities. Not for one that is named."""
        needed = self.subject
        if self.badge:
            tag = badge_tag(self.badge.id)
        elif self.provider:
            tag = provider_tag(self.provider.id)
            needed = frozenset({self.skill} if self.skill else ())
        else:
            tag = skill_tag(self.skill.id) if self.skill else ANYTHING
        return Question(tag, frozenset(self.kinds), self.layer, frozenset(each.id for each in needed))

    def teaches(self, skills: Set[Skill]) -> bool:
        """Whether it is about one of some skills."""
        about = {self.skill} if self.skill else set(self.badge.skills if self.badge else ())
        return not about.isdisjoint(skills)


def subject(*steps: Step) -> frozenset[Skill]:
    """What some steps are about: the skills that their rules name."""
    options = (option for step in steps for option in step.options)
    return frozenset(option.rule_skill for option in options if option.rule_skill)


def ways(step: Step, about: frozenset[Skill] = frozenset()) -> list[Way]:
    """The ways to do a step, in their order.

    Badges such as "Saw it done" are earned in kitchens and on building sites alike: a step means those
    that are earned with a skill that its rules name, or else with one of its pathway's.

    Args:
        about: the `subject` of all steps of its pathway.
    """
    about = subject(step) or about
    found: dict[object, Way] = {}
    for option in step.options:
        if option.option_kind is not OptionKind.RULE:
            skills = about if option.badge else frozenset()
            found[option.id] = Way(badge=option.badge, subject=skills, opportunity=option.opportunity)
            continue
        # A rule is of at most one kind: those that are alike but for it are one way with several.
        alike = (option.rule_layer, option.rule_skill_id, option.rule_provider_id)
        way = Way(
            kinds=(option.rule_kind,) if option.rule_kind else (),
            layer=option.rule_layer,
            skill=option.rule_skill,
            provider=option.rule_provider,
        )
        found[alike] = replace(way, kinds=_either(found[alike], way)) if alike in found else way
    return list(found.values())


def ways_there(pathway: Pathway) -> list[Way]:
    """What its destination is, as a way that is looked up; nothing for a goal in words."""
    kind = DESTINATION_KINDS.get(pathway.destination_kind)
    return [Way(kinds=(kind,), skill=pathway.destination_skill)] if kind and pathway.destination_skill else []


def _either(one: Way, other: Way) -> tuple[Kind, ...]:
    """The kinds of two rules that are alike otherwise; none where one of them takes any kind."""
    if not one.kinds or not other.kinds:
        return ()
    return tuple(kind for kind in Kind if kind in (*one.kinds, *other.kinds))
