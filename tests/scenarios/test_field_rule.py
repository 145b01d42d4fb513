"""Trigger 51, field rule (spec/flows.md section 4), told from door to effect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"


def ruled(rule: str) -> str:
    return f"""
flow: Ruled
audience: Customers
triggers:
  - field_rule: {rule}
steps:
  - add_tag: seen
settings: {{re_entry: true}}
"""


@pytest.mark.parametrize(
    ("rule", "values", "entries"),
    [
        ("POINTS", [10, 20, None], 3),
        ("{field: POINTS, from: 10, to: 20}", [10, 20, 10, 30, 20], 1),
        ("{field: POINTS, filled: true}", [10, 20, None, 0], 2),
        ("{field: POINTS, becomes_blank: true}", [10, None, 20], 1),
        ("{field: POINTS, crosses_above: 100}", [100, 101, 150, 100, 100.5], 2),
        ("{field: POINTS, crosses_above: 100}", [150, 160], 0),
        ("{field: POINTS, crosses_above: 100}", [50, None, 150], 0),
        ("{field: POINTS, crosses_below: 2.5}", [2.5, 2, 1, 3, -1], 2),
    ],
)
def test_the_old_and_the_new_value_satisfy_the_rule(world: World, rule: str, values: list[Any], entries: int) -> None:
    world.field("POINTS", "number")
    flow = world.flow(ruled(rule))
    world.person(ANA)
    for value in values:
        world.person(ANA, fields={"POINTS": value})
        world.later(hours=1)
    assert world.entered(flow, ANA) == entries
    assert world.tags_of(ANA) == ({"seen"} if entries else set())


def test_from_one_city_to_another_as_people_write_them(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(ruled("{field: CITY, from: Lyon, to: Paris}"))
    world.person(ANA, fields={"CITY": " LYON"})
    world.person(ANA, fields={"CITY": "paris"})
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_to_be_created_with_a_value_fills_the_field(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(ruled("{field: CITY, filled: true}"))
    world.person(ANA, fields={"CITY": "Lyon"})
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_loaded_as_history_it_is_refused(world: World) -> None:
    world.field("CITY", "text")
    flow = world.flow(ruled("CITY"))
    world.person(ANA)
    world.person(ANA, syncing=True, fields={"CITY": "Lyon"})
    world.settle()
    assert world.codes(flow, ANA) == ["E05"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{field: CITY, crosses_above: 3}", "V06"),
        ("{field: CITY, crosses_above: many}", "invalid"),
        ("{field: CITY, rule: crosses_above}", "V09"),
        ("{field: CITY, from: Lyon}", "V09"),
        ("{field: CITY, filled: true, from: Lyon, to: Paris}", "invalid"),
        ("{field: CITY, filled: false}", "invalid"),
        ("{field: POINTS, from: a, to: 3}", "invalid"),
        ("{field: TOWN}", "V06"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(world: World, rule: str, code: str) -> None:
    world.field("CITY", "text")
    world.field("POINTS", "number")
    assert code in world.problems(ruled(rule))


def test_written_out_and_read_again_it_is_the_same(world: World) -> None:
    """The flow file and back."""
    from relance.flows import store
    from relance.flows.definition.around import read_names
    from relance.flows.definition.forms import form_of
    from relance.flows.definition.writer import Writer
    from relance.flows.triggers.contact.field_rule import FIELD_RULE

    world.field("POINTS", "number")
    for rule in ("POINTS", {"field": "POINTS", "crosses_above": 100}, {"field": "POINTS", "from": 1, "to": 2}):
        flow_id = world.flow(ruled(str(rule).replace("'", "")), on=False)
        with world.database.transaction() as tx:
            flow = store.get_flow(tx, world.shop.account_id, "Ruled")
            settings = store.definition_of(tx, flow).triggers[0].settings
            names = read_names(tx, world.shop.customers.audience_id, flow_id)
        assert form_of(FIELD_RULE.key).write(Writer(names), FIELD_RULE.settings, settings) == rule
