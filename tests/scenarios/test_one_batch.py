"""What comes together is judged as if it had come one by one, and what goes on beside a batch loses nobody."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relance.app import KINDS
from relance.db.pool import Transaction
from relance.db.share import everything
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.flows.engine import clock, tasks, walk
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

PLANTS = """
flow: Plants
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
"""


def publish(world: World, text: str) -> None:
    """Change the flow of that name and publish, while everything else stands still."""
    with world.database.transaction() as tx:
        now = world.clock.now()
        applied = apply(tx, now, KINDS, world.shop.account_id, {}, read_flow(text))
        life.publish(tx, now, KINDS, applied.flow_id)


# ── One contact, several events ──


def test_many_events_of_one_contact_take_one_batch(world: World) -> None:
    """The first enters, the others find her inside; nobody behind her waits for that."""
    flow = world.flow(PLANTS.replace("tag_added: {tag: vip}", "event_api: {name: order}"))
    world.person(ANA)
    world.settle()
    for _ in range(50):
        world.event(ANA, "order")
    assert world.dispatcher.batch(world.share) == 50
    assert world.entries(flow, ANA) == ["E00"] + ["E17"] * 49


def test_the_same_occurrence_told_twice_in_one_batch_enters_once(world: World) -> None:
    flow = world.flow(PLANTS.replace("tag_added: {tag: vip}", "flow_api"))
    world.person(ANA)
    world.call(flow, ANA, key="order-1")
    world.call(flow, ANA, key="order-1")
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_an_answer_that_waits_its_turn_is_counted_once(world: World) -> None:
    """The sent email is heard by the exit condition: behind another event of Ana's it waits for the next batch."""
    flow = world.flow("""
flow: Offer
audience: Customers
triggers:
  - tag_added: {tag: vip}
  - event_api: order
steps:
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
  - delay: 1 day
settings: {exit_condition: {all: [{email_opened: Offer}]}}
""")
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.event(ANA, "order")
    world.sender.batch(everything())
    world.settle()
    assert world.path(flow, ANA).count("S00") == 1
    assert world.figure(flow, "S00") == 1


def test_one_event_is_goal_and_release(world: World) -> None:
    flow = world.flow("""
flow: Basket
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - wait_for_trigger: {event_api: {name: order}, up_to: 5 days, met: [{add_tag: bought}]}
settings: {goal: {event: order, within: 10 days}, exit_on_goal: false}
""")
    world.person(ANA, tags=["vip"])
    world.settle()
    world.later(hours=1)
    world.event(ANA, "order")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]
    assert world.figure(flow, "goal") == 1


def test_a_goal_in_the_batch_of_the_answer_lets_the_run_go_on(world: World) -> None:
    flow = world.flow("""
flow: Basket
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
  - add_tag: written
settings: {goal: {event: order, within: 10 days}, exit_on_goal: false}
""")
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.clock.advance(timedelta(seconds=1))
    world.sender.batch(everything())
    world.event(ANA, "order")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "B11", "X00"]
    assert world.figure(flow, "goal") == 1


# ── A flow that is changed meanwhile ──


