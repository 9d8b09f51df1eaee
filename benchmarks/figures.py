"""What benchmarks find: figures, each beside a baseline of the same run and its goals; and how they are shown and kept.

A part of the benchmarks is a module with one function, `figures(scale)`, that yields `Figure`s as it finds them. It
ends with `sys.exit(alone(figures))`, so that it can be run by itself; `python -m benchmarks` runs them all.
"""

import argparse
import json
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

WIDTH = 200
LEAST = 2  # measurements, of which there is a median and a 95th percentile
STARTED = time.monotonic()


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: with how many opportunities, and what share of the usual repetitions.

    `town` is the size that a search must not cost more than, however many there are.
    """

    sizes: tuple[int, ...]
    town: int
    share: float

    @property
    def largest(self) -> int:
        return self.sizes[-1]

    def times(self, usual: int, least: int = 20) -> int:
        """How often something is done that is usually done so often."""
        return max(min(usual, least), round(usual * self.share))


FULL = Scale((1_000, 10_000, 100_000, 1_000_000), 10_000, 1.0)
QUICK = Scale((1_000, 10_000, 100_000), 10_000, 0.1)


class Of(StrEnum):
    """Which number of a figure a goal is about; a ratio is to the baseline's same number."""

    MEDIAN = "median"
    P95 = "p95"
    RATIO = "ratio"
    P95_RATIO = "p95 ratio"


@dataclass(frozen=True, slots=True)
class Goal:
    """That one of a figure's numbers is at most a bound, or at least that."""

    of: Of
    bound: float
    is_least: bool = False

    def __str__(self) -> str:
        number = "" if self.of is Of.MEDIAN else "p95 " if self.of in (Of.P95, Of.P95_RATIO) else ""
        sign = " ×" if self.of in (Of.RATIO, Of.P95_RATIO) else ""
        return f"{number}{'at least' if self.is_least else 'at most'} {_number(self.bound)}{sign}"


def at_most(bound: float, of: Of = Of.MEDIAN) -> Goal:
    return Goal(of, bound)


def at_least(bound: float, of: Of = Of.MEDIAN) -> Goal:
    return Goal(of, bound, is_least=True)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a figure stands beside, found in the same run and in the figure's unit."""

    name: str
    median: float
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Args:
        name: what was measured, in words; with `size` and `database` it is the only one of its part.
        median: of all that was measured, or the one number there is.
        unit: of the median, the 95th percentile and the baseline's.
        size: how many opportunities the catalogue has, if that matters.
        database: `SpatiaLite` or `PostGIS`, if that matters.
        goals: all of which are to be met.
        note: what a reader needs to know besides.
    """

    name: str
    median: float
    unit: str
    p95: float | None = None
    size: int | None = None
    database: str = ""
    baseline: Baseline | None = None
    goals: tuple[Goal, ...] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The median as a multiple of the baseline's."""
        return self.median / self.baseline.median if self.baseline and self.baseline.median else None

    @property
    def p95_ratio(self) -> float | None:
        if self.p95 is None or self.baseline is None or not self.baseline.p95:
            return None
        return self.p95 / self.baseline.p95

    @property
    def met(self) -> bool | None:
        """Whether all goals are met: None without any. A goal about a number that is not there is missed."""
        return all(map(self._meets, self.goals)) if self.goals else None

    @property
    def goal(self) -> str:
        return ", ".join(map(str, self.goals))

    def _meets(self, goal: Goal) -> bool:
        numbers = {Of.MEDIAN: self.median, Of.P95: self.p95, Of.RATIO: self.ratio, Of.P95_RATIO: self.p95_ratio}
        number = numbers[goal.of]
        if number is None:
            return False
        return number >= goal.bound if goal.is_least else number <= goal.bound


@dataclass(frozen=True, slots=True)
class Part:
    """What one part found, until it ended, failed or ran out of time: `failed` says why, or is empty."""

    name: str
    figures: Sequence[Figure]
    failed: str = ""
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        return not self.failed and not any(figure.met is False for figure in self.figures)


def median_and_p95(values: Sequence[float]) -> tuple[float, float]:
    """Of at least two values."""
    return statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[-1]


def measured(
    name: str,
    values: Sequence[float],
    unit: str = "ms",
    beside: tuple[str, Sequence[float]] | None = None,
    goals: Iterable[Goal] = (),
    size: int | None = None,
    database: str = "",
    note: str = "",
) -> Figure:
    """The figure of many measurements, and of the baseline's, which comes as (name, values)."""
    baseline = Baseline(beside[0], *median_and_p95(beside[1])) if beside else None
    median, p95 = median_and_p95(values)
    return Figure(name, median, unit, p95, size, database, baseline, tuple(goals), note)


def milliseconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def in_turns(
    pairs: Iterable[tuple[Callable[[], object], Callable[[], object]]], seconds: float
) -> tuple[list[float], list[float]]:
    """How long each of two calls takes, pair after pair, so that both have the same machine, as long as there is time.

    The first pair is for nothing: connections, plans, pages. Of what is slow at least `LEAST` are measured, and then
    the first is one of them.
    """
    ours: list[float] = []
    beside: list[float] = []
    until = time.monotonic() + seconds
    for call, other in pairs:
        if len(ours) > LEAST and time.monotonic() > until:
            break
        beside.append(milliseconds(other))
        ours.append(milliseconds(call))
        if len(ours) == LEAST and time.monotonic() > until:
            return ours, beside
    return ours[1:], beside[1:]


