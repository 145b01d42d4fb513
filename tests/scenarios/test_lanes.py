"""What somebody has just done does not wait behind what comes in bulk (docs/decisions/0027)."""

from __future__ import annotations

from datetime import timedelta

from tests import cast
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

VIPS = """
flow: Vips
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Hello, subject: Hello, html: "<p>Hello.</p>"}
  - delay: 1 day
  - send_email: {email: Again, subject: Again, html: "<p>Again.</p>"}
"""


def imported(world: World, people: int) -> None:
    for number in range(people):
        world.person(f"customer{number}@example.com", tags=["vip"], actor=cast.FILE)


def test_from_the_event_to_the_email_before_an_import(world: World) -> None:
    flow = world.flow(VIPS)
    world.person(ANA)
    imported(world, 60)
    world.clock.advance(timedelta(minutes=1))
    world.tag(ANA, "vip")
    world.dispatcher.batch(world.share, 10)
    world.advancer.batch(world.share, 10)
    world.sender.batch(world.share)
    assert world.subjects(ANA) == ["Hello"]
    assert world.entered(flow, "customer59@example.com") == 0, "they have their turn"
    world.settle()
    assert [world.subjects(f"customer{number}@example.com") for number in range(60)] == [["Hello"]] * 60
    world.closes()


def test_somebody_s_act_goes_before_those_whose_delay_is_over(world: World) -> None:
    world.flow(VIPS)
    imported(world, 60)
    world.settle()
    world.clock.advance(timedelta(days=1))
    world.person(ANA, tags=["vip"])
    world.dispatcher.batch(world.share, 10)
    world.advancer.batch(world.share, 10)
    world.sender.batch(world.share)
    assert world.subjects(ANA) == ["Hello"]
    world.settle()
    assert world.subjects("customer7@example.com") == ["Hello", "Again"]


def test_a_contact_s_own_older_event_is_judged_before_the_urgent_one(world: World) -> None:
    """Ben is imported with the tag that lets him in, and acts at once: his act finds him inside."""
    flow = world.flow("""
flow: Class
audience: Customers
triggers:
  - tag_added: {tag: vip}
  - event_api: {name: came}
steps:
  - delay: 1 day
""")
    imported(world, 60)
    world.person(BEN, tags=["vip"], actor=cast.FILE)
    world.clock.advance(timedelta(minutes=1))
    world.event(BEN, "came")
    world.dispatcher.batch(world.share, 10)
    trail = world.trail(flow, world.contact(BEN).contact_id)
    assert [(one.code, one.event_kind) for one in trail] == [("E00", "contact.tag_added"), ("E17", "contact.event")]
