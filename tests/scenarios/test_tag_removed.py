"""Trigger 52, tag removed (spec/flows.md section 4), told from door to effect."""

from __future__ import annotations

from tests.scenarios.world import World

ANA = "ana@example.com"

GOODBYE = """
flow: Goodbye
audience: Customers
triggers:
  - tag_removed: vip
steps:
  - send_email: {email: Goodbye, subject: "We miss you, *|FNAME:friend|*", html: "<p>Come back any time.</p>"}
"""


def test_a_tag_taken_away_starts_a_run_and_the_email_leaves(world: World) -> None:
    flow = world.flow(GOODBYE)
    world.person(ANA, fields={"FNAME": "Ana"}, tags=["vip"])
    world.later(days=1)
    world.tag(ANA, remove=["vip"])
    world.settle()
    assert world.subjects(ANA) == ["We miss you, Ana"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_a_tag_that_was_not_there_fires_nothing(world: World) -> None:
    flow = world.flow(GOODBYE)
    world.person(ANA)
    world.tag(ANA, remove=["vip"])
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_another_tag_is_not_this_one(world: World) -> None:
    flow = world.flow(GOODBYE)
    world.person(ANA, tags=["newsletter"])
    world.tag(ANA, remove=["newsletter"])
    world.settle()
    assert world.codes(flow, ANA) == ["E27"]


def test_loaded_as_history_it_is_taken_away_and_refused(world: World) -> None:
    flow = world.flow(GOODBYE)
    world.person(ANA, tags=["vip"])
    world.tag(ANA, remove=["vip"], syncing=True)
    world.settle()
    assert world.tags_of(ANA) == set()
    assert world.codes(flow, ANA) == ["E05"]
