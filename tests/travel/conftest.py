"""A routing engine on loopback, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from settings import ROOT


@dataclass(frozen=True)
class Stub:
    """Where the engine answers, by how it should behave; and what it was asked."""

    port: int
    log: Path

    def url(self, how: str = "good") -> str:
        return f"http://127.0.0.1:{self.port}/{how}"

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stub]:
    log = tmp_path_factory.mktemp("engine") / "asked"
    program = [sys.executable, "-m", "tests.travel.engine", str(log)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Stub(int(process.stdout.readline()), log)
        process.terminate()


@pytest.fixture
def engine(running: Stub, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """The engine, asked nothing yet."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.log.unlink(missing_ok=True)
    return running
