"""What windows, quiet hours and caps cost: nothing where there are none, else one look-up, however many people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from relance.db.pool import Transaction
from relance.db.sql import Query
from tests.scenarios.test_send_window import letter
from tests.scenarios.world import World

GUESTS = [f"guest{n}@example.com" for n in range(15)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each named statement was sent."""
    counted: Counter[str] = Counter()

    def counting(method: Callable[..., Any]) -> Callable[..., Any]:
        def count(tx: Transaction, query: Query, /, **params: object) -> Any:
            counted[query.name] += 1
            return method(tx, query, **params)

        return count

    for name in ("run", "rows", "tuples", "row"):
        monkeypatch.setattr(Transaction, name, counting(getattr(Transaction, name)))
    return counted


def sent(world: World, asked: Counter[str], flow: str, guests: list[str]) -> tuple[Counter[str], Counter[str]]:
    """The statements of one batch in which guests come to their letter, and those of one group handed over."""
    world.flow(flow)
    for email in guests:
        world.person(email, tags=["vip"])
    world.settle()
    world.down(minutes=1)
    asked.clear()
    assert world.advancer.batch(world.share) == len(guests)
    moved = Counter(asked)
    asked.clear()
    assert world.sender.batch(world.share) == len(guests)
    return moved, Counter(asked)


def test_without_any_of_them_nothing_is_asked(world: World, asked: Counter[str]) -> None:
    moved, handed = sent(world, asked, letter(""), GUESTS)
    assert (moved["zones_at_home"], handed["sent_and_rivals"], handed["tell_waits"]) == (0, 0, 0)
    assert moved["queue_emails"] == 1
    assert handed["runs_behind"] == 1


def test_a_window_alone_asks_nothing(world: World, asked: Counter[str]) -> None:
    moved, handed = sent(world, asked, letter('window: {hours: "06:00-22:00"}'), GUESTS)
    assert moved.keys() == {"next_task", "claim_runs", "flows_of_batch", "queue_emails", "settle"} | (
        moved.keys() & {"steps_of_versions"}
    )
    assert handed["sent_and_rivals"] == 0


@pytest.mark.parametrize("guests", [GUESTS[:1], GUESTS], ids=["one", "many"])
def test_a_cap_is_one_look_up_for_a_group(world: World, asked: Counter[str], guests: list[str]) -> None:
    world.set("frequency_cap.email", None)
    moved, handed = sent(world, asked, letter(""), guests)
    assert (moved["zones_at_home"], handed["sent_and_rivals"]) == (0, 1)


def test_quiet_hours_are_one_look_up_for_a_batch(world: World, asked: Counter[str]) -> None:
    world.set("quiet_hours.email", "21:00-08:00")
    moved, _ = sent(world, asked, letter(""), GUESTS)
    assert moved["zones_at_home"] == 1
