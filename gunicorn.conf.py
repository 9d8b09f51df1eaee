"""How `make run` serves: every value comes from `settings.py`."""

import ctypes
import gc
import platform

from settings import load_settings

M_ARENA_MAX = -8

# What is loaded now is there to stay: to look through it over and over takes a tenth of the start. It is looked through
# once, by `web.garbage.settle`.
gc.disable()


def _share_one_heap() -> None:
    """Have all threads take memory from one heap, where glibc would give each its own with gaps of its own.

    Each page takes several megabytes for a moment. The threads take turns as it is, by Python's lock. Settings are
    those of https://man7.org/linux/man-pages/man3/mallopt.3.html; other systems' libraries do not have them.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


_share_one_heap()
_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads
# The app is made and checked once, before the workers fork: what is missing is said once, and memory is shared.
preload_app = True
control_socket_disable = True
# Below this gunicorn logs requests that it cannot read as they are, and with them addresses and what was typed.
loglevel = "error"


def when_ready(_server: object) -> None:
    print(f"Serving on http://{bind}", flush=True)  # noqa: T201  (for the person who typed the command)
