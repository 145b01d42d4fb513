"""Step: archive the contact (spec/flows.md 6.2)."""

from __future__ import annotations

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

GOODBYE = """
flow: Goodbye
audience: Customers
triggers:
  - tag_added: gone
steps:
  - delay: 1 day
  - archive
"""

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: reader
steps:
  - delay: 10 days
  - send_email: {email: Offer, subject: Offer, html: "<p>An offer.</p>"}
"""


def test_both_runs_end(world: World) -> None:
    goodbye, series = world.flow(GOODBYE), world.flow(SERIES)
    world.person(ANA, tags=["reader", "gone"])
    world.later(days=2)
    assert world.contact(ANA).archived
    assert world.path(goodbye, ANA) == ["E00", "W01", "B11", "X10"]
    assert world.path(series, ANA) == ["E00", "W01", "X10"]
    world.later(days=10)
    assert world.mails_to(ANA) == []


def test_the_status_is_kept_for_a_return(world: World) -> None:
    world.flow(GOODBYE)
    world.person(ANA, tags=["gone"])
    world.later(days=2)
    world.restore(ANA)
    assert world.contact(ANA).email_status == "subscribed"
    assert not world.contact(ANA).archived
    assert world.told(ANA)[-3:] == ["archived", "run.ended", "restored"]


def test_two_flows_archive_at_one_moment(world: World) -> None:
    first, second = world.flow(GOODBYE), world.flow(GOODBYE.replace("Goodbye", "Farewell"))
    world.person(ANA, tags=["gone"])
    world.later(days=2)
    assert sorted([world.path(first, ANA)[2], world.path(second, ANA)[2]]) == ["B11", "B12"]
    assert world.path(first, ANA)[-1] == world.path(second, ANA)[-1] == "X10"
    assert world.told(ANA).count("archived") == 1


def test_nobody_else_is_touched(world: World) -> None:
    world.flow(GOODBYE)
    world.person(ANA, tags=["gone"])
    world.person(BEN)
    world.later(days=2)
    assert not world.contact(BEN).archived


def test_a_way_may_end_in_it_while_the_other_goes_on(world: World) -> None:
    flow = world.flow("""
flow: Sort out
audience: Customers
triggers:
  - tag_added: look
steps:
  - if_else:
      when: {tag: customer}
      then: [{add_tag: kept}]
      else: [archive]
  - add_tag: looked at
""")
    world.person(ANA, tags=["customer", "look"])
    world.person(BEN, tags=["look"])
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B01", "B11", "B11", "X00"]
    assert world.path(flow, BEN) == ["E00", "B02", "B11", "X10"]
    assert world.contact(BEN).archived
    assert "looked at" not in world.tags_of(BEN)


def test_steps_after_it_are_refused(world: World) -> None:
    assert "V08" in world.problems(GOODBYE + "  - add_tag: never\n")
    assert "V08" not in world.problems(GOODBYE)
