"""Pathways that fit what a person asks of them, those that suit best first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, or_, select, union
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.earth import Point
from catalogue.models import Badge, Opportunity, Skill, badge_skill
from catalogue.pathway_answers import NEAR_MILES, Answer, answers
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.pathway_ways import ways
from catalogue.stems import STOP_WORDS, stem, words_of
from catalogue.words import DestinationKind

MOST = 200  # pathways that are looked at, by title
MOST_SKILLS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of pathways. `words`, `goals` and `skills` (slugs) leave others out; the liked come first."""

    words: str = ""
    goals: frozenset[DestinationKind] = frozenset()
    skills: frozenset[str] = frozenset()
    liked_goals: frozenset[DestinationKind] = frozenset()
    liked_skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pathway, the interests that it fits (slugs and destination kinds), and, near a place, its first step."""

    pathway: Pathway
    fits: frozenset[str]
    first: Answer | None = None

    @property
    def distance_m(self) -> float:
        """To the nearest way to do its first step; infinite where that is not known or nowhere."""
        card = self.first.card if self.first else None
        return float("inf") if card is None or card.distance_m is None else card.distance_m


def suggestions(
    session: Session, wanted: Wanted, located: Point | None, now: datetime, slack_miles: float = 0.0
) -> list[Suggestion]:
    """The pathways that fit, those with most of the interests first, then by the nearest first step, then by title.

    Of more than `MOST` only the first by title are looked at. A bounded number of statements.
    """
    found = _having_words(session.scalars(_that_fit(wanted).limit(MOST)).all(), wanted.words, session)
    named = _skills_of(session, [pathway.id for pathway in found])
    firsts = _first_steps(session, found, named, located, now, slack_miles) if located else {}
    suggested = [
        Suggestion(pathway, _fitting(pathway, named.get(pathway.id, ()), wanted), firsts.get(pathway.id))
        for pathway in found
    ]
    return sorted(suggested, key=lambda each: (-len(each.fits), each.distance_m, each.pathway.title, each.pathway.id))


def skills_of_pathways(session: Session) -> list[Skill]:
    """The skills that the rules and badges of any pathway name, by name; at most `MOST_SKILLS`."""
    statement = select(Skill).where(Skill.id.in_(_named_skill_ids())).order_by(Skill.name, Skill.id)
    return list(session.scalars(statement.limit(MOST_SKILLS)))


def _that_fit(wanted: Wanted) -> Select[Pathway]:
    statement = (
        select(Pathway)
        .options(joinedload(Pathway.provider, innerjoin=True), selectinload(Pathway.steps))
        .order_by(Pathway.title, Pathway.id)
    )
    if wanted.goals:
        statement = statement.where(Pathway.destination_kind.in_(sorted(wanted.goals)))
    for slug in sorted(wanted.skills):
        statement = statement.where(_names(Skill.slug == slug))
    return statement


def _names(is_skill: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a rule or a badge of a `pathway` row names a skill."""
    skill = select(Skill.id).where(is_skill)
    of_badge = select(badge_skill.c.badge_id).where(badge_skill.c.skill_id.in_(skill))
    options = (
        select(StepOption.id)
        .join(Step, Step.id == StepOption.step_id)
        .where(
            Step.pathway_id == Pathway.id, or_(StepOption.rule_skill_id.in_(skill), StepOption.badge_id.in_(of_badge))
        )
        .correlate(Pathway)
    )
    return options.exists()


def _named_skill_ids() -> CompoundSelect[int]:
    by_rule = select(StepOption.rule_skill_id).where(StepOption.rule_skill_id.is_not(None))
    by_badge = select(badge_skill.c.skill_id).join(StepOption, StepOption.badge_id == badge_skill.c.badge_id)
    return union(by_rule, by_badge)


def _skills_of(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[Skill, bool]]]:
    """The skills that each of some pathways names, and whether a rule does."""
    of_these = Step.pathway_id.in_(ids)
    by_rule = (
        select(Step.pathway_id, Skill)
        .join(StepOption, StepOption.step_id == Step.id)
        .join(Skill, Skill.id == StepOption.rule_skill_id)
        .where(of_these)
        .distinct()
    )
    by_badge = (
        select(Step.pathway_id, Skill)
        .join(StepOption, StepOption.step_id == Step.id)
        .join(badge_skill, badge_skill.c.badge_id == StepOption.badge_id)
        .join(Skill, Skill.id == badge_skill.c.skill_id)
        .where(of_these)
        .distinct()
    )
    found: dict[int, list[tuple[Skill, bool]]] = {}
    for statement, is_rule in ((by_rule, True), (by_badge, False)):
        for pathway_id, skill in session.execute(statement):
            found.setdefault(pathway_id, []).append((skill, is_rule))
    return found


def _having_words(pathways: Iterable[Pathway], typed: str, session: Session) -> list[Pathway]:
    """Those of which the title, summary, goal, provider, steps or skills have all the words, by their stems."""
    found = list(pathways)
    words = {stem(word) for word in words_of(typed) if word not in STOP_WORDS}
    if not words:
        return found
    named = _skills_of(session, [pathway.id for pathway in found])
    return [each for each in found if words <= _stems(each, [skill for skill, _ in named.get(each.id, ())])]


def _stems(pathway: Pathway, skills: Iterable[Skill]) -> set[str]:
    texts = (
        pathway.title,
        pathway.summary,
        pathway.destination,
        pathway.provider.name,
        *(step.title for step in pathway.steps),
        *(skill.name for skill in skills),
    )
    return {stem(word) for text in texts for word in words_of(text)}


def _fitting(pathway: Pathway, named: Iterable[tuple[Skill, bool]], wanted: Wanted) -> frozenset[str]:
    goals = {pathway.destination_kind.value} if pathway.destination_kind in wanted.liked_goals else set()
    return frozenset(goals | ({skill.slug for skill, _ in named} & wanted.liked_skills))


def _first_steps(
    session: Session,
    pathways: Sequence[Pathway],
    named: dict[int, list[tuple[Skill, bool]]],
    located: Point,
    now: datetime,
    slack_miles: float,
) -> dict[int, Answer]:
    """What does the first step of each pathway, by the pathway's id."""
    options = selectinload(Step.options)
    statement = (
        select(Step)
        .where(Step.pathway_id.in_([pathway.id for pathway in pathways]), Step.position == 1)
        .options(
            options.selectinload(StepOption.badge).selectinload(Badge.skills),
            options.selectinload(StepOption.opportunity).selectinload(Opportunity.venues),
            options.selectinload(StepOption.rule_skill),
            options.selectinload(StepOption.rule_provider),
        )
    )
    firsts = session.scalars(statement).all()
    asked = [
        (step, ways(step, frozenset(skill for skill, is_rule in named.get(step.pathway_id, ()) if is_rule)))
        for step in firsts
    ]
    found = answers(session, asked, located, now, NEAR_MILES + slack_miles, or_far=False)
    return {step.pathway_id: answer for step, answer in zip(firsts, found, strict=True)}
