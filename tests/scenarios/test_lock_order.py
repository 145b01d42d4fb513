"""Whoever publishes, judges, moves and records at one time waits for the others, and never in a circle
(docs/architecture.md, lock order): nobody is sent away with "too busy"."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relance.app import KINDS
from relance.audience.record_event import Fact, record_event
from relance.audience.segments import store as segments
from relance.db.pool import Transaction
from relance.flows import life
from relance.flows.definition import publish as publication
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

PLANTS = """
flow: Plants
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
settings: {goal: {event: order, within: 10 days}}
"""
GROWN = """
flow: Grown
audience: Customers
triggers:
  - date_added: {}
steps:
  - delay: 1 day
"""


class Beside:
    """Something that goes on at the same time, on a connection of its own."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.trouble: list[BaseException] = []
        self._do = do
        self._thread = threading.Thread(target=self._run)

    def start(self, waits: float = 0.3) -> None:
        """Once. It gets as far as it can."""
        if not self._thread.ident:
            self._thread.start()
            self._thread.join(waits)

    @property
    def waiting(self) -> bool:
        return self._thread.is_alive()

    def ends(self) -> None:
        self._thread.join(20)
        assert not self.waiting
        assert self.trouble == []

    def _run(self) -> None:
        try:
            self._do()
        except BaseException as error:
            self.trouble.append(error)


def draft(world: World, text: str) -> int:
    with world.database.transaction() as tx:
        return apply(tx, world.clock.now(), KINDS, world.shop.account_id, {}, read_flow(text)).flow_id


def publish(world: World, flow_id: int) -> None:
    with world.database.transaction() as tx:
        life.publish(tx, world.clock.now(), KINDS, flow_id)


def publishing(world: World, text: str) -> Beside:
    flow_id = draft(world, text)
    return Beside(lambda: publish(world, flow_id))


def in_the_next_batch(world: World, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Between the moment that the dispatcher takes a batch and its judgement."""
    learn = world.dispatcher._learn_forms

    def learn_and_do(tx: Transaction, epoch: int) -> None:
        learn(tx, epoch)
        do()

    monkeypatch.setattr(world.dispatcher, "_learn_forms", learn_and_do)


def test_a_publication_beside_a_batch_that_tells_a_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ben joins after nine: the judgement itself records that his moment has come."""
    world.flow(PLANTS)
    grown = world.flow(GROWN)
    world.until(datetime(2026, 5, 5, 12, tzinfo=UTC))
    world.person(BEN)
    published = publishing(world, PLANTS.replace("1 day", "2 days"))
    in_the_next_batch(world, monkeypatch, published.start)
    world.judge()
    published.ends()
    world.settle()
    assert world.entries(grown, BEN) == ["E00"]


def test_a_publication_beside_a_batch_that_waits_for_people_on_the_move(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ana's run is in the advancer's hands, the judgement wants it, and then the advancer records what it has done."""
    flow = world.flow(PLANTS)
    ana = world.person(ANA, tags=["vip"])
    world.person(BEN)
    world.settle()
    world.clock.advance(timedelta(seconds=1))
    world.event(ANA, "order")
    published = publishing(world, PLANTS.replace("1 day", "2 days"))
    in_the_next_batch(world, monkeypatch, published.start)
    judged = Beside(world.judge)
    with world.database.transaction() as tx:
        tx.connection.execute("select from run where contact_id = %s for update", (ana,))
        judged.start(0.6)
        assert judged.waiting
        assert published.waiting
        record_event(tx, world.clock.now(), Fact(world.shop.customers, BEN, "seen"))
    judged.ends()
    published.ends()
    world.settle()
    assert world.figure(flow, "goal") == 1


def test_a_publication_steps_aside_for_those_who_are_to_record_something(world: World) -> None:
    """We have recorded something and want Ben's row; another one has that, and has yet to record: it queues behind the
    publication, which waits for us."""
    world.person(ANA)
    world.person(BEN)
    world.settle()
    published = publishing(world, PLANTS)
    tagged = Beside(lambda: world.tag(BEN, "keen"))
    with world.database.transaction() as tx:
        record_event(tx, world.clock.now(), Fact(world.shop.customers, ANA, "seen"))
        published.start()
        tagged.start()
        tx.connection.execute("select from contact where contact_id = %s for update", (world.contact(BEN).contact_id,))
        assert published.waiting
    tagged.ends()
    published.ends()
    assert world.tags_of(BEN) == {"keen"}


def test_a_publication_beside_a_look_for_broken_flows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two flows break at once while the second is being published."""
    flows = {world.flow(PLANTS.replace("Plants", name)): name for name in ("Plants", "Herbs")}
    first, second = sorted(flows)
    draft(world, PLANTS.replace("Plants", flows[second]).replace("1 day", "2 days"))
    world.delete_tag("vip")
    looked = Beside(world.care.all)
    change = publication.change_listeners

    def look_first(tx: Transaction) -> None:
        looked.start()
        change(tx)

    monkeypatch.setattr(publication, "change_listeners", look_first)
    publish(world, second)
    looked.ends()
    assert [world.state(flow) for flow in (first, second)] == ["broken", "broken"]


def test_a_segment_is_saved_beside_a_message_that_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody had the email before: the segment of those who did not open it is asked anew."""
    world.flow(PLANTS.replace("delay: 1 day", 'send_email: {email: News, subject: News, html: "<p>New.</p>"}'))
    world.segment("Sleepy", "{email_not_opened: News}")
    world.person(ANA, tags=["vip"])
    world.settle(sending=False)
    sent = Beside(lambda: world.sender.batch(world.share))
    ask = segments.ask_all

    def send_first(*args: Any) -> None:
        sent.start(2)
        ask(*args)

    monkeypatch.setattr(segments, "ask_all", send_first)
    world.edit_segment("Sleepy", "{email_not_opened: News, within: 7 days}")
    sent.ends()
    world.settle()
    assert world.members("Sleepy") == {ANA}


def test_what_hangs_on_an_audience_does_not_wait_for_its_segments(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new tag names the audience whose segment is being saved."""
    world.person(ANA, tags=["regular", "keen"])
    world.segment("Regulars", "{tag: regular}")
    tagged = Beside(lambda: world.tag(ANA, "brand-new"))
    set_levels = segments.set_levels

    def tag_first(*args: Any) -> None:
        tagged.start(5)
        assert not tagged.waiting
        set_levels(*args)

    monkeypatch.setattr(segments, "set_levels", tag_first)
    world.edit_segment("Regulars", "{tag: keen}")
    tagged.ends()
