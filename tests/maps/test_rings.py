"""Pins on rings: every number once, and none hidden by another."""

import itertools
import math
import random
from dataclasses import dataclass

import pytest

from maps.rings import MOST_HIDDEN, Mark, RingPin, _merge, _touching, around, miles_between


@dataclass(frozen=True)
class At:
    latitude: float
    longitude: float


HERE = At(53.8, -1.55)


def crowd(seed: int, many: int, spread: float) -> list[Mark]:
    chance = random.Random(seed)
    marks = []
    for number in range(1, many + 1):
        spot = At(HERE.latitude + chance.gauss(0, spread), HERE.longitude + chance.gauss(0, spread))
        marks.append(Mark(spot, [number], chance.choice(["engage", "lead"]), miles_between(HERE, spot)))
    return marks


@pytest.mark.parametrize("spread", [0.0, 0.002, 0.02, 0.2])
@pytest.mark.parametrize("seed", range(5))
def test_every_number_is_on_one_pin_and_no_pin_hides_another(seed: int, spread: float) -> None:
    rings = around(HERE, crowd(seed, 20, spread))
    assert sorted(number for pin in rings.pins for number in pin.numbers) == list(range(1, 21))
    for one, other in itertools.combinations(rings.pins, 2):
        assert one.overlap(other) / min(one.area, other.area) <= MOST_HIDDEN
        assert math.dist((one.x, one.y), (other.x, other.y)) > 0


def test_what_one_pin_hides_of_another() -> None:
    narrow, wide = RingPin(100, 100, [1], ""), RingPin(100, 100, range(10, 40, 2), "")
    assert narrow.half_width < wide.half_width
    assert narrow.overlap(wide) == wide.overlap(narrow) == narrow.area == 24 * 24
    assert narrow.overlap(RingPin(118, 94, [2], "")) == 6 * 18
    assert narrow.overlap(RingPin(124, 100, [2], "")) == narrow.overlap(RingPin(100, 60, [2], "")) == 0


def test_what_touches_one_after_another_is_one_pin_in_their_middle() -> None:
    spots = [(100.0, 100.0), (140.0, 100.0), (120.0, 100.0), (120.0, 100.0), (300.0, 100.0)]
    assert _touching(spots) == [[0, 1, 2, 3], [4]]
    marks = [Mark(HERE, [number], "lead", 1.0) for number in range(1, 6)]
    pins = [(pin.x, pin.y, list(pin.numbers)) for pin in _merge(spots, marks)]
    assert pins == [(120.0, 100.0, [1, 2, 3, 4]), (300.0, 100.0, [5])]


def test_a_pin_of_several_layers_has_none() -> None:
    spot = At(HERE.latitude + 0.01, HERE.longitude)
    there = miles_between(HERE, spot)
    (pin,) = around(HERE, [Mark(spot, [1], "engage", there), Mark(spot, [2], "lead", there)]).pins
    assert (pin.label, pin.layer) == ("1–2", "")
    (alike,) = around(HERE, [Mark(spot, [1], "lead", there), Mark(spot, [2], "lead", there)]).pins
    assert alike.layer == "lead"
