"""How a widget is to look and what it is to show, as its address says: every value checked, every bad one a message."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from catalogue.pathway_models import MAX_STEPS
from embeds import accent as accents
from embeds.accent import DARK, LIGHT, Colour, accent_on, text_on, themed
from search.forms import SearchRequest

LANGUAGE = "en"
HEADINGS = (1, 6)
MAX_RADIUS = 24

_WHOLE = re.compile(r"[0-9]{1,3}")

Word = TypeVar("Word", bound=StrEnum)


class ThemeName(StrEnum):
    """By day, by night, or as the reader's device has it."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Target(StrEnum):
    """Where the answer to a widget's form opens: in a new tab on our site, or inside the frame."""

    NEW = "new"
    INSIDE = "inside"


@dataclass(frozen=True)
class EmbedOptions:
    """What a host chose. `near` is as typed, `steps` how many to show at most, `heading` the title's level,
    `radius` that of corners in pixels; None is for our own. `problems` are sentences on what could not be used.
    """

    near: str = ""
    lang: str = LANGUAGE
    theme: ThemeName = ThemeName.AUTO
    accent: Colour | None = None
    ground: Colour | None = None
    radius: int | None = None
    is_compact: bool = False
    steps: int | None = None
    heading: int = 2
    target: Target = Target.NEW
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "EmbedOptions":
        """Read a query string. Never raises: what cannot be used is left out, with a sentence that says so.

        The sentences name the parameter and never repeat its value, for anybody may have written that.
        """
        problems: list[str] = []
        return cls(
            near=SearchRequest.from_args(MultiDict({"near": args.get("near", "")})).near,
            lang=_language(args.get("lang", ""), problems),
            theme=_word(ThemeName, args, "theme", ThemeName.AUTO, problems),
            accent=_colour(args, "accent", problems),
            ground=_colour(args, "ground", problems),
            radius=_number(args, "radius", 0, MAX_RADIUS, problems),
            is_compact=_flag(args, "compact", problems),
            steps=_number(args, "steps", 1, MAX_STEPS, problems),
            heading=_number(args, "heading", *HEADINGS, problems) or 2,
            target=_word(Target, args, "target", Target.NEW, problems),
            problems=tuple(problems),
        )

    def query(self) -> dict[str, str]:
        """The parameters that are not at their defaults, in one order, without the place."""
        values = {
            "lang": "" if self.lang == LANGUAGE else self.lang,
            "theme": "" if self.theme is ThemeName.AUTO else self.theme.value,
            "accent": str(self.accent or "").lstrip("#"),
            "ground": str(self.ground or "").lstrip("#"),
            "radius": "" if self.radius is None else str(self.radius),
            "compact": "1" if self.is_compact else "",
            "steps": str(self.steps or ""),
            "heading": "" if self.heading == 2 else str(self.heading),
            "target": "" if self.target is Target.NEW else self.target.value,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def theme_shown(self) -> ThemeName:
        """The theme, which a ground of the host's own decides."""
        if self.ground is None:
            return self.theme
        return ThemeName.LIGHT if themed(self.ground).ink == LIGHT.ink else ThemeName.DARK

    def style(self) -> str:
        """The style sheet of what the host chose: custom properties with checked values only. Empty for our own look.

        A ground and an accent are corrected for contrast.
        """
        own = "" if self.radius is None else f"--radius:{self.radius}px;"
        if self.ground is not None:
            theme = themed(self.ground)
            own += f"--ground:{theme.ground};--line:{theme.quiet};{self._accent(theme.ground)}"
            return f":root{{{own}}}"
        day = DARK if self.theme is ThemeName.DARK else LIGHT
        own += self._accent(day.ground)
        found = f":root{{{own}}}" if own else ""
        if self.accent is not None and self.theme is ThemeName.AUTO:
            found += f"@media (prefers-color-scheme:dark){{:root{{{self._accent(DARK.ground)}}}}}"
        return found

    def _accent(self, ground: Colour) -> str:
        if self.accent is None:
            return ""
        shade = accent_on(self.accent, ground)
        return f"--accent:{shade};--on-accent:{text_on(shade)};"


def _language(value: str, problems: list[str]) -> str:
    if value.lower() not in ("", LANGUAGE, "en-gb"):
        problems.append(gettext("We speak English only so far, so this is in English."))
    return LANGUAGE


def _word(words: type[Word], args: MultiDict[str, str], name: str, default: Word, problems: list[str]) -> Word:
    value = args.get(name, "")
    if value in set(words):
        return words(value)
    if value:
        choices = ", ".join(word.value for word in words)
        problems.append(gettext("We could not use “%(name)s”. It can be: %(choices)s.", name=name, choices=choices))
    return default


def _colour(args: MultiDict[str, str], name: str, problems: list[str]) -> Colour | None:
    value = args.get(name, "")
    if not value:
        return None
    try:
        return accents.parse(value)
    except ValueError:
        problems.append(gettext("We could not use “%(name)s”. Write a colour such as 0a7d5c.", name=name))
        return None


def _number(args: MultiDict[str, str], name: str, first: int, last: int, problems: list[str]) -> int | None:
    value = args.get(name, "")
    if _WHOLE.fullmatch(value) and first <= int(value) <= last:
        return int(value)
    if value:
        problems.append(
            gettext(
                "We could not use “%(name)s”. It can be a number from %(first)s to %(last)s.",
                name=name,
                first=first,
                last=last,
            )
        )
    return None


def _flag(args: MultiDict[str, str], name: str, problems: list[str]) -> bool:
    value = args.get(name, "")
    if value not in ("", "0", "1"):
        problems.append(gettext("We could not use “%(name)s”. It can be: %(choices)s.", name=name, choices="0, 1"))
    return value == "1"
