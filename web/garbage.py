"""Garbage is collected between requests, and never in the middle of one.

Before Python 3.12 the collector may run wherever an object is made, also while
an instance is given its `__dict__`. What it lets go of calls back, other
threads get their turn, and an instance of SQLAlchemy's is left with a
`__dict__` over memory that is free: workers with several threads crashed within
a few hundred pages, and none without collections. From Python 3.12 on it waits
for a safe place by itself.
"""

import gc

from flask import Flask

# Containers made and not let go of since the last round; rounds of the young before one of the older.
MOST_YOUNG = 5_000
ROUNDS = 10


def init_app(app: Flask) -> None:
    app.teardown_request(_collect)


def settle() -> None:
    """Leave what is loaded by now out of all rounds, and start none but between requests. For processes that serve."""
    gc.collect()
    gc.freeze()
    gc.disable()


def _collect(_error: BaseException | None) -> None:
    if gc.isenabled():
        return
    young, middle, old = gc.get_count()
    if young > MOST_YOUNG:
        gc.collect(2 if old > ROUNDS else 1 if middle > ROUNDS else 0)
