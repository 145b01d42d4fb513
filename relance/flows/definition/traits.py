"""What writing and checking a flow must know of a step kind besides its settings: a line a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from relance.flows.definition.durations import SECONDS

Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Traits:
    """``email``: its settings hold an email (message and content). ``call``: they hold a call of a webhook.
    ``tells``: they name colleagues. ``identity``: what makes two steps of the kind the same step. ``asks``: the
    conditions that it tests on arrival. ``rests``: the least seconds before it is left by an outcome. ``texts``: its
    settings that may hold merge tags. ``ways``: its outcomes when its settings cannot be read. ``converts``: in a flow
    without a goal, it is the goal.
    """

    email: bool = False
    call: bool = False
    tells: bool = False
    identity: Callable[[Stored], Any] = lambda settings: settings
    asks: Callable[[Stored], list[Any]] = lambda _: []
    rests: Callable[[Stored, str], int] = lambda _, __: 0
    texts: tuple[str, ...] = ()
    ways: Callable[[Stored], tuple[str, ...]] = lambda _: ("next",)
    converts: bool = False


def _length(settings: Stored, _: str) -> int:
    n, unit = settings.get("n"), settings.get("unit")
    return n * SECONDS.get(str(unit), 0) if isinstance(n, int) else 0


def _until_time_out(settings: Stored, outcome: str) -> int:
    """It may be met at once."""
    return settings.get("up_to") or 0 if outcome == "timed_out" else 0


def _conditions(settings: Stored) -> list[Any]:
    return [way.get("condition") for way in settings.get("ways") or []]


def _numbered(settings: Stored) -> tuple[str, ...]:
    return (*(f"way_{number}" for number in range(1, len(settings.get("ways") or []) + 1)), "else")


def _shared(settings: Stored) -> tuple[str, ...]:
    return _numbered(settings)[:-1]


def _unless_this(settings: Stored) -> tuple[str, ...]:
    return () if settings.get("which") == "this" else ("next",)


TRAITS: dict[str, Traits] = {
    "delay": Traits(rests=_length),
    "if_else": Traits(asks=_conditions, ways=_numbered),
    "split_percent": Traits(ways=_shared),
    "wait_until": Traits(ways=lambda _: ("next", "no_date")),
    "wait_for_trigger": Traits(rests=_until_time_out, ways=lambda _: ("met", "timed_out")),
    # An email's step is that email's, whatever is changed in it.
    "send_email": Traits(email=True, identity=lambda settings: settings.get("message")),
    "update_field": Traits(texts=("value",)),
    "stop_flow": Traits(ways=_unless_this),
    "call_webhook": Traits(call=True, ways=lambda _: ("ok", "failed")),
    "notify_team": Traits(tells=True, texts=("text",)),
    "archive": Traits(ways=lambda _: ()),
    "set_goal": Traits(converts=True),
}
_ORDINARY = Traits()


def traits_of(key: str) -> Traits:
    return TRAITS.get(key, _ORDINARY)
