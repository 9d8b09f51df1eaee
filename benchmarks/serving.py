"""The site on a loopback port, as `make run` serves it, and the browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from settings import ROOT, Settings, load_settings

CHROMIUM = shutil.which("chromium") or "/Applications/Chromium.app/Contents/MacOS/Chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def serve(
    settings: Settings, log: Path | None = None, app: str = "app:ready_app()", **environment: str
) -> Iterator[str]:
    """Serve a site by gunicorn as `make run` does; gives its address. What it prints goes to `log`.

    `app` is what gunicorn serves, as its command line takes it.
    """
    with socket.socket() as listener:
        # Bound here and handed over, so that nobody takes the port in between.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environment |= {
            "DATABASE_URL": settings.database_url,
            "GAZETTEER_FILE": str(settings.gazetteer_file),
            "WEB_WORKERS": "1",
            "RATE_LIMIT": "0",
        }
        bind = f"fd://{listener.fileno()}"
        command = [sys.executable, "-m", "gunicorn", app, "--log-level", "error", "--bind", bind]
        with (log or Path(os.devnull)).open("w") as output:
            server = subprocess.Popen(  # noqa: S603  (our own)
                command,
                cwd=ROOT,
                env=os.environ | environment,
                stdout=output,
                stderr=output if log else None,
                pass_fds=[listener.fileno()],
            )
            try:
                wait_for(f"{base}/healthz", server)
                yield base
            finally:
                server.terminate()
                server.wait(10)


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  (our own address)
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not answer in 10 seconds")


@contextmanager
def serve_samples() -> Iterator[str]:
    """Serve the samples from a new database, with the gazetteer that is set; gives the address.

    Whatever an operator has set, nothing is asked of another host: no tiles, no geocoder.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/doorstep.db"
        subprocess.run(
            [sys.executable, "-m", "flask", "prepare"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        settings = Settings(_env_file=None, database_url=url, gazetteer_file=load_settings().gazetteer_file)
        with serve(
            settings, HOST="127.0.0.1", LOG_LEVEL="ERROR", PUBLIC_URL="", TILE_URL="", ONLINE_GEOCODER=""
        ) as base:
            yield base