def say(what: str) -> None:
    """Tell whoever waits how far it is, on standard error."""
    sys.stderr.write(f"  {time.monotonic() - STARTED:5.0f} s  {what}\n")
    sys.stderr.flush()


def alone(figures: Callable[[Scale], Iterable[Figure]]) -> int:
    """Run one part as the command says and show what it found; returns the exit code.

    With `--into FILE` the figures are written there, a line each, as they come, and not shown; and if it fails, why.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer repetitions")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    scale = QUICK if options.quick else FULL
    if options.into:
        return _into(options.into, figures, scale)
    part = Part(Path(sys.argv[0]).stem, list(figures(scale)))
    show([part])
    return 0 if part.is_well else 1


def _into(file: Path, figures: Callable[[Scale], Iterable[Figure]], scale: Scale) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    with file.open("a", encoding="utf-8", buffering=1) as lines:
        try:
            for figure in figures(scale):
                lines.write(json.dumps(asdict(figure)) + "\n")
        except Exception as error:
            traceback.print_exc()
            lines.write(json.dumps({"failed": f"{type(error).__name__}: {error}"}) + "\n")
            return 1
    return 0


def read(file: Path) -> tuple[list[Figure], str]:
    """The figures that `alone` wrote into a file, and why it failed, if it did."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    failed = [line["failed"] for line in lines if "failed" in line]
    return [_figure(line) for line in lines if "failed" not in line], "; ".join(failed)


def _figure(kept: dict[str, Any]) -> Figure:
    baseline = Baseline(**kept["baseline"]) if kept["baseline"] else None
    goals = tuple(Goal(Of(goal["of"]), goal["bound"], goal["is_least"]) for goal in kept["goals"])
    return Figure(**kept | {"baseline": baseline, "goals": goals})


def write(file: Path, parts: Iterable[Part], **about: object) -> None:
    """Keep what was found as JSON: something about the run, then each figure with its baseline, goal and verdict."""
    told = [
        {
            "name": part.name,
            "failed": part.failed,
            "seconds": round(part.seconds, 1),
            "figures": [_told(figure) for figure in part.figures],
        }
        for part in parts
    ]
    file.write_text(json.dumps({**about, "parts": told}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _told(figure: Figure) -> dict[str, object]:
    also = {"ratio": figure.ratio, "p95_ratio": figure.p95_ratio, "goal": figure.goal, "met": figure.met}
    told = {name: value for name, value in asdict(figure).items() if name != "goals"} | also
    return {name: _rounded(value) for name, value in told.items()}


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) and abs(value) < 1000 else value


def show(parts: Sequence[Part]) -> None:
    """Print one table of all parts. What has no goal stands with the next larger size of the same, if there is one."""
    grid = Grid("", "size", "", "median", "p95", "", "beside it", "ratio", "goal", "", box=None)
    for column in (1, 3, 4, 7):
        grid.columns[column].justify = "right"
    grid.columns[0].min_width = 58
    for part in parts:
        took = f" ({part.seconds:,.0f} s)" if part.seconds else ""
        grid.add_row(Text(part.name, style="bold").append(took, style="dim"))
        for figure, smaller in _folded(part.figures):
            grid.add_row(*_cells(figure, smaller))
        if part.failed:
            grid.add_row(Text(f"  failed: {part.failed}", style="bold red"))
    console = Console(width=WIDTH)
    console.print(grid)
    figures = [figure for part in parts for figure in part.figures]
    goals = [figure.met for figure in figures if figure.met is not None]
    failed = sum(bool(part.failed) for part in parts)
    console.print(
        f"{len(figures)} figures; of {len(goals)} with goals {sum(goals)} met, {len(goals) - sum(goals)} missed; "
        f"{failed} parts failed."
    )


def _folded(figures: Sequence[Figure]) -> Iterator[tuple[Figure, list[Figure]]]:
    """Each figure that has a row, with those of smaller sizes that stand in it."""
    same: dict[tuple[str, str, str], list[Figure]] = {}
    for figure in figures:
        same.setdefault((figure.name, figure.database, figure.unit), []).append(figure)
    for each in same.values():
        smaller: list[Figure] = []
        for figure in (ordered := sorted(each, key=lambda figure: figure.size or 0)):
            if figure.met is None and figure is not ordered[-1]:
                smaller.append(figure)
            else:
                yield figure, smaller
                smaller = []


def _cells(figure: Figure, smaller: Sequence[Figure]) -> Iterator[Text]:
    name = figure.name + (f" ({figure.note})" if figure.note else "")
    before = " · ".join(f"{each.size:,}: {_number(each.median)}" for each in smaller)
    verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
    yield Text(f"  {name}").append(f"\n    {before}" if before else "", style="dim")
    yield Text(f"{figure.size:,}" if figure.size else "")
    yield Text(figure.database)
    yield Text(_number(figure.median))
    yield Text("" if figure.p95 is None else _number(figure.p95))
    yield Text(figure.unit)
    yield Text(_beside(figure.baseline) if figure.baseline else "")
    yield Text("" if figure.ratio is None else f"{figure.ratio:.3g} ×")
    yield Text(figure.goal)
    yield Text(verdict, style="bold red" if figure.met is False else "green")


def _beside(baseline: Baseline) -> str:
    p95 = "" if baseline.p95 is None else f", p95 {_number(baseline.p95)}"
    return f"{_number(baseline.median)}{p95} {baseline.name}"


def _number(value: float) -> str:
    """All before the point, or three digits, four from ten to a hundred: 99.95 % is not all."""
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 10 else f"{value:.3g}"
