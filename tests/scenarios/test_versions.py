"""A new version is published while people are inside (spec/flows.md 5.5)."""

from __future__ import annotations

import pytest

from relance.flows.definition.problems import FlowRefused
from relance.kernel.errors import Conflict
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


def series(*steps: str) -> str:
    lines = "\n".join(f"  - {step}" for step in steps)
    return f"""
flow: Series
audience: Customers
triggers:
  - tag_added: {{tag: vip}}
steps:
{lines}
"""


FIRST, SECOND = "{id: first, delay: 4 days}", "{id: second, delay: 4 days}"
DONE = "add_tag: done"


def inside(world: World, *steps: str) -> int:
    flow = world.flow(series(*steps))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    return flow


def test_who_is_inside_goes_on_at_the_same_step_of_the_new_version(world: World) -> None:
    flow = inside(world, FIRST, DONE)
    assert world.flow(series(FIRST, "add_tag: extra", DONE)) == flow
    assert world.path(flow, ANA) == ["E00", "W01"]
    world.later(days=3)
    assert world.tags_of(ANA) == {"vip", "extra", "done"}
    assert world.path(flow, ANA) == ["E00", "W01", "B11", "B11", "X00"]


def test_a_step_put_before_where_somebody_is_does_not_call_them_back(world: World) -> None:
    inside(world, FIRST, DONE)
    world.flow(series("add_tag: extra", FIRST, DONE))
    world.later(days=4)
    assert world.tags_of(ANA) == {"vip", "done"}


def test_the_next_who_enters_goes_the_new_way(world: World) -> None:
    inside(world, FIRST, DONE)
    world.flow(series("add_tag: extra", FIRST, DONE))
    world.person(BEN, tags=["vip"])
    world.settle()
    assert "extra" in world.tags_of(BEN)


def test_a_deleted_step_moves_people_to_the_next_surviving_one(world: World) -> None:
    flow = inside(world, FIRST, "{id: other, add_tag: other}", SECOND, DONE)
    world.flow(series(SECOND, DONE))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W01"], "at the second delay now, whose four days begin"
    world.later(days=3, hours=23)
    assert world.at(flow, ANA) == "delay"
    world.later(hours=2)
    assert world.tags_of(ANA) == {"vip", "done"}, "the deleted tag step on the way is not done"


def test_x14_nothing_of_the_path_is_left(world: World) -> None:
    flow = inside(world, FIRST)
    world.flow(series("{id: new, add_tag: new}"))
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "X14"]


def test_a_longer_delay_counts_from_the_arrival(world: World) -> None:
    flow = inside(world, FIRST, DONE)
    world.flow(series(FIRST.replace("4 days", "6 days"), DONE))
    world.later(days=4)
    assert world.path(flow, ANA) == ["E00", "W01"]
    world.later(days=1)
    assert world.path(flow, ANA) == ["E00", "W01", "B11", "X00"]


@pytest.mark.parametrize(("now", "gone"), [("2 days", False), ("12 hours", True)])
def test_a_shorter_delay_too_and_if_it_is_over_people_leave_at_once(world: World, now: str, gone: bool) -> None:
    flow = inside(world, FIRST, DONE)
    world.flow(series(FIRST.replace("4 days", now), DONE))
    world.settle()
    assert (world.at(flow, ANA) is None) is gone
    world.later(days=1)
    assert world.tags_of(ANA) == {"vip", "done"}


def test_changed_in_a_pause_it_counts_from_the_resume_on(world: World) -> None:
    flow = inside(world, FIRST, DONE)
    world.pause(flow)
    world.flow(series(FIRST.replace("4 days", "12 hours"), DONE), on=False)
    world.publish(flow)
    world.settle()
    assert world.at(flow, ANA) == "delay"
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "B11", "X00"]


def test_a_changed_wait_waits_for_the_new_thing_until_the_new_limit(world: World) -> None:
    wait = "{id: wait, wait_for_trigger: {event_api: {name: paid}, up_to: 20 days}}"
    flow = inside(world, wait, DONE)
    world.person(BEN, tags=["vip"])
    world.settle()
    world.flow(series(wait.replace("paid", "signed").replace("20 days", "5 days"), DONE))
    world.later(days=1)
    world.event(ANA, "paid")
    world.event(BEN, "signed")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06"]
    assert world.path(flow, BEN) == ["E00", "W06", "B04", "B11", "X00"]
    world.later(days=3)
    assert world.path(flow, ANA) == ["E00", "W06", "B05", "B11", "X00"]


def test_an_email_not_written_yet_is_written_as_it_is_now(world: World) -> None:
    letter = 'send_email: {email: Letter, subject: Old news, html: "<p>Hello.</p>"}'
    inside(world, FIRST, letter)
    world.flow(series(FIRST, letter.replace("Old news", "Fresh news")))
    world.later(days=4)
    assert world.subjects(ANA) == ["Fresh news"]


