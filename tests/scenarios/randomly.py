"""How the property tests run: a few examples that are always the same, or with ``--long`` many that a seed chooses."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st


def each(story: Callable[..., None], examples: int, number: int | None, *wanted: st.SearchStrategy[Any]) -> None:
    """Tell the story with many examples of what is wanted. ``number``: the seed; None: always the same."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.tuples(*wanted))
    def told(found: tuple[Any, ...]) -> None:
        story(*found)

    (told if number is None else seed(number)(told))()


def for_long(examples: int = 300) -> tuple[int, int]:
    """(how many examples, the seed): ``MODEL_EXAMPLES`` and ``MODEL_SEED`` choose; the seed is printed."""
    number = int(os.environ.get("MODEL_SEED", "1"))
    print(f"MODEL_SEED={number}")  # noqa: T201
    return int(os.environ.get("MODEL_EXAMPLES", str(examples))), number