def test_a_publication_waits_for_the_judgement_in_hand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judgement knows the forms of conditions as they were when it began: new ones come with the next batch."""
    flow = world.flow(PLANTS)
    world.person(ANA, fields={"FNAME": "Ana"})
    world.person(BEN, fields={"FNAME": "Ben"})
    world.tag(ANA, "vip")
    learn = world.dispatcher._learn_forms
    stricter = PLANTS + "settings: {entry_filter: {field: FNAME, starts: An}}\n"
    publishing = threading.Thread(target=publish, args=(world, stricter))

    def and_publish(tx: Transaction, epoch: int) -> None:
        learn(tx, epoch)
        if not publishing.ident:
            publishing.start()
            publishing.join(0.3)
            assert publishing.is_alive(), "the publication waits"

    monkeypatch.setattr(world.dispatcher, "_learn_forms", and_publish)
    world.judge()
    publishing.join(10)
    assert world.entries(flow, ANA) == ["E00"]
    world.clock.advance(timedelta(seconds=1))
    world.tag(BEN, "vip")
    world.settle()
    assert world.entries(flow, BEN) == ["E15"]


def test_a_resume_while_somebody_is_being_held_holds_nobody_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = world.flow(PLANTS + "  - add_tag: done\n")
    world.person(ANA, tags=["vip"])
    world.settle()
    world.pause(flow)
    world.clock.advance(timedelta(days=2))
    settle = walk.Walk.settle

    def resume_first(batch: walk.Walk) -> None:
        monkeypatch.setattr(walk.Walk, "settle", settle)
        world.resume(flow)
        settle(batch)

    monkeypatch.setattr(walk.Walk, "settle", resume_first)
    world.settle()
    assert world.path(flow, ANA)[-3:] == ["W04", "B11", "X00"]


def test_a_flow_archived_while_people_move_keeps_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = world.flow(PLANTS)
    world.person(ANA, tags=["vip"])
    settle = walk.Walk.settle

    def archive_first(batch: walk.Walk) -> None:
        monkeypatch.setattr(walk.Walk, "settle", settle)
        world.drain(flow)
        world.archive_flow(flow)
        settle(batch)

    monkeypatch.setattr(walk.Walk, "settle", archive_first)
    world.settle()
    assert world.path(flow, ANA)[-1] == "X13"


def test_a_date_that_is_edited_while_its_run_arrives_moves_the_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The arrival reads the old date; its run is waited for, and looks again."""
    world.field("RENEWS", "date")
    world.person(ANA, fields={"RENEWS": "2026-06-20"})
    flow = world.flow("""
flow: Patience
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - wait_until: {field: RENEWS}
  - add_tag: done
""")
    world.tag(ANA, "vip")
    world.judge()
    settle = walk.Walk.settle
    judging = threading.Thread(target=world.dispatcher.batch, args=(world.share,))

    def edit_first(batch: walk.Walk) -> None:
        monkeypatch.setattr(walk.Walk, "settle", settle)
        world.person(ANA, fields={"RENEWS": "2026-05-15"})
        judging.start()
        judging.join(0.5)
        settle(batch)

    monkeypatch.setattr(walk.Walk, "settle", edit_first)
    world.advancer.batch(world.share)
    judging.join(10)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W07", "W07"]
    world.until(datetime(2026, 5, 16, tzinfo=UTC))
    assert world.path(flow, ANA)[-2:] == ["B11", "X00"]


@pytest.mark.parametrize("first", [True, False])
def test_a_date_written_while_the_clock_looks_is_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """Its moment has just passed: the look in hand has read the data of before, and the dispatcher waits for it."""
    world.field("RENEWS", "date")
    world.person(ANA)
    if not first:
        world.until(datetime(2026, 5, 5, 6, 58, tzinfo=UTC))
    flow = world.flow(PLANTS.replace("tag_added: {tag: vip}", 'date_specific: {field: RENEWS, at: "09:00"}'))
    world.settle()
    if not first:
        world.clock.set(datetime(2026, 5, 5, 6, 59, 30, tzinfo=UTC))
        world.engine_clock.look(world.share)
    world.clock.set(datetime(2026, 5, 5, 7, 1, tzinfo=UTC))
    tell = clock._append
    judging = threading.Thread(target=world.dispatcher.batch, args=(world.share,))

    def write_first(*looked: Any) -> None:
        monkeypatch.setattr(clock, "_append", tell)
        world.person(ANA, fields={"RENEWS": "2026-05-05"})
        judging.start()
        judging.join(0.5)
        tell(*looked)

    monkeypatch.setattr(clock, "_append", write_first)
    world.engine_clock.look(world.share)
    judging.join(10)
    world.settle()
    assert world.entries(flow, ANA) == ["E00"]
    world.later(days=1)
    assert world.entries(flow, ANA) == ["E00"]


@pytest.mark.parametrize("manual", [True, False])
def test_added_by_hand_just_before_a_publication(world: World, manual: bool) -> None:
    """Whoever was added enters by the version that is live when it is judged, trigger 10 or not."""
    by_hand = PLANTS.replace("triggers:", "triggers:\n  - manual: {}")
    flow = world.flow(by_hand if manual else PLANTS)
    world.person(ANA)
    world.settle()
    world.add_by_hand(flow, ANA)
    world.clock.advance(timedelta(seconds=1))
    world.pause(flow)
    publish(world, PLANTS if manual else by_hand)
    world.resume(flow)
    world.settle()
    assert world.entries(flow, ANA) == ["E00"]


