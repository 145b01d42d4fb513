"""An event is judged when somebody listens as it is recorded; between event and publication there is no gap (0017)."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

from relance.app import KINDS
from relance.audience.record_event import Fact, record_event, record_events
from relance.db.pool import Transaction
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.flows.engine import dispatch
from tests.scenarios.world import World

ANA = "ana@example.com"

TRIAL = """
flow: Trial
audience: Customers
triggers:
  - event_api: trial_started
steps:
  - delay: 1 day
"""


def waiting(world: World) -> int:
    with world.database.transaction() as tx:
        row = tx.connection.execute("select count(*) from inbox").fetchone()
        assert row is not None
        return int(row[0])


def record(world: World, tx: Transaction, name: str) -> None:
    record_event(tx, world.clock.now(), Fact(world.shop.customers, ANA, name))


def publish(world: World, tx: Transaction, text: str = TRIAL) -> int:
    applied = apply(tx, world.clock.now(), KINDS, world.shop.account_id, {}, read_flow(text))
    life.publish(tx, world.clock.now(), KINDS, applied.flow_id)
    return applied.flow_id


def test_only_what_somebody_listens_to_is_judged(world: World) -> None:
    flow = world.flow(TRIAL)
    world.person(ANA)
    world.settle()
    world.event(ANA, "order")
    assert waiting(world) == 0
    world.event(ANA, "trial_started")
    assert waiting(world) == 1
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_of_events_that_come_together_only_those_that_somebody_hears_are_judged(world: World) -> None:
    """With and without the caller's own key; those that happened earlier, and those of this moment."""
    flow = world.flow(TRIAL)
    people = [f"c{n}@example.com" for n in range(6)]
    for who in people:
        world.person(who)
    world.settle()
    now, earlier = world.clock.now(), world.clock.now() - timedelta(days=1)
    for key in (None, "call"):
        facts = [
            Fact(
                world.shop.customers,
                who,
                "trial_started" if n % 3 == 0 else f"order_{n % 3}",
                occurred_at=earlier if n % 2 else None,
                key=key and f"{key} {n}",
            )
            for n, who in enumerate(people)
        ]
        with world.database.transaction() as tx:
            record_events(tx, now, facts)
            rows = tx.connection.execute("select match_key from inbox join event using (bucket, event_id)").fetchall()
            assert [row.match_key for row in rows] == ["trial_started", "trial_started"]
        world.settle()
    assert [world.entered(flow, who) for who in people] == [
        1,
        0,
        0,
        0,
        0,
        0,
    ]  # c3's lies before the flow was armed
    with world.database.transaction() as tx:
        rows = tx.connection.execute(
            "select occurred_at, count(*) as n from event where kind = 'contact.event' group by 1 order by 1"
        ).fetchall()
    assert [(row.occurred_at, row.n) for row in rows] == [(earlier, 6), (now, 6)]


def test_a_listener_without_a_key_hears_every_event(world: World) -> None:
    world.flow(TRIAL.replace("event_api: trial_started", "email_signup"))
    world.settle()
    world.person(ANA)
    assert waiting(world) > 0


def test_an_event_recorded_beside_a_publication_is_before_it(world: World) -> None:
    """The publication waits for the append under way, whose event nobody heard; the next one enters."""
    world.person(ANA)
    world.settle()
    done, flows = threading.Event(), []

    def publication() -> None:
        with world.database.transaction() as tx:
            flows.append(publish(world, tx))
        done.set()

    thread = threading.Thread(target=publication)
    with world.database.transaction() as tx:
        record(world, tx, "trial_started")
        thread.start()
        assert not done.wait(0.3)
    thread.join(10)
    world.settle()
    assert world.entered(flows[0], ANA) == 0
    world.event(ANA, "trial_started")
    world.settle()
    assert world.entered(flows[0], ANA) == 1


def test_an_event_that_waits_for_a_publication_is_heard(world: World) -> None:
    world.person(ANA)
    world.settle()
    done = threading.Event()

    def event() -> None:
        with world.database.transaction() as tx:
            record(world, tx, "trial_started")
        done.set()

    thread = threading.Thread(target=event)
    with world.database.transaction() as tx:
        flow = publish(world, tx)
        world.clock.advance(timedelta(seconds=1))
        thread.start()
        assert not done.wait(0.3)
    thread.join(10)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_what_the_judgement_itself_looks_for_is_always_judged() -> None:
    """Kinds that `told` names and that were not declared to move runs would be lost without a listener."""
    told = dispatch.queries.judge.text.split("told as materialized")[1].split("change as materialized")[0]
    where = told[told.index("where f.place") :]
    named = set(re.findall(r"'([a-z]+\.[a-z_]+)'", where))
    assert named == {kind.key for kind in KINDS.events if kind.moves_runs}
