"""What the pages of pathways are asked."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from catalogue.words import DestinationKind
from pathways.choices import PathwayRequest


def read(app: Flask, **args: Any) -> PathwayRequest:
    with app.test_request_context():
        return PathwayRequest.from_args(MultiDict(args))


def test_it_says_in_its_own_url_what_it_was_asked(wordy_app: Flask) -> None:
    asked = {
        "near": "PL1 2AA",
        "within": "7.5",
        "q": "bread",
        "goal": ["job", "words"],
        "skill": ["baking"],
        "like": ["art", "zips"],
        "aim": ["course"],
        "page": "3",
    }
    wanted = read(wordy_app, **asked)
    assert wanted.problems == ()
    assert wanted.query() == asked | {"page": 3}
    assert wanted.carried == {"within": "7.5", "like": ["art", "zips"], "aim": ["course"]}


def test_defaults_are_left_out(wordy_app: Flask) -> None:
    assert read(wordy_app).query() == {}
    assert read(wordy_app, within="50").query() == {}
    # No farther than "near" goes.
    assert read(wordy_app, within="400").within_miles == 50
    assert read(wordy_app, within="any").within_miles == 50


@pytest.mark.parametrize(
    "args",
    [{"goal": "fame"}, {"aim": "fame"}, {"like": "No Slug!"}, {"within": "-1"}, {"within": "far"}, {"page": "0"}],
)
def test_what_cannot_be_used_is_said_and_left_out(wordy_app: Flask, args: dict[str, str]) -> None:
    wanted = read(wordy_app, **args)
    assert len(wanted.problems) == 1
    assert wanted == PathwayRequest()


def test_interests_are_no_filter(wordy_app: Flask) -> None:
    liking = read(wordy_app, like="art", aim="job")
    assert (liking.has_interests, liking.is_narrowed) == (True, False)
    assert liking.wanted().liked_goals == {DestinationKind.JOB}
    finding = read(wordy_app, goal="job")
    assert (finding.has_interests, finding.is_narrowed) == (False, True)
