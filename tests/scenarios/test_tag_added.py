"""Trigger 1, tag added (spec/flows.md 2.1), told from door to effect."""

from __future__ import annotations

from tests.scenarios.world import World

THANKS = """
flow: Thanks
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Thanks, subject: "Thank you, *|FNAME:friend|*", html: "<p>You are one of our best.</p>"}
"""


def test_1a_a_tag_set_by_the_api_starts_a_run_and_the_email_leaves(world: World) -> None:
    flow = world.flow(THANKS)
    world.person("ana@example.com", fields={"FNAME": "Ana"})
    world.tag("ana@example.com", "vip")
    world.settle()
    assert [mail.subject for mail in world.mails_to("ana@example.com")] == ["Thank you, Ana"]
    assert world.codes(flow, "ana@example.com") == ["E00", "W10", "S00", "X00"]


def test_1b_created_with_the_tag(world: World) -> None:
    flow = world.flow(THANKS)
    world.person("ben@example.com", tags=["vip"])
    world.settle()
    assert world.entered(flow, "ben@example.com") == 1


def test_1c_a_tag_already_held_fires_nothing(world: World) -> None:
    world.person("ana@example.com", tags=["vip"])
    flow = world.flow(THANKS)
    world.tag("ana@example.com", "vip")
    world.settle()
    assert world.codes(flow, "ana@example.com") == ["E01"]


def test_1d_a_tag_loaded_as_history_is_set_and_refused(world: World) -> None:
    flow = world.flow(THANKS)
    world.person("ana@example.com")
    world.tag("ana@example.com", "vip", syncing=True)
    world.settle()
    assert world.tags_of("ana@example.com") == {"vip"}
    assert world.codes(flow, "ana@example.com") == ["E05"]


def test_removed_and_added_again_follows_re_entry(world: World) -> None:
    flow = world.flow(THANKS)
    world.person("ana@example.com")
    for _ in range(2):
        world.tag("ana@example.com", "vip")
        world.settle()
        world.tag("ana@example.com", remove=["vip"])
        world.settle()
    assert [code for code in world.codes(flow, "ana@example.com") if code.startswith("E")] == ["E00", "E18"]


def test_another_tag_is_not_this_one(world: World) -> None:
    flow = world.flow(THANKS)
    world.person("ana@example.com")
    world.tag("ana@example.com", "newsletter")
    world.settle()
    assert world.codes(flow, "ana@example.com") == ["E27"]
    assert world.mails_to("ana@example.com") == []
