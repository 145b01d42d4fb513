"""The release rate (spec/flows.md 5.1, 5.3, 11): overdue runs leave one after the other, in the order of their due times."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest

from relance.flows.engine.advance import Advancer
from tests.scenarios.world import World

PEOPLE = [f"p{number:02}@example.com" for number in range(12)]
ANA = "ana@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
  - add_tag: done
"""


def series(rate: int | None, more: str = "") -> str:
    return SERIES + (f"settings: {{release_rate: {rate}{more}}}\n" if rate else "")


def arrive(world: World, people: list[str] = PEOPLE, apart: int = 10) -> None:
    """They come one after the other, the last of the list first."""
    for email in reversed(people):
        world.person(email, tags=["vip"])
        world.settle()
        world.clock.advance(timedelta(minutes=apart))


def left_at(world: World, flow: int) -> dict[str, datetime]:
    """When everybody's run ended."""
    with world.database.transaction() as tx:
        rows = tx.connection.execute(
            "select c.email, r.ended_at from run r join contact c using (bucket, contact_id) "
            "where r.flow_id = %s and r.ended_at is not null order by r.ended_at, r.entered_at",
            (flow,),
        ).fetchall()
    return dict(rows)


def turns(world: World, flow: int) -> dict[str, datetime]:
    """The instant of everybody's turn, as the trail tells it (the last of each)."""
    with world.database.transaction() as tx:
        rows = tx.connection.execute(
            "select distinct on (c.email) c.email, (d.seen ->> 'until')::timestamptz from decision d "
            "join contact c using (bucket, contact_id) where d.flow_id = %s and d.code = 'W11' "
            "order by c.email, d.trail_id desc",
            (flow,),
        ).fetchall()
    return dict(rows)


def one_by_one(world: World, flow: int, gap: timedelta, start: datetime) -> None:
    """Each of PEOPLE has left at their turn, in the order of their coming, a gap apart."""
    left, turn = left_at(world, flow), turns(world, flow)
    assert list(left) == PEOPLE[::-1]
    assert left == turn
    assert [left[email] - start for email in PEOPLE[::-1]] == [gap * place for place in range(len(PEOPLE))]


def test_w11_after_a_pause_people_leave_at_the_rate_in_the_order_of_their_due_times(world: World) -> None:
    flow = world.flow(series(2))
    arrive(world)
    world.pause(flow)
    world.later(days=2)
    world.resume(flow)
    start = world.clock.now()
    world.settle()
    assert left_at(world, flow).keys() == {PEOPLE[-1]}, "the first turn is now"
    assert world.path(flow, PEOPLE[0]) == ["E00", "W01", "W04", "W11"]
    assert "en retard, attend son tour" in world.why_in(flow, PEOPLE[0], "fr")
    world.later(minutes=10)
    one_by_one(world, flow, timedelta(seconds=30), start)
    assert world.path(flow, PEOPLE[0]) == ["E00", "W01", "W04", "W11", "B11", "X00"]
    assert world.figure(flow, "W11") == len(PEOPLE)


def test_after_an_outage_too(world: World) -> None:
    flow = world.flow(series(2))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    start = world.clock.now()
    world.settle()
    world.later(minutes=10)
    one_by_one(world, flow, timedelta(seconds=30), start)
    assert world.path(flow, PEOPLE[0]) == ["E00", "W01", "W11", "B11", "X00"]


def test_and_after_a_repair(world: World) -> None:
    world.person(ANA, tags=["gone", "vip"])
    flow = world.flow(
        series(2).replace("  - add_tag: done\n", "  - if_else: {when: {tag: gone}, then: [end]}\n  - add_tag: done\n")
    )
    arrive(world)
    world.delete_tag("gone")
    world.later(days=2)
    assert world.state(flow) == "broken"
    assert world.path(flow, PEOPLE[0]) == ["E00", "W01", "W09"]
    world.flow(series(2), on=False)
    world.publish(flow)
    start = world.clock.now()
    world.settle()
    assert world.state(flow) == "live"
    world.later(minutes=10)
    one_by_one(world, flow, timedelta(seconds=30), start)


def test_what_was_asked_of_another_flow_in_the_outage_does_not_hide_it(world: World) -> None:
    flow = world.flow(series(2))
    other = world.flow(SERIES.replace("Series", "Other").replace("vip", "other"))
    arrive(world)
    world.pause(other)
    world.clock.advance(timedelta(days=2))
    world.resume(other)
    world.settle()
    assert world.figure(flow, "W11") == len(PEOPLE)


