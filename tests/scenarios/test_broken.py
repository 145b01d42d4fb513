"""An object that a live flow uses is deleted (spec/flows.md G14, 5.2)."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA, BEN, DEV = "ana@example.com", "ben@example.com", "dev@example.com"

TWO_DOORS = """
flow: Two doors
audience: Customers
triggers:
  - event_api: {name: paid}
  - tag_added: {tag: vip}
steps:
  - delay: 1 day
  - join_group: Interests / Ferns
  - add_tag: done
"""

WITH_FILTER = """
flow: Filtered
audience: Customers
triggers:
  - event_api: {name: paid}
    filter: {tag: gold}
  - event_api: {name: signed}
steps:
  - add_tag: done
"""


def two_doors(world: World) -> int:
    world.groups("Interests", "Ferns", "Roses")
    return world.flow(TWO_DOORS)


def test_a_deleted_tag_breaks_the_trigger_that_names_it_and_the_others_go_on(world: World) -> None:
    flow = two_doors(world)
    world.person(ANA)
    world.delete_tag("vip")
    world.settle()
    assert world.state(flow) == "broken"
    assert world.problems_of(flow) == ["trigger 2 (tag_added): the tag it names is not there"]
    world.event(ANA, "paid")
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_e04_a_trigger_whose_filter_cannot_be_asked(world: World) -> None:
    flow = world.flow(WITH_FILTER)
    world.person(ANA, tags=["gold"])
    world.person(BEN)
    world.delete_tag("gold")
    world.settle()
    world.event(ANA, "paid")
    world.event(BEN, "signed")
    world.settle()
    assert world.path(flow, ANA) == ["E04"]
    assert world.why_in(flow, ANA, "fr") == ["un objet ou un prérequis du déclencheur manque"]
    assert world.entered(flow, BEN) == 1


def test_w09_people_hold_at_the_broken_step_and_go_on_when_it_is_mended(world: World) -> None:
    flow = two_doors(world)
    world.person(ANA)
    world.event(ANA, "paid")
    world.settle()
    world.delete_group("Ferns")
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W09"]
    assert world.state(flow) == "broken"
    world.flow(TWO_DOORS.replace("Interests / Ferns", "Interests / Roses"))
    world.settle()
    assert world.state(flow) == "live"
    assert world.groups_of(ANA) == {"Roses"}
    assert world.path(flow, ANA) == ["E00", "W01", "W09", "B11", "B11", "X00"]


def test_it_heals_by_itself_when_the_object_is_back(world: World) -> None:
    letter = '{email: Letter, class: transactional, subject: "Hello *|NICK|*", html: "<p>Hello.</p>"}'
    world.field("NICK", "text")
    flow = world.flow(TWO_DOORS.replace("join_group: Interests / Ferns", f"send_email: {letter}"))
    world.person(ANA)
    world.event(ANA, "paid")
    world.settle()
    world.delete_field("NICK")
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W09"]
    world.field("NICK", "text")
    world.settle()
    assert world.problems_of(flow) == []
    assert world.state(flow) == "live"
    assert world.subjects(ANA) == ["Hello"]
    assert world.path(flow, ANA)[-2:] == ["B11", "X00"]


def test_the_team_is_told_once(world: World) -> None:
    flow = two_doors(world)
    world.delete_tag("vip")
    world.settle()
    world.delete_group("Ferns")
    world.later(days=1)
    assert world.state(flow) == "broken"
    assert len(world.problems_of(flow)) == 2
    assert world.alerts() == ["broken"]


def test_a_draining_flow_breaks_and_still_takes_nobody_in(world: World) -> None:
    flow = two_doors(world)
    world.person(ANA)
    world.event(ANA, "paid")
    world.settle()
    world.drain(flow)
    world.delete_group("Ferns")
    world.later(days=2)
    assert world.state(flow) == "broken"
    world.person(BEN)
    world.event(BEN, "paid")
    world.settle()
    assert world.path(flow, BEN) == ["E03"]


def test_an_archived_flow_breaks_those_that_start_it(world: World) -> None:
    started = world.flow("{flow: Started, audience: Customers, triggers: [manual], steps: [{add_tag: started}]}")
    starter = world.flow(
        "{flow: Starter, audience: Customers, triggers: [{tag_added: vip}], steps: [{start_flow: Started}, {add_tag: x}]}"
    )
    world.pause(started)
    world.archive_flow(started)
    world.settle()
    world.person(ANA, tags=["vip"])
    world.settle()
    assert world.state(starter) == "broken"
    assert world.path(starter, ANA)[-1] == "W09"


def test_a_paused_broken_flow_is_not_resumed_unmended(world: World) -> None:
    flow = world.flow(WITH_FILTER)
    world.delete_tag("gold")
    world.settle()
    world.pause(flow)
    assert world.state(flow) == "paused"
    world.resume(flow)  # without the checks that every surface asks first
    world.settle()
    assert world.state(flow) == "broken"


LETTER = TWO_DOORS.replace(
    "join_group: Interests / Ferns",
    'send_email: {email: Letter, class: transactional, subject: "Hello *|NICK|*", html: "<p>Hello.</p>"}',
)


def held_at_the_letter(world: World) -> int:
    """Ana has come to an email that names a field which is gone."""
    world.field("NICK", "text")
    flow = world.flow(LETTER)
    world.person(ANA)
    world.event(ANA, "paid")
    world.settle()
    world.delete_field("NICK")
    world.later(days=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W09"]
    return flow


@pytest.mark.parametrize("how", ["resume", "drain"])
def test_mended_in_a_pause_it_lets_people_go_when_the_pause_is_over(world: World, how: str) -> None:
    flow = held_at_the_letter(world)
    world.pause(flow)
    world.field("NICK", "text")
    world.settle()
    if how == "resume":
        world.resume(flow)
    else:
        world.drain(flow)
    world.settle()
    assert world.problems_of(flow) == []
    assert world.subjects(ANA) == ["Hello"]
    assert world.path(flow, ANA) == ["E00", "W01", "W09", "W10", "S00", "B11", "X00"]


def test_what_a_pause_made_too_late_is_not_sent_by_the_repair(world: World) -> None:
    flow = held_at_the_letter(world)
    world.person(BEN)
    world.event(BEN, "paid")
    world.settle()
    world.pause(flow)
    world.later(days=8)
    world.field("NICK", "text")
    world.resume(flow)
    world.settle()
    assert world.path(flow, BEN) == ["E00", "W01", "W04", "S15", "B11", "X00"]


def test_half_mended_in_a_pause_it_is_broken_again_and_lets_the_others_go(world: World) -> None:
    flow = held_at_the_letter(world)
    world.delete_tag("vip")
    world.settle()
    world.pause(flow)
    world.field("NICK", "text")
    world.resume(flow)
    world.settle()
    assert world.state(flow) == "broken"
    assert world.subjects(ANA) == ["Hello"]


def test_exits_still_work_for_those_who_are_held(world: World) -> None:
    world.groups("Interests", "Ferns")
    flow = world.flow(TWO_DOORS + "settings: {exit_condition: {event: bye}}\n")
    world.person(ANA)
    world.event(ANA, "paid")
    world.settle()
    world.delete_group("Ferns")
    world.later(days=2)
    world.event(ANA, "bye")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W09", "X01"]


def test_people_are_added_by_hand_to_a_broken_flow(world: World) -> None:
    flow = two_doors(world)
    world.person(DEV)
    world.delete_tag("vip")
    world.settle()
    world.add_by_hand(flow, DEV)
    world.settle()
    assert world.entered(flow, DEV) == 1
