"""Step: wait for a length of time (spec/flows.md 6.1). The shop is in Paris."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


def slow(delay: str, settings: str = "") -> str:
    return f"""
flow: Slow
audience: Customers
triggers:
  - tag_added: {{tag: vip}}
steps:
  - delay: {delay}
  - add_tag: rested
settings: {{re_entry: true{settings}}}
"""


def rest(world: World, delay: str, start: datetime | None = None, **person: str) -> datetime:
    """When somebody who enters at ``start`` goes on."""
    if start:
        world.clock.set(start)
    flow = world.flow(slow(delay, ", zone: contact" if person else ""))
    who = world.person(ANA, tags=["vip"], **person)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01"]
    world.travel(timedelta(days=40), hop=timedelta(days=10))
    (gone_on,) = [line for line in world.trail(flow, who) if line.code == "B11"]
    return gone_on.at


@pytest.mark.parametrize(
    ("delay", "length"),
    [("1 minute", timedelta(minutes=1)), ("90 minutes", timedelta(minutes=90)), ("36 hours", timedelta(hours=36)),
     ("5 days", timedelta(days=5)), ("2 weeks", timedelta(days=14))],
)  # fmt: skip
def test_it_lasts_as_long_as_it_says(world: World, delay: str, length: timedelta) -> None:
    start = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    assert rest(world, delay) - start - timedelta(seconds=1) == length


def test_a_day_over_the_spring_change_keeps_the_hour_of_the_clock_on_the_wall(world: World) -> None:
    # Paris, Saturday 27 March 2027, 10:00; the night after has 23 hours.
    gone_on = rest(world, "1 day", datetime(2027, 3, 27, 9, 0, tzinfo=UTC))
    assert gone_on == datetime(2027, 3, 28, 8, 0, 1, tzinfo=UTC), "10:00 again"


def test_a_day_over_the_autumn_change_too(world: World) -> None:
    gone_on = rest(world, "1 day", datetime(2026, 10, 24, 8, 0, tzinfo=UTC))
    assert gone_on == datetime(2026, 10, 25, 9, 0, 1, tzinfo=UTC), "10:00 in Paris, 25 hours later"


def test_hours_are_exact_over_a_change(world: World) -> None:
    gone_on = rest(world, "24 hours", datetime(2027, 3, 27, 9, 0, tzinfo=UTC))
    assert gone_on == datetime(2027, 3, 28, 9, 0, 1, tzinfo=UTC)


def test_an_hour_that_does_not_exist_becomes_the_first_one_after_it(world: World) -> None:
    # 02:30 in Paris on the 27th; on the 28th the clock goes from 02:00 to 03:00.
    gone_on = rest(world, "1 day", datetime(2027, 3, 27, 1, 30, tzinfo=UTC))
    assert gone_on.replace(microsecond=0) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_in_a_flow_that_follows_each_contact_s_zone(world: World) -> None:
    # New York changed two weeks before Paris: that day is an ordinary one there.
    gone_on = rest(world, "1 day", datetime(2027, 3, 27, 9, 0, tzinfo=UTC), zone="America/New_York")
    assert gone_on == datetime(2027, 3, 28, 9, 0, 1, tzinfo=UTC)


def test_what_runs_out_during_a_pause_is_not_waited_for_again(world: World) -> None:
    flow = world.flow(slow("2 days"))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    world.pause(flow)
    world.later(days=3)
    assert world.path(flow, ANA) == ["E00", "W01", "W04"]
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "B11", "X00"]


def test_a_pause_that_is_over_in_time_changes_nothing(world: World) -> None:
    flow = world.flow(slow("2 days"))
    world.person(ANA, tags=["vip"])
    world.later(hours=12)
    world.pause(flow)
    world.later(hours=12)
    world.resume(flow)
    world.later(hours=12)
    assert world.path(flow, ANA) == ["E00", "W01"]
    world.later(hours=12)
    assert world.path(flow, ANA) == ["E00", "W01", "B11", "X00"]


def test_each_person_waits_from_their_own_arrival(world: World) -> None:
    flow = world.flow(slow("1 day"))
    world.person(ANA, tags=["vip"])
    world.later(hours=6)
    world.person(BEN, tags=["vip"])
    world.later(hours=18)
    assert (world.at(flow, ANA), world.at(flow, BEN)) == (None, "delay")
