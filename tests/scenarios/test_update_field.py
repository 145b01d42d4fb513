"""Step: change a field (spec/flows.md 6.2), in all its modes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"


def change(field: str, how: str) -> str:
    return f"""
flow: Change
audience: Customers
triggers:
  - event_api: bought
steps:
  - update_field: {{field: {field}, {how}}}
"""


@pytest.fixture
def shop(world: World) -> World:
    world.field("POINTS", "number")
    world.field("VISITED", "date")
    world.field("NOTES", "text")
    return world


def told(world: World, field: str, how: str, **event: Any) -> str:
    """The code of the step, for Ana, who has 10 points."""
    flow = world.flow(change(field, how))
    world.person(ANA, fields={"FNAME": "Ana", "POINTS": 10, "NOTES": "likes moss"})
    world.later(minutes=1)
    world.event(ANA, "bought", event)
    world.settle()
    assert [world.path(flow, ANA)[0], world.path(flow, ANA)[2]] == ["E00", "X00"]
    return world.path(flow, ANA)[1]


@pytest.mark.parametrize(
    ("field", "how", "value"),
    [
        ("POINTS", "add: 5", 15),
        ("POINTS", "subtract: 2.5", 7.5),
        ("POINTS", "set: 0", 0),
        ("NOTES", "set: likes ferns", "likes ferns"),
        ("NOTES", 'append: " and ferns"', "likes moss and ferns"),
        ("NOTES", 'set: "*|FNAME|* bought *|EVENT:what|*"', "Ana bought a palm"),
        ("VISITED", 'set: "2026-06-01"', "2026-06-01"),
        ("VISITED", "now: true", "2026-05-04"),
        ("NOTES", "clear: true", None),
    ],
)
def test_the_value_is_written(shop: World, field: str, how: str, value: Any) -> None:
    assert told(shop, field, how, what="a palm") == "B11"
    assert shop.value(ANA, field) == value


@pytest.mark.parametrize(
    ("field", "how", "before"),
    [("VISITED", "set: soon", None), ("POINTS", "set: many", 10), ("POINTS", 'add: "*|EVENT:what|*"', 10)],
)
def test_what_does_not_fit_changes_nothing(shop: World, field: str, how: str, before: Any) -> None:
    assert told(shop, field, how, what="a palm") == "B13"
    assert shop.value(ANA, field) == before


@pytest.mark.parametrize(("field", "how"), [("POINTS", "set: 10"), ("VISITED", "clear: true"), ("POINTS", "add: 0")])
def test_what_is_so_already_is_nothing_to_do(shop: World, field: str, how: str) -> None:
    assert told(shop, field, how) == "B12"


def test_adding_to_a_blank_starts_at_nothing(shop: World) -> None:
    flow = shop.flow(change("POINTS", "add: 5"))
    shop.person(ANA)
    shop.event(ANA, "bought")
    shop.settle()
    assert shop.value(ANA, "POINTS") == 5
    assert shop.path(flow, ANA) == ["E00", "B11", "X00"]


def test_two_flows_that_add_at_one_moment_add_up(shop: World) -> None:
    for name in ("Change", "Bonus"):
        shop.flow(change("POINTS", "add: 5").replace("flow: Change", f"flow: {name}"))
    shop.person(ANA, fields={"POINTS": 10})
    shop.event(ANA, "bought")
    shop.settle()
    assert shop.value(ANA, "POINTS") == 20


def test_a_birthday_written_by_a_flow_counts_like_any_other(world: World) -> None:
    world.flow(change("BIRTHDAY", 'set: "05/06"'))
    treat = world.flow("""
flow: Treat
audience: Customers
triggers:
  - birthday: {field: BIRTHDAY, at: "09:00"}
steps:
  - add_tag: treated
""")
    world.person(ANA)
    world.event(ANA, "bought")
    world.later(days=3)
    assert world.entered(treat, ANA) == 1


def test_an_unsubscribed_contact_s_fields_are_changed_too(shop: World) -> None:
    shop.flow(change("POINTS", "add: 1"))
    shop.person(ANA, email_status="unsubscribed")
    shop.event(ANA, "bought")
    shop.settle()
    assert shop.value(ANA, "POINTS") == 1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("*|LIST:NAME|*, *|FLOW:NAME|*", "Customers, Change"),
        ("*|EVENT:NAME|* on *|EVENT:DATE|*", "bought on May 4, 2026"),
        ("entered on *|FLOW:ENTERED|*", "entered on May 4, 2026"),
        ("*|INTERESTED:Plants:Ferns|*ferns*|ELSE:|*nothing*|END:INTERESTED|*", "ferns"),
        ("*|HOME:city|*", "Lyon"),
    ],
)
def test_every_tag_that_the_flow_may_use_has_its_value(shop: World, value: str, written: str) -> None:
    shop.field("HOME", "address")
    shop.groups("Plants", "Ferns")
    shop.flow(change("NOTES", f'set: "{value}"'))
    home = {"addr1": "1 rue du Bac", "city": "Lyon", "zip": "69001", "state": "-", "country": "FR"}
    shop.person(ANA, fields={"HOME": home})
    shop.choose(ANA, Ferns=True)
    shop.event(ANA, "bought")
    shop.settle()
    assert shop.value(ANA, "NOTES") == written


def test_a_value_can_say_how_many_emails_have_left(shop: World) -> None:
    email = 'send_email: {email: NAME, subject: Hello, html: "<p>Hello</p>"}'
    emails = "".join(f"  - {email.replace('NAME', name)}\n" for name in ("One", "Two"))
    text = change("NOTES", 'set: "*|AUTOMATION:CURRENT_EMAIL|* of *|AUTOMATION:TOTALEMAILS|*"')
    shop.flow(text.replace("steps:\n", f"steps:\n{emails}"))
    shop.person(ANA)
    shop.event(ANA, "bought")
    shop.settle()
    assert shop.value(ANA, "NOTES") == "2 of 2"


def test_a_tag_that_only_messages_can_fill_leaves_the_field_as_it_is(shop: World) -> None:
    """No value is better than a link that leads nowhere."""
    assert told(shop, "NOTES", 'set: "*|UNSUB|*"') == "B13"
    assert shop.value(ANA, "NOTES") == "likes moss"


def test_dates_are_those_of_the_flow_s_zone(shop: World) -> None:
    text = change("NOTES", 'set: "*|DATE:l|*, *|EVENT:DATE|*"')
    shop.flow(text)
    shop.flow(text.replace("flow: Change", "flow: There").replace("NOTES", "LNAME") + "settings: {zone: contact}\n")
    shop.person(ANA, zone="Asia/Tokyo")
    shop.later(hours=7)
    shop.event(ANA, "bought")
    shop.settle()
    assert shop.value(ANA, "NOTES") == "Monday, May 4, 2026"
    assert shop.value(ANA, "LNAME") == "Tuesday, May 5, 2026"
