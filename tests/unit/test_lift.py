"""Lift: two shares, their difference, and how sure it is (spec/flows.md 5.10)."""

from __future__ import annotations

import random

import pytest

from relance.flows.lift import Lift, Rate, best, lift, wilson


def test_under_a_hundred_on_either_side_it_is_not_told() -> None:
    assert lift(Rate(99, 50), Rate(1000, 10)) is None
    assert lift(Rate(1000, 50), Rate(99, 10)) is None
    assert lift(Rate(100, 50), Rate(100, 10)) is not None


def test_the_interval_is_newcombe_s() -> None:
    """56 of 70 and 48 of 80, method 10 of Newcombe (1998): 0.0524 to 0.3339; here tenfold, for they are few."""
    (low, high), (other_low, other_high) = wilson(Rate(70, 56)), wilson(Rate(80, 48))
    assert 0.2 - ((0.8 - low) ** 2 + (other_high - 0.6) ** 2) ** 0.5 == pytest.approx(0.0524, abs=5e-4)
    assert 0.2 + ((high - 0.8) ** 2 + (0.6 - other_low) ** 2) ** 0.5 == pytest.approx(0.3339, abs=5e-4)
    found = lift(Rate(700, 560), Rate(800, 480))
    assert found is not None
    assert found.difference == pytest.approx(0.2)
    assert 0.0524 < found.low < 0.2 < found.high < 0.3339


@pytest.mark.parametrize("sides", [((100, 0), (100, 0)), ((100, 100), (100, 0)), ((10_000, 1), (100, 0))])
def test_it_stays_between_all_and_nothing(sides: tuple[tuple[int, int], tuple[int, int]]) -> None:
    found = lift(Rate(*sides[0]), Rate(*sides[1]))
    assert found is not None
    assert -1 <= found.low <= found.difference <= found.high <= 1


def test_the_truth_lies_in_it_19_times_of_20() -> None:
    draw = random.Random(7)
    times = 0
    for _ in range(1000):
        entered = Rate(900, sum(draw.random() < 0.06 for _ in range(900)))
        held_out = Rate(100, sum(draw.random() < 0.04 for _ in range(100)))
        found = lift(entered, held_out)
        assert found is not None
        times += found.low <= 0.02 <= found.high
    assert 930 <= times <= 990


def test_a_difference_is_certain_when_nought_lies_outside() -> None:
    assert Lift(0.1, 0.01, 0.2).certain
    assert Lift(-0.1, -0.2, -0.01).certain
    assert not Lift(0.1, -0.01, 0.2).certain
    assert Rate().share is None


def test_the_best_of_several_is_better_than_each_other_one() -> None:
    assert best({1: Rate(200, 20), 2: Rate(200, 60), 3: Rate(200, 10)}) == 2
    assert best({1: Rate(200, 58), 2: Rate(200, 60), 3: Rate(200, 10)}) is None
    assert best({1: Rate(200, 0), 2: Rate(200, 0)}) is None
    assert best({1: Rate(200, 100)}) is None, "there is no other way"
