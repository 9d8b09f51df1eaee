"""`make bench`: every figure in one table and one file, beside its baseline of the same run, its goal met or missed.

Each part runs in a process of its own for no longer than its time, so that one that fails or hangs is one line and
not the end. What is found is printed and written to `instance/bench.json`; the command ends with 1 if a goal is missed
or a part fails. Databases that are not there yet are built first, which does not count towards the time.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from benchmarks.figures import FULL, QUICK, Part, read, say, show, write
from settings import ROOT

RESULT = ROOT / "instance" / "bench.json"
SECONDS_TO_END = 20  # for a part that is out of time to put away what it started


@dataclass(frozen=True, slots=True)
class Limit:
    """The most seconds a part may take, in full and in the quick run, besides those that the parts before it left."""

    full: int
    quick: int


BUILT = "databases"  # first, for as long as it takes, and outside the minutes below
BUILT_FOR_NOTHING = {"embeds", "gazetteer", "feeds", "changes", "phone"}  # which make their own
# In the order in which they run. In all no more than 15 minutes, and 2.
PARTS = {
    "nearest": Limit(90, 8),
    "searches": Limit(90, 10),
    "page": Limit(90, 16),
    "worker": Limit(270, 25),
    "pins": Limit(30, 4),
    "pathways": Limit(50, 7),
    "embeds": Limit(60, 13),
    "gazetteer": Limit(60, 4),
    "feeds": Limit(80, 11),
    "changes": Limit(60, 11),
    "phone": Limit(20, 11),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer repetitions, in 2 minutes")
    parser.add_argument(
        "--patience", type=float, default=1.0, metavar="TIMES", help="so many times the time, on a machine that is busy"
    )
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the part that runs is ended too
    wanted = {name: limit for name, limit in PARTS.items() if not options.parts or name in options.parts}
    found = [run(BUILT, inf, options.quick)] if wanted.keys() - BUILT_FOR_NOTHING else []
    started = time.monotonic()
    left = 0.0
    for name, limit in wanted.items():
        left += options.patience * (limit.quick if options.quick else limit.full)
        found.append(run(name, left, options.quick))
        left = max(0.0, left - found[-1].seconds)
    seconds = round(time.monotonic() - started)
    show(found)
    sizes = (QUICK if options.quick else FULL).sizes
    write(RESULT, found, at=datetime.now(UTC).isoformat(timespec="seconds"), sizes=sizes, seconds=seconds)
    sys.stdout.write(f"It took {seconds // 60} min {seconds % 60} s. Written to {RESULT}.\n")
    return 0 if all(part.is_well for part in found) else 1


def run(name: str, limit_s: float, is_quick: bool = False) -> Part:
    """Run a part in a process of its own, for no longer than its time. Whatever the part does, this does not raise."""
    say(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found"
        file.touch()
        command = [sys.executable, "-m", f"benchmarks.{name}", "--into", str(file), *["--quick"] * is_quick]
        started = time.monotonic()
        # A session of its own, so that all that it started can be ended with it.
        process = subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr, start_new_session=True)  # noqa: S603  (our own)
        try:
            ended = _wait(process, limit_s)
        finally:
            _end(process)
        figures, failed = read(file)
        return Part(name, figures, failed or ended, time.monotonic() - started)


def _wait(process: "subprocess.Popen[bytes]", limit_s: float) -> str:
    """Why a process is no success, once it has ended or its time is over; empty if it is one."""
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return f"it took more than {limit_s:g} seconds"
    return f"it ended with {code}" if code else ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End what still runs: first so that it can put away what it started, then at once, with all of that."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
