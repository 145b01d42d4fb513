"""A pause holds what is queued; what the mail server has is gone (spec/flows.md 5.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from relance.db.share import everything
from tests.scenarios.test_tag_added import THANKS
from tests.scenarios.world import World


def test_a_message_queued_when_the_flow_is_paused_waits_for_the_resume(world: World) -> None:
    flow = world.flow(THANKS)
    world.person("ana@example.com", fields={"FNAME": "Ana"})
    world.tag("ana@example.com", "vip")
    while world.dispatcher.batch(everything()) + world.advancer.batch(everything()):
        pass  # everything but the sender has worked: the message is in the outbox
    world.pause(flow)
    world.later(hours=2)
    assert world.mails_to("ana@example.com") == []
    world.resume(flow)
    world.later(minutes=2)
    assert [mail.subject for mail in world.mails_to("ana@example.com")] == ["Thank you, Ana"]
    assert world.codes(flow, "ana@example.com")[-2:] == ["S00", "X00"]


ANA = "ana@example.com"


def in_the_outbox(world: World) -> int:
    """Ana's thanks are queued; the sender has not come yet."""
    flow = world.flow(THANKS)
    world.person(ANA, fields={"FNAME": "Ana"})
    world.tag(ANA, "vip")
    world.settle(sending=False)
    return flow


@pytest.mark.parametrize(("late", "end"), [("skip", ["S15", "X00"]), ("end", ["S20", "X08"]), ("all", ["S00", "X00"])])
def test_the_sender_is_not_quicker_than_what_a_resume_says_of_late_messages(
    world: World, late: Any, end: list[str]
) -> None:
    flow = in_the_outbox(world)
    world.pause(flow)
    world.clock.advance(timedelta(days=5))
    world.settle()
    world.clock.advance(timedelta(minutes=2))
    world.resume(flow, late=late)
    world.sender.batch(world.share)
    assert world.mails_to(ANA) == []
    world.advancer.batch(world.share, 1)
    world.later(seconds=10)
    assert len(world.mails_to(ANA)) == (late == "all"), "and nobody waits for long"
    assert sorted(world.path(flow, ANA)[-2:]) == end


@pytest.mark.parametrize("tasks_done", [False, True])
def test_nor_than_a_removal(world: World, monkeypatch: pytest.MonkeyPatch, tasks_done: bool) -> None:
    """Neither before the run is told to leave, nor between that and its end."""
    flow = in_the_outbox(world)
    world.take_all_out(flow)
    if tasks_done:
        with monkeypatch.context() as only_tasks:
            only_tasks.setattr(world.advancer, "_claim", lambda *_: [])
            world.advancer.batch(world.share)
    world.sender.batch(world.share)
    assert world.mails_to(ANA) == []
    world.later(minutes=1)
    assert world.mails_to(ANA) == []
    assert sorted(world.path(flow, ANA)[-2:]) == ["S20", "X08"]


def test_nor_than_an_archive(world: World) -> None:
    flow = in_the_outbox(world)
    world.drain(flow)
    world.archive_flow(flow)
    world.sender.batch(world.share)
    assert world.mails_to(ANA) == []