def test_without_a_rate_everybody_leaves_at_once(world: World) -> None:
    flow = world.flow(series(None))
    arrive(world)
    world.pause(flow)
    world.later(days=2)
    world.resume(flow)
    world.settle()
    assert len(left_at(world, flow)) == len(PEOPLE)
    assert world.figure(flow, "W11") == 0


def test_who_is_on_time_waits_for_no_turn(world: World) -> None:
    flow = world.flow(series(2))
    arrive(world, apart=0)
    world.later(days=1)
    assert len(left_at(world, flow)) == len(PEOPLE), "all at one moment"
    assert world.figure(flow, "W11") == 0


def test_a_short_pause_makes_nobody_overdue(world: World) -> None:
    flow = world.flow(series(2))
    arrive(world, apart=0)
    world.travel(timedelta(days=1, seconds=-10))
    world.pause(flow)
    world.later(seconds=40)
    world.resume(flow)
    world.settle()
    assert len(left_at(world, flow)) == len(PEOPLE)


def test_a_backlog_of_work_is_no_outage(world: World) -> None:
    """The worker looks all the time and cannot keep up: nobody is slowed down further."""
    flow = world.flow(series(2))
    arrive(world, apart=0)
    world.later(days=0.999)
    world.until(world.clock.now() + timedelta(minutes=1))
    while len(left_at(world, flow)) < len(PEOPLE):
        world.clock.advance(timedelta(seconds=50))
        world.advancer.batch(world.share, 1)
    assert world.figure(flow, "W11") == 0


def test_new_people_pass_the_queue(world: World) -> None:
    flow = world.flow(series(1))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    world.settle()
    world.person(ANA, tags=["vip"])
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01"]


def test_a_second_outage_gives_new_turns_behind_the_old_ones(world: World) -> None:
    flow = world.flow(series(1))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    world.settle()
    world.later(minutes=3)
    gone = len(left_at(world, flow))
    assert gone == 4
    world.clock.advance(timedelta(days=1))
    start = world.clock.now()
    world.settle()
    world.later(minutes=20)
    left = left_at(world, flow)
    assert list(left) == PEOPLE[::-1]
    later = [moment - start for moment in left.values() if moment >= start]
    assert later == [timedelta(minutes=n) for n in range(len(PEOPLE) - gone)]


def test_paused_again_people_hold_at_their_turn(world: World) -> None:
    flow = world.flow(series(1))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    world.settle()
    world.pause(flow)
    world.later(hours=1)
    assert len(left_at(world, flow)) == 1
    assert world.path(flow, PEOPLE[0])[-2:] == ["W11", "W04"]
    world.resume(flow)
    world.later(minutes=30)
    assert len(left_at(world, flow)) == len(PEOPLE)


def test_an_exit_ends_a_run_in_the_queue(world: World) -> None:
    flow = world.flow(series(1, ", exit_condition: {event: bought}"))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    world.settle()
    world.event(PEOPLE[0], "bought")
    world.settle()
    assert world.path(flow, PEOPLE[0])[-2:] == ["W11", "X01"]


@pytest.mark.parametrize("late", ["all", "skip", "end"])
def test_what_is_waited_for_counts_in_the_queue_too(world: World, late: Any) -> None:
    """Ana's lesson was finished in time and told late, while she waits for her turn: she has not moved on."""
    flow = world.flow("""
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - wait_for_trigger: {event_api: {name: finished}, up_to: 1 day, met: [{add_tag: good}], timed_out: [{add_tag: late}]}
settings: {release_rate: 1, goal: {event: finished, within: 9 days}, exit_on_goal: false}
""")
    arrive(world, PEOPLE[:3])
    world.pause(flow)
    in_time = world.clock.now()
    world.later(days=5)
    world.resume(flow, late=late)
    world.advancer.batch(world.share)
    for email in PEOPLE[:2]:
        world.event(email, "finished", occurred_at=in_time)
    world.event(PEOPLE[2], "finished")
    world.judge()
    assert [world.path(flow, email)[-2:] for email in PEOPLE[:2]] == [["W11", "B04"]] * 2
    assert len(left_at(world, flow)) == 0, "the turn is waited for all the same"
    world.later(minutes=5)
    assert [world.tags_of(email) & {"good", "late"} for email in PEOPLE[:3]] == [{"good"}, {"good"}, {"late"}]
    assert world.figure(flow, "goal") == 3


