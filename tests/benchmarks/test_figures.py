"""What a figure says of its goals, how parts are run, and what is kept of them."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import figures
from benchmarks.figures import Baseline, Figure, Of, Part, Scale, at_least, at_most, in_turns, measured


def test_a_goal_is_met_at_its_bound_and_missed_beyond_it() -> None:
    assert Figure("page", 20.0, "ms", goals=(at_most(20),)).met is True
    assert Figure("page", 20.1, "ms", goals=(at_most(20),)).met is False
    assert Figure("rate", 19.9, "/ s", goals=(at_least(20),)).met is False


def test_all_goals_of_a_figure_must_be_met() -> None:
    goals = at_most(20), at_most(30, Of.P95)
    assert Figure("page", 10.0, "ms", 30.0, goals=goals).met is True
    assert Figure("page", 10.0, "ms", 31.0, goals=goals).met is False


def test_a_ratio_is_to_the_same_number_of_the_baseline() -> None:
    figure = Figure("page", 10.0, "ms", 30.0, baseline=Baseline("raw", 5.0, 10.0))
    assert (figure.ratio, figure.p95_ratio) == (2.0, 3.0)


@pytest.mark.parametrize("of", [Of.P95, Of.RATIO, Of.P95_RATIO])
def test_a_goal_about_a_number_that_is_not_there_is_missed(of: Of) -> None:
    assert Figure("page", 10.0, "ms", goals=(at_most(1e9, of),)).met is False


def test_without_goals_nothing_is_met_or_missed() -> None:
    assert Figure("page", 10.0, "ms").met is None
    assert Part("pages", [Figure("page", 10.0, "ms")]).is_well


def test_a_part_that_failed_is_not_well() -> None:
    assert not Part("pages", [Figure("page", 1.0, "ms", goals=(at_most(2),))], "killed").is_well


def test_many_measurements_make_a_median_and_a_95th_percentile() -> None:
    figure = measured("page", [float(number) for number in range(101)], beside=("raw", [50.0, 50.0]))
    assert (figure.median, figure.p95, figure.ratio) == (50.0, 95.0, 1.0)


def test_two_calls_are_measured_in_turns_and_the_first_pair_is_for_nothing() -> None:
    called: list[str] = []
    pairs = [(lambda: called.append("ours"), lambda: called.append("beside"))] * 4
    ours, beside = in_turns(pairs, seconds=60)
    assert (len(ours), len(beside)) == (3, 3)
    assert called == ["beside", "ours"] * 4


def test_what_is_slow_is_measured_twice_at_least() -> None:
    ours, beside = in_turns([(lambda: None, lambda: None)] * 4, seconds=0)
    assert (len(ours), len(beside)) == (2, 2)


def two_pages(scale: Scale) -> Iterator[Figure]:
    yield Figure("page", 10.0, "ms", 12.0, scale.largest, "PostGIS", Baseline("raw", 5.0), (at_most(3, Of.RATIO),))
    raise ValueError("no more pages")


def test_what_a_part_found_before_it_failed_is_kept_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "found"
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["pages", "--quick", "--into", str(file)])
    assert figures.alone(two_pages) == 1
    found, failed = figures.read(file)
    assert found == [next(two_pages(figures.QUICK))]
    assert failed == "ValueError: no more pages"


def test_the_file_has_each_figure_with_its_verdict(tmp_path: Path) -> None:
    figures.write(tmp_path / "bench.json", [Part("pages", [next(two_pages(figures.FULL))])], sizes=(10,))
    told = json.loads((tmp_path / "bench.json").read_text())
    assert told["sizes"] == [10]
    (figure,) = told["parts"][0]["figures"]
    assert (figure["size"], figure["ratio"], figure["met"]) == (1_000_000, 2.0, True)
    assert figure["goal"] == "at most 3 ×"


def test_the_table_shows_smaller_sizes_beside_the_largest(capsys: pytest.CaptureFixture[str]) -> None:
    pages = [Figure("page", float(size), "ms", size=size) for size in (1_000, 10)]
    figures.show([Part("pages", [*pages, Figure("slow", 3.0, "ms", goals=(at_most(2),))], "killed")])
    shown = capsys.readouterr().out
    assert shown.index("1,000") < shown.index("10: 10")
    assert "MISSED" in shown
    assert "failed: killed" in shown
    assert "of 1 with goals 0 met, 1 missed; 1 parts failed" in shown
