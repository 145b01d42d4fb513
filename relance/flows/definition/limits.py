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
    """From an account's settings: ``{"limits.min_delay": 1}`` or ``{"limits": {"min_delay": 1}}``."""
    nested = account_settings.get("limits")
    given = dict(nested) if isinstance(nested, Mapping) else {}
    for one in fields(FlowLimits):
        if f"limits.{one.name}" in account_settings:
            given[one.name] = account_settings[f"limits.{one.name}"]
    usable = {
        name: max(1, min(value, HIGHEST[name]))
        for name, value in given.items()
        if name in HIGHEST and isinstance(value, int) and not isinstance(value, bool)
    }
    return FlowLimits(**usable)
