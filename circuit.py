"""Asking another service with patience that ends: a deadline, a memory, and leaving it alone while it is down."""

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0

Answer = TypeVar("Answer")
Key = TypeVar("Key")


class Circuit:
    """Whether a service may be asked: after some failures in a row not for a while, and then by one trial.

    Safe to share between threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        failures: int = FAILURES_TO_OPEN,
        seconds: float = OPEN_SECONDS,
    ) -> None:
        self._clock = clock
        self._failures_to_open = failures
        self._open_seconds = seconds
        self._lock = Lock()
        self._failures = 0
        self._open_until = float("-inf")

    def may_ask(self) -> bool:
        """Whether to ask now. Whoever is told so asks, and then calls `succeeded` or `failed`."""
        with self._lock:
            now = self._clock()
            if now < self._open_until:
                return False
            if self._failures >= self._failures_to_open:
                # This is the trial: the others stay away until its outcome is known.
                self._open_until = now + self._open_seconds
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._open_until = float("-inf")

    def failed(self) -> bool:
        """Count a failure. Returns whether the service is now left alone."""
        with self._lock:
            self._failures += 1
            opened = self._failures >= self._failures_to_open
            if opened:
                self._open_until = self._clock() + self._open_seconds
            return opened


class Remembered(Generic[Key, Answer]):
    """Answers by what was asked, at most so many: the one unused for longest is forgotten. Safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def get(self, key: Key) -> Answer | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: Key, answer: Answer) -> None:
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)


def answer_within(seconds: float, call: Callable[[], Answer], name: str) -> Answer:
    """What a call gives within so many seconds. Raises whatever it does, or `TimeoutError`.

    It has a thread of its own, by that name: a library's time-out counts neither the
    look-up of the service's name nor an answer that trickles in.
    """
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=run, name=name, daemon=True).start()
    return answer.result(seconds)