def test_publishing_an_unchanged_trigger_does_not_arm_it_anew(world: World) -> None:
    flow = world.flow(series(FIRST, DONE))
    world.person(ANA)
    world.later(hours=1)
    world.tag(ANA, "vip")
    world.flow(series(FIRST, "add_tag: extra", DONE))
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_nobody_is_written_to_twice_whatever_is_published(world: World) -> None:
    letter = 'send_email: {email: Letter, subject: News, html: "<p>Hello.</p>"}'
    flow = world.flow(series(letter, FIRST, DONE))
    world.person(ANA, tags=["vip"])
    world.settle()
    world.flow(series(FIRST, letter, DONE))  # the letter moves behind the delay
    world.later(days=6)
    assert world.path(flow, ANA).count("S00") == 1
    assert "done" in world.tags_of(ANA)


BRANCHES = """{if_else: {ways: [{when: {tag: gold}, then: [{id: in-gold, delay: 4 days}, {id: gold-tag, add_tag: was gold}]},
    {when: {tag: blue}, then: [{id: in-blue, add_tag: was blue}]}], else: [{id: in-else, add_tag: was else}]}}"""


def in_a_branch(world: World) -> int:
    flow = world.flow(series(BRANCHES, DONE))
    world.person(ANA, tags=["gold", "vip"])
    world.later(days=1)
    return flow


def test_v23_a_deleted_branch_with_people_in_it_is_asked_about(world: World) -> None:
    flow = in_a_branch(world)
    world.flow(series("{add_tag: instead}", DONE), on=False)
    with pytest.raises(FlowRefused, match="V23: people are inside a branch that is gone: 1"):
        world.publish(flow)
    assert world.path(flow, ANA)[-1] == "W01"


@pytest.mark.parametrize(
    ("removed", "codes", "tags"),
    [
        ("after_join", ["B11", "X00"], {"done"}),
        ("exit", ["X14"], set()),
    ],
)
def test_people_of_a_deleted_branch_go_where_was_said(
    world: World, removed: str, codes: list[str], tags: set[str]
) -> None:
    flow = in_a_branch(world)
    world.flow(series("{add_tag: instead}", DONE), on=False)
    world.publish(flow, removed=removed)
    world.settle()
    assert world.path(flow, ANA)[3:] == codes
    assert world.tags_of(ANA) == {"gold", "vip"} | tags


def test_or_in_another_branch(world: World) -> None:
    flow = in_a_branch(world)
    world.flow(series("{id: in-else, add_tag: was else}", DONE), on=False)
    world.publish(flow, removed="other_branch")
    world.settle()
    assert world.tags_of(ANA) == {"gold", "vip", "was else", "done"}


def test_a_branch_without_people_goes_without_a_question(world: World) -> None:
    flow = world.flow(series(BRANCHES, DONE))
    world.flow(series("{add_tag: instead}", DONE), on=False)
    world.publish(flow)


def test_people_inside_may_finish_the_version_they_are_in(world: World) -> None:
    flow = inside(world, FIRST, "{id: old, add_tag: old way}", DONE)
    world.flow(series(FIRST, "{id: new, add_tag: new way}", DONE), on=False)
    world.publish(flow, inside="finish_old")
    world.person(BEN, tags=["vip"])
    world.later(days=4)
    assert world.tags_of(ANA) == {"vip", "old way", "done"}
    world.later(days=1)
    assert world.tags_of(BEN) == {"vip", "new way", "done"}


def test_who_finishes_an_old_version_waits_for_what_it_says(world: World) -> None:
    wait = "{id: wait, wait_for_trigger: {event_api: {name: paid}, up_to: 20 days}}"
    flow = inside(world, wait, DONE)
    world.flow(series(wait.replace("paid", "signed"), DONE), on=False)
    world.publish(flow, inside="finish_old")
    world.person(BEN, tags=["vip"])
    world.later(hours=1)
    world.event(ANA, "signed")
    world.event(BEN, "paid")
    world.settle()
    assert (world.at(flow, ANA), world.at(flow, BEN)) == ("wait_for_trigger", "wait_for_trigger")
    world.event(ANA, "paid")
    world.event(BEN, "signed")
    world.settle()
    assert (world.at(flow, ANA), world.at(flow, BEN)) == (None, None)


def test_a_later_version_takes_everybody_along(world: World) -> None:
    flow = inside(world, FIRST, "{id: old, add_tag: old way}", DONE)
    world.flow(series(FIRST, "{id: new, add_tag: new way}", DONE), on=False)
    world.publish(flow, inside="finish_old")
    world.flow(series(FIRST, "{id: newest, add_tag: newest way}", DONE))
    world.later(days=4)
    assert world.tags_of(ANA) == {"vip", "newest way", "done"}


def test_triggers_are_changed_while_the_flow_is_paused(world: World) -> None:
    """G9 ★: what lets people in does not change under way; steps may."""
    text = """
flow: Care
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
"""
    flow = world.flow(text)
    changed = text.replace("tag: vip", "tag: fan")
    assert world.flow(changed, on=False) == flow
    with pytest.raises(Conflict, match="triggers are changed while the flow is paused"):
        world.publish(flow)
    world.person(ANA)
    world.tag(ANA, "fan")
    world.settle()
    assert world.entered(flow, ANA) == 0
    world.pause(flow)
    world.publish(flow)
    world.resume(flow)
    world.tag(ANA, remove=["fan"])
    world.tag(ANA, "fan")
    world.settle()
    assert world.entered(flow, ANA) == 1
