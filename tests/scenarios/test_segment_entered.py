"""47 · Enters a segment, 48 · Leaves a segment (spec/flows.md section 4, 7.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from relance.audience import segments
from relance.flows.add_segment import add_segment, already_through
from relance.kernel.errors import Conflict, Invalid
from tests.cast import ANA, BEN, CHLOE, FORM
from tests.scenarios.world import APPLE, World

ENTERS = """
flow: Thank you
audience: Customers
triggers: [{segment_entered: Regulars}]
steps: [{add_tag: thanked}]
settings: {re_entry: 5 minutes}
"""
LEAVES = """
flow: We miss you
audience: Customers
triggers: [{segment_left: Regulars}]
steps: [{add_tag: missed}]
settings: {re_entry: 5 minutes}
"""


def test_47_whoever_comes_to_fulfil_the_condition_enters(world: World) -> None:
    world.person(ANA)
    world.person(BEN, tags=["regular"])
    world.segment("Regulars", "{tag: regular}")
    flow = world.flow(ENTERS)
    world.tag(ANA, "regular")
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.members("Regulars") == {ANA, BEN}
    assert "segment.entered" in world.told(ANA)
    assert world.entered(flow, BEN) == 0, "members at arming never fire"


def test_47_created_inside_enters(world: World) -> None:
    world.person(BEN, tags=["regular"])
    world.segment("Regulars", "{tag: regular}")
    flow = world.flow(ENTERS)
    world.person(ANA, tags=["regular"])
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_48_whoever_ceases_to_fulfil_it_enters_the_other_flow(world: World) -> None:
    world.person(ANA, tags=["regular"])
    world.segment("Regulars", "{tag: regular}")
    flow = world.flow(LEAVES)
    world.tag(ANA, remove=["regular"])
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.members("Regulars") == set()


def test_48_archive_and_another_condition_are_no_leaving_and_restoring_is_no_entering(world: World) -> None:
    world.person(ANA, tags=["regular", "keen"])
    world.person(BEN, tags=["regular"])
    world.segment("Regulars", "{tag: regular}")
    enters, leaves = world.flow(ENTERS), world.flow(LEAVES)
    world.archive(ANA)
    world.settle()
    assert world.members("Regulars") == {BEN}
    world.restore(ANA)
    world.settle()
    assert world.members("Regulars") == {ANA, BEN}
    world.edit_segment("Regulars", "{tag: keen}")
    assert world.members("Regulars") == {ANA}
    world.erase(ANA)
    world.settle()
    assert world.members("Regulars") == set()
    assert world.figure(enters, "E00") == world.figure(leaves, "E00") == 0


def test_a_sliding_window_lets_go_at_its_exact_moment(world: World) -> None:
    """ "No order in 30 days": nothing happens, and yet on the morning of the 31st day Ana is in it."""
    world.person(ANA)
    world.event(ANA, "order")
    world.segment("Regulars", "{event: order, within: 48 hours}")
    flow = world.flow(LEAVES)
    ordered = world.clock.now() - timedelta(seconds=1)
    world.later(hours=47)
    assert world.members("Regulars") == {ANA}
    world.until(ordered + timedelta(hours=48, seconds=-1))
    assert world.entered(flow, ANA) == 0
    world.until(ordered + timedelta(hours=48, seconds=1))
    assert world.members("Regulars") == set()
    assert world.entered(flow, ANA) == 1


def test_the_date_added_is_that_of_the_confirmation(world: World) -> None:
    world.segment("Newcomers", "{created: {within: 3}}")
    world.person(ANA, email_status="pending", actor=FORM)
    world.later(days=5)
    world.confirm(ANA)
    world.settle()
    assert world.members("Newcomers") == {ANA}
    world.later(days=4)
    assert world.members("Newcomers") == set()


def test_an_order_in_between_puts_the_moment_off(world: World) -> None:
    world.person(ANA)
    world.event(ANA, "order")
    world.segment("Lost", "{not: {event: order, within: 30 days}}")
    world.later(days=20)
    world.event(ANA, "order")
    world.later(days=15)
    assert world.members("Lost") == set()
    world.later(days=16)
    assert world.members("Lost") == {ANA}


def test_a_segment_may_name_others_and_follows_them_at_once(world: World) -> None:
    """Ben is never in "Regulars, not lost" for the blink between two answers."""
    world.person(ANA, tags=["regular"])
    world.person(BEN)
    world.segment("Regulars", "{tag: regular}")
    world.segment("Lost", "[{tag: regular}, {not: {segment: Regulars}}]")
    flow = world.flow(ENTERS.replace("Regulars", "Lost"))
    world.tag(BEN, "regular")
    world.settle()
    assert world.members("Regulars") == {ANA, BEN}
    assert world.members("Lost") == set()
    assert world.entered(flow, BEN) == 0


def in_pieces(world: World) -> None:
    """The segments are kept one pair at a time, as a batch does that ends between two of a contact's."""
    while world.membership.batch(world.share, 1):
        pass
    world.settle()


