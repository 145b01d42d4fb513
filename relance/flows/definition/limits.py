"""How much a flow may hold (spec section 12): the operator's ``limits.*`` over the defaults, under the highest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

DAY = 86_400

HIGHEST = {
    "triggers": 20,
    "way_conditions": 100,
    "conditions": 200,
    "depth": 8,
    "waits": 50,
    "steps": 1000,
    "ways": 20,
    "split_ways": 20,
    "min_delay": 60,
    "max_delay": 1200 * DAY,
    "look_back": 90,
}

LIMITS = {
    "triggers": "Triggers of a flow.",
    "way_conditions": "Tests of a way of if_else.",
    "conditions": "Tests of a filter, a segment or an exit condition.",
    "depth": "How deep tests are nested.",
    "waits": "Steps wait_for_trigger of a flow.",
    "steps": "Steps of a flow.",
    "ways": "Ways of if_else.",
    "split_ways": "Ways of split_percent.",
    "min_delay": "The shortest delay or time-out.",
    "max_delay": "The longest delay or time-out.",
    "look_back": "Days that wait_for_trigger may look back.",
}


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """``min_delay`` and ``max_delay`` in seconds, for delays and time-outs; ``look_back`` in days."""

    triggers: int = 3
    way_conditions: int = 5
    conditions: int = 50
    depth: int = 4
    waits: int = 10
    steps: int = 200
    ways: int = 5
    split_ways: int = 10
    min_delay: int = 60
    max_delay: int = 365 * DAY
    look_back: int = 30


def limits_of(account_settings: Mapping[str, Any]) -> FlowLimits:
    """From an account's settings: ``{"limits.min_delay": 1}``."""
    given = {one.name: account_settings.get(f"limits.{one.name}") for one in fields(FlowLimits)}
    usable = {
        name: max(1, min(value, HIGHEST[name]))
        for name, value in given.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
    return FlowLimits(**usable)