def test_a_pause_does_not_hold_whom_the_exit_condition_takes_out(world: World) -> None:
    flow = world.flow("""
flow: Plants
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
  - delay: 1 day
settings: {exit_condition: {created: {not_within: 2}}}
""")
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    world.clock.advance(timedelta(days=3))
    world.pause(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W10", "S20", "X01"]


# ── What fails, fails alone ──


def corrupt(world: World) -> None:
    """Stored conditions that no longer fit their form: a mistake of ours that the database refuses to compute."""
    with world.database.transaction() as tx:
        tx.connection.execute("""update condition set params = '["not a number"]'""")


def test_an_event_that_cannot_be_judged_keeps_nobody_waiting(world: World) -> None:
    strict = world.flow(PLANTS + "settings: {entry_filter: {created: {within: 2}}}\n")
    open_to_all = world.flow(PLANTS.replace("Plants", "Others").replace("tag_added: {tag: vip}", "event_api: order"))
    many = [ANA, *(f"person{n}@example.com" for n in range(12))]
    for email in (*many, BEN):
        world.person(email)
    with world.database.transaction() as tx:
        kept: Any = tx.connection.execute("select condition_id, params::text from condition").fetchall()
    world.settle()
    corrupt(world)
    for email in many:
        world.tag(email, "vip")
    world.event(BEN, "order")
    world.settle()
    assert world.entries(open_to_all, BEN) == ["E00"]
    assert [world.entered(strict, email) for email in many] == [0] * len(many), "not judged"

    with world.database.transaction() as tx:
        for condition_id, params in kept:
            tx.connection.execute(
                "update condition set params = %s::jsonb where condition_id = %s", (params, condition_id)
            )
    world.later(minutes=20)
    world.settle()
    assert [world.entered(strict, email) for email in many] == [1] * len(many), (
        "after the repair it is judged by itself"
    )


def test_a_run_that_cannot_be_moved_keeps_nobody_waiting(world: World) -> None:
    broken = world.flow("""
flow: Broken
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - if_else: {when: {created: {within: 2}}, then: [{add_tag: new}], else: [{add_tag: old}]}
""")
    sound = world.flow(PLANTS.replace("Plants", "Others"))
    for email in (ANA, BEN):
        world.person(email)
    with world.database.transaction() as tx:
        kept: Any = tx.connection.execute("select condition_id, params::text from condition").fetchall()
    world.settle()
    corrupt(world)
    world.tag(ANA, "vip")
    world.tag(BEN, "vip")
    world.settle()
    for email in (ANA, BEN):
        assert world.path(sound, email) == ["E00", "W01"]
        assert world.path(broken, email) == ["E00"]

    with world.database.transaction() as tx:
        for condition_id, params in kept:
            tx.connection.execute(
                "update condition set params = %s::jsonb where condition_id = %s", (params, condition_id)
            )
    world.later(minutes=20)
    assert [world.path(broken, email)[-1] for email in (ANA, BEN)] == ["X00", "X00"]


def test_a_task_that_cannot_be_done_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ana's flow was resumed, and its release fails; Ben's goes on. It is tried again, and after the repair Ana does."""
    failing = world.flow(PLANTS + "  - add_tag: done\n")
    sound = world.flow(PLANTS.replace("Plants", "Others").replace("vip", "fan"))
    world.person(ANA, tags=["vip"])
    world.person(BEN, tags=["fan"])
    world.settle()
    world.pause(failing)
    world.later(days=2)
    tried = []

    def fail(*_: Any, **__: Any) -> int:
        tried.append(world.clock.now())
        raise ZeroDivisionError("a mistake")

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "let_go", fail)
        world.resume(failing)
        world.tag(ANA, "fan")
        for _ in range(60):
            world.settle()
            world.clock.advance(timedelta(minutes=1))
        assert world.path(sound, ANA) == ["E00", "W01"]
        assert world.path(sound, BEN)[-1] == "X00"
        assert 2 <= len(tried) <= 4, "again, and not all the time"
        with world.database.transaction() as tx:
            assert tasks.count_set_aside(tx) == (1, "ZeroDivisionError: a mistake")
    world.clock.advance(timedelta(hours=2))
    world.settle()
    assert world.path(failing, ANA)[-2:] == ["B11", "X00"]
    with world.database.transaction() as tx:
        assert tasks.count_set_aside(tx) == (0, "")


def test_a_look_that_fails_sets_nobody_aside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was in hand in the batch before is not to blame."""
    flow = world.flow(PLANTS)
    world.person(ANA, tags=["vip"])
    world.settle()

    def fail(*_: Any) -> list[Any]:
        raise ZeroDivisionError("a mistake")

    for loop, look in ((world.advancer, "_claim"), (world.dispatcher, "_pick")):
        with monkeypatch.context() as broken:
            broken.setattr(loop, look, fail)
            with pytest.raises(ZeroDivisionError):
                loop.batch(world.share)
    world.later(days=1)
    assert world.path(flow, ANA) == ["E00", "W01", "X00"]
