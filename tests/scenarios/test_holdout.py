"""The hold-out (spec/flows.md 5.1, 5.4, 5.10): some who would enter get nothing and are only measured."""

from __future__ import annotations

import pytest

from relance.flows.figures import Conversions, conversions
from relance.flows.lift import Rate
from relance.kernel.ids import chance
from tests.scenarios.world import World

CARE = """
flow: Care
audience: Customers
triggers:
  - event_api: {name: bought}
steps:
  - delay: 1 day
  - send_email: {email: Tips, subject: Tips, html: "<p>Water it.</p>"}
"""
GOAL = "goal: {event: came_back, within: 7 days}, exit_on_goal: false"


def care(holdout: int, more: str = GOAL) -> str:
    return CARE + f"settings: {{holdout: {holdout}, {more}}}\n"


def person(world: World, flow: int, *, drawn: bool, below: int = 50) -> str:
    """Somebody whom chance puts on one side at a hold-out of that many per cent."""
    for number in range(1000):
        email = f"{'out' if drawn else 'in'}{number}@example.com"
        contact_id = world.person(email)
        if (chance("holdout", flow, contact_id) < 100 * below) is drawn:
            return email
    raise AssertionError("chance has no such person")


def buys(world: World, *emails: str) -> None:
    for email in emails:
        world.event(email, "bought")
    world.settle()


def reached(world: World, flow: int, within: int = 7) -> Conversions:
    with world.database.transaction() as tx:
        return conversions(tx, world.clock.now(), world.shop.account_id, flow, within)


def test_e21_who_is_held_out_gets_nothing(world: World) -> None:
    flow = world.flow(care(50))
    out, inside = person(world, flow, drawn=True), person(world, flow, drawn=False)
    buys(world, out, inside)
    world.later(days=2)
    assert world.codes(flow, out) == ["E21"]
    assert world.subjects(out) == []
    assert world.codes(flow, inside)[0] == "E00"
    assert world.subjects(inside) == ["Tips"]
    assert "dans le groupe témoin" in world.why_in(flow, out, "fr")
    assert world.figure(flow, "E21") == 1


def test_and_is_held_out_each_time(world: World) -> None:
    flow = world.flow(care(50, "re_entry: true"))
    out = person(world, flow, drawn=True)
    for _ in range(3):
        buys(world, out)
        world.later(hours=1)
    assert world.codes(flow, out) == ["E21", "E21", "E21"]
    assert world.figure(flow, "held") == 1, "one person"


def test_without_a_hold_out_everybody_enters(world: World) -> None:
    flow = world.flow(CARE)
    out = person(world, flow, drawn=True)
    buys(world, out)
    assert world.entered(flow, out) == 1


@pytest.mark.parametrize(("shares", "side"), [((10, 50), "E00"), ((50, 10), "E21"), ((50, 0), "E21")])
def test_who_was_judged_keeps_their_side(world: World, shares: tuple[int, int], side: str) -> None:
    before, after = shares
    flow = world.flow(care(before, "re_entry: true"))
    known = next(
        email
        for number in range(1000)
        if 1000 <= chance("holdout", flow, world.person(email := f"p{number}@example.com")) < 5000
    )
    buys(world, known)
    world.later(days=3)
    world.flow(care(after, "re_entry: true"), on=False)
    world.publish(flow)
    new = person(world, flow, drawn=True, below=after) if after else person(world, flow, drawn=True)
    buys(world, known, new)
    assert world.entries(flow, known) == [side, side]
    assert world.entries(flow, new) == ["E21" if after else "E00"]


def test_by_hand_passes_over_it(world: World) -> None:
    flow = world.flow(care(50))
    out = person(world, flow, drawn=True)
    buys(world, out)
    world.add_by_hand(flow, out)
    world.settle()
    assert world.entries(flow, out) == ["E21", "E00"]


def test_any_other_reason_is_given_first(world: World) -> None:
    flow = world.flow(care(50, "entry_filter: {tag: vip}, exit_condition: {tag: gone}"))
    out = person(world, flow, drawn=True)
    buys(world, out)
    world.tag(out, "vip", "gone")
    buys(world, out)
    world.add_by_hand(flow, person(world, flow, drawn=False))
    world.tag(out, remove=["gone"])
    buys(world, out)
    assert world.codes(flow, out) == ["E15", "E16", "E21"]


def test_re_entry_is_asked_first(world: World) -> None:
    flow = world.flow(care(50, "re_entry: false"))
    out = person(world, flow, drawn=True)
    world.add_by_hand(flow, out)
    world.later(days=3)
    buys(world, out)
    assert world.entries(flow, out) == ["E00", "E18"]


