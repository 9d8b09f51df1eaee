"""Colours of a host's own: read strictly, and put right for contrast."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeds.accent import (
    BODY_CONTRAST,
    DARK,
    LIGHT,
    SHAPE_CONTRAST,
    TEXT_CONTRAST,
    Colour,
    accent_on,
    contrast,
    parse,
    text_on,
    themed,
)
from tests.web import test_paint

channels = st.integers(0, 255)
colours = st.builds(Colour, channels, channels, channels)


@pytest.mark.parametrize(("text", "said"), [("#0a7", "#00aa77"), ("0A7D5C", "#0a7d5c"), ("#0a7d5c", "#0a7d5c")])
def test_three_and_six_digits_are_read_with_a_hash_or_without(text: str, said: str) -> None:
    assert str(parse(text)) == said


@pytest.mark.parametrize(
    "text", ["", "#", "red", "0a7d", "#0a7d5cff", "##0a7", " 0a7", "0a7\n", "٣٣٣", "javascript:", "rgb(0,0,0)", "0a7;}"]
)
def test_nothing_else_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse(text)


@given(st.text())
def test_what_is_read_is_a_colour(text: str) -> None:
    try:
        found = str(parse(text))
    except ValueError:
        return
    assert re.fullmatch("#[0-9a-f]{6}", found)


@given(colours)
def test_a_colour_is_read_back(colour: Colour) -> None:
    assert parse(str(colour)) == colour


@given(colours, colours)
def test_contrast_is_that_of_the_paints(one: Colour, other: Colour) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(test_paint.contrast(str(one), str(other)))


@given(colours, st.sampled_from([LIGHT.ground, DARK.ground]))
def test_an_accent_shows_on_our_grounds_and_carries_text(accent: Colour, ground: Colour) -> None:
    shade = accent_on(accent, ground)
    assert contrast(shade, ground) >= SHAPE_CONTRAST
    assert contrast(text_on(shade), shade) >= TEXT_CONTRAST


@given(colours, colours)
def test_so_it_does_on_a_ground_of_the_hosts_own(accent: Colour, ground: Colour) -> None:
    theme = themed(ground)
    shade = accent_on(accent, theme.ground)
    assert contrast(shade, theme.ground) >= SHAPE_CONTRAST
    assert contrast(text_on(shade), shade) >= TEXT_CONTRAST


@given(colours)
def test_text_reads_well_on_a_ground_of_the_hosts_own(ground: Colour) -> None:
    theme = themed(ground)
    assert contrast(theme.ink, theme.ground) >= BODY_CONTRAST
    assert contrast(theme.quiet, theme.ground) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_our_own_grounds_stay_as_they_are(theme: object) -> None:
    assert themed(LIGHT.ground if theme is LIGHT else DARK.ground) == theme


def test_a_good_accent_stays_and_a_bad_one_goes_no_farther_than_it_must() -> None:
    green, yellow = parse("0a7d5c"), parse("ffee00")
    assert accent_on(green, LIGHT.ground) == green
    assert accent_on(yellow, DARK.ground) == yellow
    corrected = accent_on(yellow, LIGHT.ground)
    assert corrected.blue == 0
    assert SHAPE_CONTRAST <= contrast(corrected, LIGHT.ground) < TEXT_CONTRAST
