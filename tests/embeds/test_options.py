"""What a widget's address says: every value checked."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue.pathway_models import MAX_STEPS
from embeds.accent import parse
from embeds.options import HEADINGS, MAX_RADIUS, EmbedOptions, Target, ThemeName

colours = st.from_regex("[0-9a-f]{6}", fullmatch=True).map(parse)
options = st.builds(
    EmbedOptions,
    near=st.sampled_from(["", "PL1", "Plymouth"]),
    lang=st.just("en"),
    theme=st.sampled_from(ThemeName),
    accent=st.none() | colours,
    ground=st.none() | colours,
    radius=st.none() | st.integers(0, MAX_RADIUS),
    is_compact=st.booleans(),
    steps=st.none() | st.integers(1, MAX_STEPS),
    heading=st.integers(*HEADINGS),
    target=st.sampled_from(Target),
    problems=st.just(()),
)


def read(app: Flask, **values: str) -> EmbedOptions:
    with app.test_request_context():
        return EmbedOptions.from_args(MultiDict(values))


@given(wanted=options)
def test_options_are_read_back_from_their_own_query(wordy_app: Flask, wanted: EmbedOptions) -> None:
    found = read(wordy_app, near=wanted.near, **wanted.query())
    assert found == wanted
    assert found.problems == ()


def test_without_parameters_all_is_at_its_default(wordy_app: Flask) -> None:
    assert read(wordy_app) == EmbedOptions()
    assert EmbedOptions().query() == {}
    assert EmbedOptions().style() == ""
    empty = dict.fromkeys(("near", "lang", "theme", "accent", "ground", "radius", "compact", "steps", "target"), "")
    assert read(wordy_app, **empty) == EmbedOptions()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("lang", value) for value in ("cy", "<b>", "en-US")),
        *(("theme", value) for value in ("Dark", "black", "light dark")),
        *(("accent", value) for value in ("javascript:", "red", "#12345", "0a7;}")),
        *(("ground", value) for value in ("url(x)", "transparent")),
        *(("radius", value) for value in ("25", "-1", "3px", "1e1")),
        *(("compact", value) for value in ("yes", "2")),
        *(("steps", value) for value in ("0", "13", "1.5", "٣")),
        *(("heading", value) for value in ("0", "7", "h2")),
        *(("target", value) for value in ("_blank", "self")),
    ],
)
def test_a_bad_value_is_said_without_repeating_it_and_the_rest_is_kept(wordy_app: Flask, name: str, value: str) -> None:
    good = {"near": "PL1", "theme": "dark", "steps": "3"}
    found = read(wordy_app, **good | {name: value})
    assert len(found.problems) == 1
    assert len(value) < 3 or value not in found.problems[0]
    assert found == read(wordy_app, **{key: kept for key, kept in good.items() if key != name})


@given(values=st.dictionaries(st.sampled_from(["accent", "ground", "radius", "theme"]), st.text("0a#;}x") | st.text()))
def test_the_style_sheet_holds_nothing_but_checked_values(wordy_app: Flask, values: dict[str, str]) -> None:
    style = read(wordy_app, **values).style()
    properties = r"(--[a-z-]+:(#[0-9a-f]{6}|[0-9]{1,2}px);)*"
    root = rf":root\{{{properties}\}}"
    assert re.fullmatch(rf"({root})?(@media \(prefers-color-scheme:dark\)\{{{root}\}})?", style)


def test_a_ground_decides_the_theme(wordy_app: Flask) -> None:
    assert read(wordy_app, ground="fff4dd", theme="dark").theme_shown is ThemeName.LIGHT
    assert read(wordy_app, ground="102030", theme="light").theme_shown is ThemeName.DARK
    assert "--ground:#fff4dd;" in read(wordy_app, ground="fff4dd").style()


def test_an_accent_is_corrected_for_each_theme_that_may_be_shown(wordy_app: Flask) -> None:
    both = read(wordy_app, accent="ffee00")
    light, dark = both.style().split("@media (prefers-color-scheme:dark)")
    assert "--accent:#ffee00;" not in light
    assert "--accent:#ffee00;" in dark
    assert replace(both, theme=ThemeName.LIGHT).style() == light
    assert "@media" not in replace(both, theme=ThemeName.DARK).style()
