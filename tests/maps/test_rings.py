"""Pins on rings: every number once, and none hidden by another."""

import itertools
import random
from dataclasses import dataclass

import pytest

from maps.rings import MOST_HIDDEN, Mark, around, miles_between


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
        hidden = one.face.intersection(other.face).area / min(one.face.area, other.face.area)
        assert hidden <= MOST_HIDDEN


def test_a_pin_of_several_layers_has_none() -> None:
    spot = At(HERE.latitude + 0.01, HERE.longitude)
    there = miles_between(HERE, spot)
    (pin,) = around(HERE, [Mark(spot, [1], "engage", there), Mark(spot, [2], "lead", there)]).pins
    assert (pin.label, pin.layer) == ("1–2", "")
    (alike,) = around(HERE, [Mark(spot, [1], "lead", there), Mark(spot, [2], "lead", there)]).pins
    assert alike.layer == "lead"