@pytest.mark.parametrize(("late", "end"), [("skip", "S15"), ("end", "X08"), ("all", "S00")])
def test_what_was_answered_about_late_messages_holds_at_the_turn(world: World, late: Any, end: str) -> None:
    mail = '  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}\n'
    flow = world.flow(series(1).replace("  - add_tag: done\n", mail))
    arrive(world, PEOPLE[:3])
    world.pause(flow)
    world.later(days=8)
    world.resume(flow, late=late)
    world.later(minutes=5)
    for email in PEOPLE[:3]:
        codes = world.path(flow, email)
        assert codes[:4] == ["E00", "W01", "W04", "W11"]
        assert end in codes[4:]
        assert codes[-1] == ("X08" if late == "end" else "X00")


def test_who_was_held_as_they_arrived_begins_at_their_turn(world: World) -> None:
    flow = world.flow(series(1))
    for email in PEOPLE[:3]:
        world.person(email, tags=["vip"])
    world.judge()
    world.pause(flow)
    world.later(hours=1)
    world.resume(flow)
    world.settle()
    assert [world.path(flow, email)[-1] for email in PEOPLE[:3]].count("W01") == 1
    world.later(minutes=3)
    assert [world.path(flow, email)[-1] for email in PEOPLE[:3]].count("W01") == 3


def test_a_publication_in_the_pause_takes_nobody_past_the_first_step(world: World) -> None:
    mail = 'steps:\n  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}\n'
    flow = world.flow(series(1).replace("steps:\n", mail))
    for email in PEOPLE[:3]:
        world.person(email, tags=["vip"])
    world.judge()
    world.pause(flow)
    world.later(hours=1)
    world.flow(series(1).replace("steps:\n", mail).replace("add_tag: done", "add_tag: all done"), on=False)
    world.publish(flow)
    world.resume(flow)
    world.later(minutes=5)
    assert [world.subjects(email) for email in PEOPLE[:3]] == [["Offer"]] * 3
    assert "W11" in world.path(flow, PEOPLE[0])


def test_two_workers_at_once_never_give_a_turn_twice(world: World) -> None:
    flow = world.flow(series(60))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    workers = [Advancer(world.database, world.advancer._judge) for _ in range(2)]
    together = Barrier(2)

    def work(advancer: Advancer) -> int:
        together.wait()
        return sum(advancer.batch(world.share, 1) for _ in range(40))

    with ThreadPoolExecutor(2) as pool:
        assert all(done >= 1 for done in pool.map(work, workers)), "both took a part"
    moments = sorted(turns(world, flow).values())
    assert len(moments) == len(PEOPLE)
    assert {later - sooner for sooner, later in pairwise(moments)} == {timedelta(seconds=1)}


def test_two_workers_keep_to_the_rate_and_the_order_together(world: World) -> None:
    flow = world.flow(series(60))
    arrive(world)
    world.pause(flow)
    world.later(days=2)
    world.resume(flow)
    other = Advancer(world.database, world.advancer._judge)
    for _ in range(12):
        world.advancer.batch(world.share, 2)
        other.batch(world.share, 1)
    given = turns(world, flow)
    assert len(given) == len(PEOPLE)
    moments = sorted(given.values())
    assert {later - sooner for sooner, later in pairwise(moments)} == {timedelta(seconds=1)}
    assert [email for email, _ in sorted(given.items(), key=lambda one: one[1])] == PEOPLE[::-1]
    world.later(minutes=1)
    assert len(left_at(world, flow)) == len(PEOPLE)


def test_a_rate_that_divides_no_minute_is_never_passed(world: World) -> None:
    flow = world.flow(series(7))
    arrive(world)
    world.clock.advance(timedelta(days=2))
    world.settle()
    moments = sorted(turns(world, flow).values())
    assert moments[7] - moments[0] >= timedelta(minutes=1)


def test_it_is_written_and_read_back_and_has_its_bounds(world: World) -> None:
    assert world.rewritten(series(6000))["settings"]["release_rate"] == 6000
    assert "release_rate" not in world.rewritten(SERIES)["settings"]
    assert "V15" in world.problems(SERIES + "settings: {release_rate: 0}\n")
    assert "V15" in world.problems(series(1_000_001))
    assert "V15" not in world.problems(series(1_000_000))
    assert "invalid" in world.problems(SERIES + "settings: {release_rate: fast}\n")
