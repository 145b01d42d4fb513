"""A pause holds what is queued; what the mail server has is gone (spec/flows.md 5.2)."""

from __future__ import annotations

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