def test_another_flow_cannot_start_it_for_them(world: World) -> None:
    flow = world.flow(care(50))
    starter = world.flow("flow: Starter\naudience: Customers\ntriggers: [manual]\nsteps:\n  - start_flow: Care\n")
    out, inside = person(world, flow, drawn=True), person(world, flow, drawn=False)
    for email in (out, inside):
        world.add_by_hand(starter, email)
    world.settle()
    assert world.codes(flow, out) == ["E21"]
    assert world.entered(flow, inside) == 1
    assert world.codes(starter, out) == ["E00", "B14", "X00"]
    assert world.codes(starter, inside) == ["E00", "B11", "X00"]


def test_the_goal_counts_for_those_held_out_from_the_decision_on(world: World) -> None:
    flow = world.flow(care(50))
    out, late = person(world, flow, drawn=True), ""
    world.event(out, "came_back")
    world.settle()
    buys(world, out)
    assert world.figure(flow, "held_converted") == 0, "it came before"
    world.later(days=2)
    world.event(out, "came_back")
    world.event(out, "came_back")
    world.settle()
    world.event(out, "came_back")
    world.settle()
    assert world.figure(flow, "held_converted") == 1, "one conversion a person"
    late = next(
        email
        for number in range(1000)
        if chance("holdout", flow, world.person(email := f"late{number}@example.com")) < 5000
    )
    buys(world, late)
    world.later(days=8)
    world.event(late, "came_back")
    world.settle()
    assert world.figure(flow, "held_converted") == 1, "their seven days were over"
    assert world.figure(flow, "goal") == 0


def test_rates_are_of_people_whose_time_is_over_or_who_converted(world: World) -> None:
    flow = world.flow(care(50))
    people = [f"p{number}@example.com" for number in range(12)]
    sides = {email: chance("holdout", flow, world.person(email)) < 5000 for email in people}
    out, inside = [one for one in people if sides[one]], [one for one in people if not sides[one]]
    assert len(out) > 1 < len(inside)
    buys(world, *people)
    assert reached(world, flow) == Conversions(Rate(0, 0), Rate(0, 0), len(out))
    world.later(days=1)
    for email in (out[0], inside[0], inside[1]):
        world.event(email, "came_back")
    world.settle()
    assert reached(world, flow) == Conversions(Rate(2, 2), Rate(1, 1), len(out))
    world.later(days=8)
    assert reached(world, flow) == Conversions(Rate(len(inside), 2), Rate(len(out), 1), len(out))
    world.tidy()
    assert reached(world, flow) == Conversions(Rate(len(inside), 2), Rate(len(out), 1), len(out)), "folded alike"
    assert reached(world, flow).lift is None, "too few to tell"


def test_a_goal_marked_by_a_step_is_a_conversion_of_its_entry(world: World) -> None:
    flow = world.flow(
        "flow: Mark\naudience: Customers\ntriggers: [manual]\nsteps:\n  - delay: 3 days\n  - set_goal: Done\n"
    )
    world.person("ana@example.com")
    world.add_by_hand(flow, "ana@example.com")
    world.later(days=4)
    assert world.figure(flow, "converted") == world.figure(flow, "goal") == 1


def test_erasing_somebody_clears_their_side(world: World) -> None:
    flow = world.flow(care(50))
    out = person(world, flow, drawn=True)
    who = world.contact(out).contact_id
    buys(world, out)
    assert "held_out" in world.holding(str(who))
    world.erase(out)
    world.settle()
    world.tidy()
    assert "held_out" not in world.holding(str(who))
    assert world.figure(flow, "held") == 1, "what was counted stays counted"


def test_it_is_written_and_read_back_and_has_its_bounds(world: World) -> None:
    assert world.rewritten(care(10))["settings"]["holdout"] == 10
    assert "holdout" not in world.rewritten(CARE)["settings"]
    for wrong in (51, -1):
        assert "V15" in world.problems(care(wrong))
    assert "V15" not in world.problems(care(50)) + world.problems(care(0))
    assert "invalid" in world.problems(CARE + "settings: {holdout: some}\n")


def test_a_flow_with_transactional_emails_holds_nobody_out(world: World) -> None:
    due = care(10).replace("subject: Tips", "subject: Tips, message_class: transactional")
    assert "invalid" in world.problems(due)
    assert "invalid" not in world.problems(care(10))