def test_what_a_segment_names_is_asked_before_it_wherever_a_batch_ends(world: World) -> None:
    """At one midnight Ana's day and her visit are both three days old: she was never in one without the other."""
    world.field("DAY", "date")
    world.field("VISIT", "date")
    world.person(ANA, fields={"DAY": "2026-05-03", "VISIT": "2026-05-04"})
    world.segment("Lately", "{field: DAY, within_last: 3}")
    world.segment("Regulars", "[{segment: Lately}, {not: {field: VISIT, within_last: 3}}]")
    enters = world.flow(ENTERS)
    world.person(ANA, fields={"DAY": "2026-05-04"})  # looked at after the visit
    world.settle()
    world.clock.set(datetime(2026, 5, 6, 22, 0, 1, tzinfo=UTC))  # midnight in Paris
    in_pieces(world)
    assert world.members("Lately") == world.members("Regulars") == set()
    assert "segment.left" in world.told(ANA)
    assert "segment.entered" not in world.told(ANA)
    assert world.entered(enters, ANA) == 0


def test_of_one_event_too(world: World) -> None:
    world.person(ANA)
    world.person(BEN, tags=["keen"])
    world.segment("Keen", "{tag: keen}")
    names = [f"Lost {n}" for n in range(8)]
    for name in names:
        world.segment(name, "[{tag: keen}, {not: {segment: Keen}}]")
    world.tag(ANA, "keen", syncing=True)
    world.dispatcher.batch(world.share)
    in_pieces(world)
    assert world.members("Keen") == {ANA, BEN}
    assert [kind for kind in world.told(ANA) if kind.startswith("segment.")] == ["segment.entered"]
    with world.database.transaction() as tx:
        marks = tx.connection.execute("select syncing from event where kind = 'segment.entered'").fetchall()
    assert marks == [(True,)], "with the marks of its own event, whoever is asked for"


def test_10b_a_segment_added_by_hand_is_a_snapshot(world: World) -> None:
    for who in (ANA, BEN):
        world.person(who, tags=["regular"])
    segment_id = world.segment("Regulars", "{tag: regular}")
    flow = world.flow("""
        flow: By hand
        audience: Customers
        triggers: [manual]
        steps: [{delay: 2 days}]
    """)
    world.add_by_hand(flow, BEN)
    world.settle()
    with world.database.transaction() as tx:
        assert already_through(tx, flow, segment_id) == 1
    assert add_segment(world.database, flow, segment_id, "6f2c") == 2
    assert add_segment(world.database, flow, segment_id, "6f2c") == 2, "the same request again"
    world.person(CHLOE, tags=["regular"])
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E13"]
    assert world.entries(flow, BEN) == ["E00", "E17", "E17"]
    assert world.entered(flow, CHLOE) == 0, "no subscription"
    world.pause(flow)
    with pytest.raises(Conflict, match="paused"):
        add_segment(world.database, flow, segment_id, "6f2d")


def test_a_deleted_tag_is_nobodys_and_a_deleted_segment_breaks_its_flows(world: World) -> None:
    world.person(ANA, tags=["regular"])
    world.segment("Regulars", "{tag: regular}")
    world.segment("Others", "{not: {segment: Regulars}}")
    flow, left = world.flow(ENTERS.replace("Regulars", "Others")), world.flow(LEAVES)
    world.delete_tag("regular")
    world.settle()
    assert (world.members("Regulars"), world.members("Others")) == (set(), {ANA})
    assert world.figure(flow, "E00") == world.figure(left, "E00") == 0, "nothing has happened to Ana"
    with world.database.transaction() as tx:
        others = segments.find(tx, world.shop.customers.audience_id, "Others")
        assert others is not None
        segments.delete(tx, world.clock.now(), others)
    world.settle()
    assert (world.state(flow), world.state(left)) == ("broken", "live")
    assert world.rows_of_segments() == 0


def test_who_did_not_open_an_email_is_known_once_it_was_sent(world: World) -> None:
    """7.5: before, nobody did not open it."""
    world.person(ANA)
    world.person(BEN)
    flow = world.flow("""
        flow: Letter
        audience: Customers
        triggers: [{tag_added: write}]
        steps: [{send_email: {email: Hello, subject: Hello, html: "<p>Hello</p>"}}]
    """)
    world.segment("Quiet", "{email_not_opened: Hello}")
    assert world.members("Quiet") == set()
    world.tag(ANA, "write")
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.members("Quiet") == {ANA, BEN}
    world.later(minutes=5)
    world.open(world.mails_to(ANA)[0])
    assert world.members("Quiet") == {BEN}


