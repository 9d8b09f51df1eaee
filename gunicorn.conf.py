"""How `make run` serves: every value comes from `settings.py`."""

import gc

from settings import load_settings

# What is loaded now is there to stay: to look through it over and over takes a tenth of the start. It is looked through
# once, by `web.garbage.settle`.
gc.disable()

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
worker_class = "gthread"
threads = 4
# The app is made and checked once, before the workers fork: what is missing is said once, and memory is shared.
preload_app = True
control_socket_disable = True
# Below this gunicorn logs requests that it cannot read as they are, and with them addresses and what was typed.
loglevel = "error"


def when_ready(_server: object) -> None:
    print(f"Serving on http://{bind}", flush=True)  # noqa: T201  (for the person who typed the command)
