"""Trigger 7, a field changes (spec/flows.md 2.1), told from door to effect."""

from __future__ import annotations

from typing import Any

import pytest

from tests import cast
from tests.scenarios.world import World

ANA = "ana@example.com"


def moved(settings: str = "field: CITY, value: Paris") -> str:
    return f"""
flow: Moved
audience: Customers
triggers:
  - field_changed: {{{settings}}}
steps:
  - send_email: {{email: Moved, subject: "Plants for *|CITY|*", html: "<p>Small ones.</p>"}}
"""


def test_7a_the_new_value_matches_and_the_old_one_does_not(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(moved())
    world.person(ANA, fields={"CITY": "Lyon"})
    world.later(days=1)
    world.person(ANA, fields={"CITY": "PARIS "})
    world.settle()
    assert world.subjects(ANA) == ["Plants for PARIS"]
    assert world.path(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_7b_written_otherwise_it_is_the_same_city(world: World) -> None:
    world.field("CITY", "text")
    world.person(ANA, fields={"CITY": "Paris"})
    flow = world.flow(moved())
    world.person(ANA, fields={"CITY": "paris"})
    world.settle()
    assert world.codes(flow, ANA) == ["E27"]


def test_7c_to_be_created_with_the_value_is_no_change(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(moved())
    world.person(ANA, fields={"CITY": "Paris"})
    world.settle()
    assert world.codes(flow, ANA) == ["E27"]


def test_unless_creation_counts(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(moved("field: CITY, value: Paris, include_creation: true"))
    world.person(ANA, fields={"CITY": "Paris"})
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_7d_what_the_flow_s_own_step_sets_does_not_start_it(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow("""
flow: Moved
audience: Customers
triggers:
  - field_changed: {field: CITY, value: Paris}
  - manual
steps:
  - update_field: {field: CITY, set: Paris}
settings: {re_entry: true}
""")
    world.person(ANA, fields={"CITY": "Lyon"})
    world.add_by_hand(flow, ANA)
    world.settle()
    assert [code for code in world.path(flow, ANA) if code.startswith("E")] == ["E00", "E20"]


def test_another_field_another_value_and_a_blank_are_not_this_one(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(moved())
    world.person(ANA, fields={"CITY": "Lyon", "FNAME": "Ana"})
    world.person(ANA, fields={"CITY": "Nice"})
    world.person(ANA, fields={"FNAME": "Paris"})
    world.person(ANA, fields={"CITY": ""})
    world.settle()
    assert set(world.codes(flow, ANA)) == {"E27"}


def test_blank_and_back_it_fires_again(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(moved() + "settings: {re_entry: true}\n")
    world.person(ANA)
    for city in ("Paris", "", "Paris"):
        world.person(ANA, fields={"CITY": city})
        world.later(hours=1)
    assert world.entered(flow, ANA) == 2


def test_an_import_that_updates_counts_and_one_that_loads_history_does_not(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(moved())
    world.person(ANA)
    world.person("ben@example.com")
    world.person(ANA, actor=cast.FILE, fields={"CITY": "Paris"})
    world.person("ben@example.com", syncing=True, fields={"CITY": "Paris"})
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.codes(flow, "ben@example.com") == ["E05"]


@pytest.mark.parametrize(
    ("kind", "value", "before", "after"),
    [
        ("number", "12.50", 12, "12.5"),
        ("date", "2026-06-01", "2026-05-01", "2026-06-01"),
        ("birthday", "03/14", "03/13", "3/14"),
        ("yes_no", "true", "no", "yes"),
        ("address", "{city: paris}", {"addr1": "1", "city": "Lyon"}, {"addr1": "2", "city": "Paris", "zip": "75001"}),
        ("url", "https://fern.example/a", "https://fern.example/b", "https://fern.example/a"),
    ],
)
def test_each_type_of_field_compares_in_its_own_way(
    world: World, kind: str, value: str, before: Any, after: Any
) -> None:
    world.field("THING", kind)
    text = f"""
flow: Thing
audience: Customers
triggers:
  - field_changed: {{field: THING, value: {value}}}
steps:
  - add_tag: seen
"""
    assert world.problems(text) == ["note"]
    flow = world.flow(text)
    world.person(ANA, fields={"THING": before})
    world.settle()
    assert world.entered(flow, ANA) == 0
    world.person(ANA, fields={"THING": after})
    world.settle()
    assert world.entered(flow, ANA) == 1


@pytest.mark.parametrize(
    ("kind", "value"), [("number", "many"), ("date", "soon"), ("address", "Paris"), ("yes_no", "x")]
)
def test_a_value_that_the_field_cannot_hold_is_refused(world: World, kind: str, value: str) -> None:
    world.field("THING", kind)
    assert "invalid" in world.problems(moved(f"field: THING, value: {value}"))


def test_a_value_is_needed(world: World) -> None:
    world.field("CITY", "text")
    assert "V09" in world.problems(moved("field: CITY"))
    assert "V09" in world.problems(moved('field: CITY, value: ""'))
