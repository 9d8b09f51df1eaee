"""The sentences about places."""

import pytest
from flask import Flask

from gazetteer.locate import Problem, Unlocated
from search import labels


@pytest.mark.parametrize(
    ("miles", "words"),
    [
        (0.05, "¼ mile"),
        (0.3, "¼ mile"),
        (0.5, "½ mile"),
        (0.8, "¾ mile"),
        (1.0, "1 mile"),
        (1.5, "1½ miles"),
        (21.6, "22 miles"),
    ],
)
def test_how_far_off_a_place_may_be(wordy_app: Flask, miles: float, words: str) -> None:
    with wordy_app.test_request_context():
        assert labels.off(miles) == words


def test_every_problem_has_a_sentence_of_its_own(wordy_app: Flask) -> None:
    with wordy_app.test_request_context():
        sentences = {labels.unlocated(Unlocated(problem, "XX")) for problem in Problem}
    assert len(sentences) == len(Problem)
