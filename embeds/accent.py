"""Colours that a host gives to a widget: read strictly, and put right until text can be read on and beside them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

TEXT_CONTRAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
BODY_CONTRAST = 7.0  # https://www.w3.org/TR/WCAG22/#contrast-enhanced
SHAPE_CONTRAST = 3.0  # https://www.w3.org/TR/WCAG22/#non-text-contrast
SHADES = 50  # from a colour to black or white

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Colour:
    """An sRGB colour, each channel from 0 to 255. `str` gives it as `#rrggbb`."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """From 0 for black to 1 for white: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
        channels = (each / 255 for each in (self.red, self.green, self.blue))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def parse(text: str) -> Colour:
    """Read `#rgb` or `#rrggbb`, with the `#` or without.

    Raises:
        ValueError: it is anything else.
    """
    found = _HEX.fullmatch(text)
    if not found:
        raise ValueError(text)
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return Colour(*(int(digits[start : start + 2], 16) for start in (0, 2, 4)))


BLACK, WHITE = parse("#000000"), parse("#ffffff")


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a widget by day or by night, as `static/css/embed.css` has them."""

    ground: Colour
    ink: Colour
    quiet: Colour


LIGHT = Theme(WHITE, parse("#10151f"), parse("#3d4656"))
DARK = Theme(parse("#0b0f17"), parse("#f2f4f8"), parse("#b9c2d3"))
TEXTS = (LIGHT.ink, WHITE)  # what may be written on an accent


def contrast(one: Colour, other: Colour) -> float:
    """From 1 for two alike to 21 for black on white: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(accent: Colour) -> Colour:
    """Ink or white, whichever is easier to read on a colour."""
    return max(TEXTS, key=lambda text: contrast(text, accent))


def accent_on(accent: Colour, ground: Colour) -> Colour:
    """The nearest shade of an accent that shows on a ground and can carry text.

    It goes towards black on a light ground and towards white on a dark one; one that is good already stays.
    """

    def is_good(shade: Colour) -> bool:
        return contrast(shade, ground) >= SHAPE_CONTRAST and contrast(text_on(shade), shade) >= TEXT_CONTRAST

    return _shade(accent, _far_end(ground), is_good)


def themed(ground: Colour) -> Theme:
    """The theme whose texts read better on a ground, with the nearest shade of it on which they read well."""
    theme = max((LIGHT, DARK), key=lambda each: contrast(each.ink, ground))

    def is_good(shade: Colour) -> bool:
        return contrast(theme.ink, shade) >= BODY_CONTRAST and contrast(theme.quiet, shade) >= TEXT_CONTRAST

    return Theme(_shade(ground, _far_end(theme.ink), is_good), theme.ink, theme.quiet)


def _far_end(colour: Colour) -> Colour:
    return max((BLACK, WHITE), key=lambda end: contrast(end, colour))


def _shade(colour: Colour, end: Colour, is_good: Callable[[Colour], bool]) -> Colour:
    """The first good one on the way from a colour to its end, which is taken for good."""
    return next((shade for step in range(SHADES) if is_good(shade := _mixed(colour, end, step / SHADES))), end)


def _mixed(colour: Colour, end: Colour, share: float) -> Colour:
    pairs = ((colour.red, end.red), (colour.green, end.green), (colour.blue, end.blue))
    return Colour(*(round(one + (other - one) * share) for one, other in pairs))