def test_a_setting_of_the_account_that_changes_answers_has_everybody_asked_again(world: World) -> None:
    world.person(ANA)
    world.flow("""
        flow: Letter
        audience: Customers
        triggers: [{tag_added: write}]
        steps: [{send_email: {email: Hello, subject: Hello, html: "<p>Hello</p>"}}]
    """)
    world.tag(ANA, "write")
    world.settle()
    world.segment("Quiet", "{email_not_opened: Hello}")
    world.later(minutes=5)
    world.open(world.mails_to(ANA)[0], APPLE)
    assert world.members("Quiet") == set(), "whether she opened it is unknown"
    world.set("unknown_counts_as", "not_opened")
    world.settle()
    assert world.members("Quiet") == {ANA}
    world.set("unknown_counts_as", None)
    world.settle()
    assert world.members("Quiet") == set()


def test_circles_are_refused(world: World) -> None:
    world.segment("Regulars", "{vip: true}")
    world.segment("Others", "{not: {segment: Regulars}}")
    with pytest.raises(Invalid, match="circle"):
        world.edit_segment("Regulars", "{segment: Others}")
    with world.database.transaction() as tx:
        regulars = segments.find(tx, world.shop.customers.audience_id, "regulars")
        assert regulars is not None
        with pytest.raises(Conflict, match="named by Others"):
            segments.delete(tx, world.clock.now(), regulars)


def test_a_load_of_history_is_e05_and_a_flow_does_not_start_itself(world: World) -> None:
    world.person(ANA, tags=["regular"])
    world.person(BEN)
    world.person(CHLOE)
    world.segment("Regulars", "{tag: regular}")
    flow = world.flow(ENTERS)
    world.tag(BEN, "regular", syncing=True)
    world.settle()
    assert world.entries(flow, BEN) == ["E05"]
    circle = world.flow(
        "flow: Round and round\naudience: Customers\n"
        "triggers: [{tag_added: keen}, {segment_entered: Regulars}]\nsteps: [{add_tag: regular}]\n"
        "settings: {re_entry: 5 minutes}\n"
    )
    world.tag(CHLOE, "keen")
    world.settle()
    assert world.path(circle, CHLOE).count("E00") == 1
    assert "E20" in world.codes(circle, CHLOE)
    assert world.entered(flow, CHLOE) == 1


def test_a_flow_asks_whether_somebody_is_in_a_segment(world: World) -> None:
    world.person(ANA, tags=["regular"])
    world.person(BEN)
    world.segment("Regulars", "{tag: regular}")
    flow = world.flow("""
        flow: Sorted
        audience: Customers
        triggers: [{tag_added: asked}]
        steps:
          - if_else:
              when: {segment: Regulars}
              then: [{add_tag: inside}]
              else: [{add_tag: outside}]
    """)
    for who in (ANA, BEN):
        world.tag(who, "asked")
    world.settle()
    assert flow
    assert "inside" in world.tags_of(ANA)
    assert "outside" in world.tags_of(BEN)


def test_a_wait_hears_that_somebody_joins(world: World) -> None:
    world.person(ANA)
    world.segment("Regulars", "{vip: true}")
    flow = world.flow("""
        flow: Patient
        audience: Customers
        triggers: [{tag_added: asked}]
        steps: [{wait_for_trigger: {segment_entered: Regulars, up_to: 10 days}}, {add_tag: done}]
    """)
    world.tag(ANA, "asked")
    world.settle()
    assert world.at(flow, ANA) == "wait_for_trigger"
    world.later(minutes=1)
    world.person(ANA, vip=True)
    world.settle()
    assert "done" in world.tags_of(ANA)


def test_who_waits_for_confirmation_is_in_no_segment(world: World) -> None:
    world.person(ANA, email_status="pending", actor=FORM)
    world.segment("Everybody", "{all: []}")
    assert world.members("Everybody") == set()
    world.confirm(ANA)
    world.settle()
    assert world.members("Everybody") == {ANA}


def test_the_file_names_the_segment(world: World) -> None:
    assert "V06" in world.problems(ENTERS)
    world.segment("Regulars", "{vip: true}")
    assert "V06" not in world.problems(ENTERS)
    assert world.rewritten(ENTERS)["triggers"] == [{"segment_entered": "Regulars"}]


def test_a_schedule_for_a_segment(world: World) -> None:
    world.person(ANA, vip=True)
    world.person(BEN)
    world.segment("Regulars", "{vip: true}")
    flow = world.flow("""
        flow: Monday letter
        audience: Customers
        triggers: [{schedule: {every: day, at: "12:00", segment: Regulars}}]
        steps: [{add_tag: written}]
    """)
    world.later(days=1)
    assert world.entered(flow, ANA) == 1
    assert world.entered(flow, BEN) == 0
