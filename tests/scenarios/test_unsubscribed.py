"""Trigger 53, unsubscribes (spec/flows.md section 4), told from door to effect."""

from __future__ import annotations

from tests import cast
from tests.scenarios.world import World

ANA = "ana@example.com"


def farewell(settings: str = "", step: str = "add_tag: left us") -> str:
    return f"""
flow: Farewell
audience: Customers
triggers:
  - unsubscribed: {{{settings}}}
steps:
  - {step}
"""


def test_the_link_in_the_footer_starts_a_run(world: World) -> None:
    hello = world.flow("""
flow: Hello
audience: Customers
triggers: [manual]
steps:
  - send_email: {email: Hello, subject: "Hello", html: "<p>Hello.</p>"}
""")
    flow = world.flow(farewell())
    world.person(ANA)
    world.add_by_hand(hello, ANA)
    world.settle()
    world.one_click(world.mails_to(ANA)[0])
    assert world.tags_of(ANA) == {"left us"}
    assert world.path(flow, ANA) == ["E00", "B11", "X00"]


def test_by_whomever_unless_told_otherwise(world: World) -> None:
    flow = world.flow(farewell())
    world.person(ANA)
    world.unsubscribe(ANA, cast.API)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_by_the_contact_alone(world: World) -> None:
    flow = world.flow(farewell("by: self"))
    world.person(ANA)
    world.person("ben@example.com")
    world.unsubscribe(ANA, cast.API)
    world.unsubscribe("ben@example.com")
    world.settle()
    assert world.codes(flow, ANA) == ["E27"]
    assert world.entered(flow, "ben@example.com") == 1


def test_to_be_added_as_unsubscribed_is_not_to_unsubscribe(world: World) -> None:
    flow = world.flow(farewell())
    world.person(ANA, email_status="unsubscribed", actor=cast.FILE)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_to_unsubscribe_twice_is_to_do_it_once(world: World) -> None:
    flow = world.flow(farewell())
    world.person(ANA)
    world.unsubscribe(ANA)
    world.later(days=1)
    world.unsubscribe(ANA)
    world.settle()
    assert world.entries(flow, ANA) == ["E00"]


def test_to_be_archived_is_not_to_unsubscribe(world: World) -> None:
    flow = world.flow(farewell())
    world.person(ANA)
    world.archive(ANA)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_v26_no_marketing_to_those_who_have_just_said_no(world: World) -> None:
    email = 'send_email: {email: Why, subject: "Why?", html: "<p>Why?</p>", class: %s}'
    assert world.problems(farewell(step=email % "marketing"))[0] == "V26"
    assert "V26" not in world.problems(farewell(step=email % "transactional"))


def test_it_can_be_waited_for(world: World) -> None:
    flow = world.flow("""
flow: Patience
audience: Customers
triggers: [manual]
steps:
  - wait_for_trigger:
      unsubscribed: {by: self}
      up_to: 3 days
      met: [{add_tag: left}]
      timed_out: [{add_tag: stayed}]
""")
    world.person(ANA)
    world.add_by_hand(flow, ANA)
    world.later(days=1)
    world.unsubscribe(ANA)
    world.settle()
    assert world.tags_of(ANA) == {"left"}
