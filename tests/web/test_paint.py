"""The four paints: readable on both grounds, and told apart."""

import re
from itertools import combinations

import pytest

from settings import ROOT

LAYERS = ("engage", "participate", "demonstrate", "lead")
CSS = (ROOT / "static" / "css" / "base.css").read_text()


def theme(dark: bool) -> dict[str, str]:
    light, _, rest = CSS.partition("prefers-color-scheme: dark")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", rest)) if dark else {})


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_body_text_reaches_aaa(dark: bool) -> None:
    colours = theme(dark)
    for text in ("ink", "quiet", "link"):
        assert contrast(colours[text], colours["ground"]) >= 7, text
    assert contrast(colours["ink"], colours["wash"]) >= 7


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_paint_shows_on_its_ground_and_carries_text(layer: str, dark: bool) -> None:
    colours = theme(dark)
    assert contrast(colours[layer], colours["ground"]) >= 3
    assert contrast(colours[f"on-{layer}"], colours[layer]) >= 4.5


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """The colour as CIE L*a*b* of what a person with this blindness sees."""
    linear = []
    for start in (1, 3, 5):
        value = int(colour[start : start + 2], 16) / 255
        linear.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    red, green, blue = (max(0.0, sum(a * b for a, b in zip(row, linear, strict=True))) for row in matrix)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("dark", [False, True])
def test_the_four_are_told_apart_by_people_who_are_colour_blind(dark: bool, blindness: str) -> None:
    colours = theme(dark)
    for one, other in combinations(LAYERS, 2):
        pair = (seen(colours[layer], BLINDNESS[blindness]) for layer in (one, other))
        difference = sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5
        # Ten is where two colours side by side are plainly different.
        assert difference > 10, (one, other, difference)
