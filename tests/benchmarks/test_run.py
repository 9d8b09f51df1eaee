"""A part that fails or takes too long is a line with the reason, and not the end of the run."""

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.figures import Figure, Part, at_most

MET = Part("met", [Figure("page", 1.0, "ms", goals=(at_most(2),))])


def test_a_part_that_ends_badly_says_with_what() -> None:
    part = benchmarks.run("of_which_there_is_none", 60)
    assert (part.figures, part.failed) == ([], "it ended with 1")


def test_a_part_that_takes_too_long_is_ended() -> None:
    part = benchmarks.run("gazetteer", 0.01)
    assert part.failed == "it took more than 0.01 seconds"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (MET, 0),
        (Part("missed", [Figure("page", 3.0, "ms", goals=(at_most(2),))]), 1),
        (Part("failed", [], "it ended with 1"), 1),
    ],
)
def test_one_goal_that_is_missed_or_one_part_that_fails_is_said_by_the_exit_code(
    other: Part, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"databases": MET, "pins": other}
    monkeypatch.setattr(benchmarks, "run", lambda name, *_: parts[name])
    monkeypatch.setattr(benchmarks, "RESULT", tmp_path / "bench.json")
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["benchmarks", "pins"])
    assert benchmarks.main() == code
    told = json.loads((tmp_path / "bench.json").read_text())
    assert [part["name"] for part in told["parts"]] == ["met", other.name]


def test_every_part_is_one_that_can_be_run() -> None:
    for name in benchmarks.PARTS:
        assert (Path(benchmarks.__file__).parent / f"{name}.py").exists()


def test_the_parts_fit_into_fifteen_minutes_and_into_two() -> None:
    assert sum(limit.full for limit in benchmarks.PARTS.values()) <= 15 * 60
    assert sum(limit.quick for limit in benchmarks.PARTS.values()) <= 2 * 60
