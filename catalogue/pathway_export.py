"""Pathways and badges as the project's own YAML has them: what `catalogue.pathway_files` reads again."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import yaml

from catalogue.models import Badge
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.sample_records import step_slug
from catalogue.words import OptionKind

Data = dict[str, Any]


def as_yaml(pathways: Sequence[Pathway]) -> str:
    """Pathways, with the badges that their steps name, as a file."""
    options = (option for pathway in pathways for step in pathway.steps for option in step.options)
    badges = {option.badge.slug: option.badge for option in options if option.badge}
    data: Data = {"badges": [badge_data(badges[slug]) for slug in sorted(badges)]} if badges else {}
    data["pathways"] = [pathway_data(each) for each in pathways]
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def badge_data(badge: Badge) -> Data:
    """A badge in the shape of `sample_records.BadgeRecord`, without what is at its default."""
    return _without_defaults(
        {
            "slug": badge.slug,
            "name": badge.name,
            "summary": badge.summary,
            "criteria": badge.criteria,
            "provider": badge.provider.slug,
            "layer": badge.layer.value,
            "type": badge.type,
            "level": badge.level,
            "time_needed": badge.time_needed,
            "cost_pence": badge.cost_pence,
            "skills": _Inline(sorted(skill.slug for skill in badge.skills)),
        }
    )


def pathway_data(pathway: Pathway) -> Data:
    """A pathway in the shape of `sample_records.PathwayRecord`, without what is at its default."""
    skill = pathway.destination_skill
    return _without_defaults(
        {
            "slug": pathway.slug,
            "title": pathway.title,
            "summary": pathway.summary,
            "description": pathway.description,
            "provider": pathway.provider.slug,
            "destination_kind": pathway.destination_kind.value,
            "destination": pathway.destination,
            "destination_skill": skill.slug if skill else None,
            "leads_on": _Inline(sorted(each.slug for each in pathway.leads_on)),
            "steps": list(_steps(pathway)),
        }
    )


def _steps(pathway: Pathway) -> Iterable[Data]:
    needed = {group.number: group.needed for group in pathway.groups}
    for number, some in groupby(pathway.steps, key=lambda step: step.group_number):
        steps = [_step(each) for each in some]
        if number is None:
            yield from steps
        else:
            yield {"any": needed[number], "of": steps}


def _step(step: Step) -> Data:
    return _without_defaults(
        {
            "slug": None if step.slug == step_slug(step.title) else step.slug,
            "title": step.title,
            "asks_for": step.asks_for,
            "layer": step.layer.value,
            "optional": step.is_optional or None,
            "options": list(_options(step.options)),
        }
    )


def _options(options: Sequence[StepOption]) -> list[Data]:
    """The options, rules that follow one another and differ in their kind only as one with several kinds."""
    found: list[Data] = []
    for option in options:
        data = _option(option)
        last = found[-1] if found else {}
        if "kind" in data and "kind" in last and data | {"kind": None} == last | {"kind": None}:
            last["kind"].extend(data["kind"])
        else:
            found.append(data)
    return found


def _option(option: StepOption) -> Data:
    if option.option_kind is not OptionKind.RULE:
        named = option.badge.slug if option.badge else option.opportunity.key if option.opportunity else None
        return {option.option_kind.value: named}
    return _InlineMap(
        _without_defaults(
            {
                "kind": _Inline([option.rule_kind.value] if option.rule_kind else []),
                "layer": option.rule_layer.value if option.rule_layer else None,
                "skill": option.rule_skill.slug if option.rule_skill else None,
                "provider": option.rule_provider.slug if option.rule_provider else None,
            }
        )
    )


def _without_defaults(data: Data) -> Data:
    return {name: value for name, value in data.items() if value is not None and value != []}


class _Inline(list[Any]):
    """A list that is written on one line."""


class _InlineMap(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are read, short lists on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # A list stands further in than its key, as in `seeds/`.
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _inline(dumper: yaml.SafeDumper, value: _Inline) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


def _inline_map(dumper: yaml.SafeDumper, value: _InlineMap) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Inline, _inline)
_Dumper.add_representer(_InlineMap, _inline_map)
