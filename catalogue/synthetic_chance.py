"""Chance that is the same for the same seed everywhere: only `Random.random`, whose numbers Python promises to keep."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")
FINENESS = 4_096


class Weighted(Generic[Item]):
    """Items to draw from, each as often as it weighs, and at least once in `FINENESS` draws if it weighs anything."""

    def __init__(self, random: Random, items: Sequence[Item], weights: Sequence[float]) -> None:
        self._random = random.random
        unit = sum(weights) / FINENESS
        self._table = [
            item
            for item, weight in zip(items, weights, strict=True)
            if weight
            for _ in range(max(1, round(weight / unit)))
        ]
        self._size = len(self._table)

    def __call__(self) -> Item:
        return self._table[int(self._random() * self._size)]


def one_of(random: Random, items: Sequence[Item]) -> Callable[[], Item]:
    """A function that draws one of the items, each as likely as any other."""
    draw, size = random.random, len(items)
    return lambda: items[int(draw() * size)]


def heavy_tailed(random: Random, count: int, flattened: float = 8, exponent: float = 0.8) -> Callable[[], int]:
    """A function that draws numbers from 0 up to `count`, the low ones far more often.

    The chance of n falls with (n + flattened) ** -exponent: Zipf's law as Mandelbrot
    had it. Drawn by the inverse of its integral.
    """
    draw, power = random.random, 1 - exponent
    low, high = flattened**power, (count + flattened) ** power
    return lambda: min(count - 1, int((low + draw() * (high - low)) ** (1 / power) - flattened))
