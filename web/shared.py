"""What all workers of all machines share, in Redis: counts by address, and copies of pages that may be given again.

Nothing is kept there that is missed. While Redis is away each process does with its own memory.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from flask import Flask

from circuit import Circuit
from readiness import NotReady
from web.logs import log

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "doorstep:"
CONNECT_S, ANSWER_S = 0.5, 0.25
RETRY_S = 10.0

Answer = TypeVar("Answer")


class SharedAway(NotReady):
    """Redis does not answer. The message is one line, without its password."""


class Shared:
    """The Redis at an address such as `redis://host:6379/0`. Nothing is opened yet. Safe between threads and forks."""

    def __init__(self, url: str) -> None:
        # Only where it is set: the package takes its time to load.
        from redis import Redis, RedisError
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._redis: Redis = Redis.from_url(
            url, socket_connect_timeout=CONNECT_S, socket_timeout=ANSWER_S, retry=Retry(NoBackoff(), 0)
        )
        self._away = (RedisError, OSError)
        self._circuit = Circuit(failures=1, seconds=RETRY_S)
        self._is_away = False

    def count(self, name: str, seconds: int) -> tuple[int, float] | None:
        """Count something that is forgotten so many seconds after the first time.

        Returns how often it was counted and for how many seconds it is kept; None while Redis is away.
        """

        def ask(redis: "Redis") -> tuple[int, float]:
            with redis.pipeline() as steps:
                steps.set(PREFIX + name, 0, ex=seconds, nx=True)
                steps.incr(PREFIX + name)
                steps.pttl(PREFIX + name)
                _, count, left_ms = steps.execute()
            return count, left_ms / 1000

        return self._ask(ask)

    def counted(self, name: str) -> tuple[int, float] | None:
        """The same without counting; 0 and 0 for what was never counted, or is forgotten."""

        def ask(redis: "Redis") -> tuple[int, float]:
            with redis.pipeline() as steps:
                steps.get(PREFIX + name)
                steps.pttl(PREFIX + name)
                count, left_ms = steps.execute()
            return int(count or 0), max(left_ms, 0) / 1000

        return self._ask(ask)

    def keep(self, name: str, value: bytes, seconds: int) -> None:
        """Keep a value for so many seconds, if Redis is there and has room."""
        self._ask(lambda redis: redis.set(PREFIX + name, value, ex=seconds))

    def find(self, name: str) -> tuple[bytes, float] | None:
        """A value and for how many seconds more it is kept. None if there is none, or Redis is away."""

        def ask(redis: "Redis") -> tuple[bytes, float] | None:
            with redis.pipeline() as steps:
                steps.get(PREFIX + name)
                steps.pttl(PREFIX + name)
                value, left_ms = steps.execute()
            return None if value is None else (value, max(left_ms, 0) / 1000)

        return self._ask(ask)

    def check(self) -> None:
        """Raise `SharedAway` unless it answers."""
        try:
            self._redis.ping()
        except self._away as error:
            reason = type(error).__name__
            raise SharedAway(
                f"Redis does not answer ({reason}), so each process counts for itself: see REDIS_URL"
            ) from error

    def close(self) -> None:
        """Close this process's connections that are not in use."""
        self._redis.close()

    def _ask(self, ask: "Callable[[Redis], Answer]") -> Answer | None:
        if not self._circuit.may_ask():
            return None
        try:
            found = ask(self._redis)
        except self._away as error:
            self._circuit.failed()
            if not self._is_away:
                log.warning("redis is away", reason=type(error).__name__)
            self._is_away = True
            return None
        self._circuit.succeeded()
        if self._is_away:
            log.warning("redis is back")
        self._is_away = False
        return found


def init_app(app: Flask, url: str) -> None:
    """Give the app what it shares with others; none without an address."""
    app.extensions["shared"] = Shared(url) if url else None


def close(app: Flask) -> None:
    """Close this process's connections, before others are forked from it."""
    if app.extensions["shared"]:
        app.extensions["shared"].close()
