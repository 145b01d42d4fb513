"""The gate (spec/flows.md G16): every reason not to let somebody in, and that the first one is the only one given.

Reasons of one kind of trigger are told with it: E08 sign-up, E22 birthday, E24 opens, E29 not opened.
"""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


def flow_on(settings: str = "re_entry: false", *, extra: str = "", delay: str = "1 day") -> str:
    return f"""
flow: Gate
audience: Customers
triggers:
  - event_api: bought
{extra}
steps:
  - delay: {delay}
settings: {{{settings}}}
"""


def test_e00_comes_in(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E00", "W01"]


def test_e01_nothing_has_happened(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    assert world.codes(flow, ANA) == ["E01"]


def test_e02_while_paused(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.pause(flow)
    world.event(ANA, "bought")
    world.settle()
    world.resume(flow)
    world.later(hours=1)
    assert world.codes(flow, ANA) == ["E02"]


def test_e03_while_draining(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.person(BEN)
    world.event(BEN, "bought")
    world.settle()
    world.drain(flow)
    world.event(ANA, "bought")
    world.later(days=2)
    assert world.codes(flow, ANA) == ["E03"]
    assert world.codes(flow, BEN) == ["E00", "W01", "X00"], "who is inside goes to the end"


def test_an_archived_flow_says_nothing_at_all(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.pause(flow)
    world.archive_flow(flow)
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_e05_loaded_as_history(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.event(ANA, "bought", syncing=True)
    world.settle()
    assert world.codes(flow, ANA) == ["E05"]


def test_e06_resume_arms_anew(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    happened = world.clock.now()
    world.pause(flow)
    world.later(hours=1)
    world.resume(flow)
    world.event(ANA, "bought", occurred_at=happened)
    world.settle()
    assert world.codes(flow, ANA) == ["E06"]


def test_e07_our_own_downtime_makes_nothing_stale(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.event(ANA, "bought")
    world.clock.advance(timedelta(days=9))  # nobody was there to judge it
    world.settle()
    assert world.codes(flow, ANA) == ["E00", "W01"]


def test_e10_not_confirmed_yet(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA, email_status="pending")
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E10"]


def test_e11_archived(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.archive(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E11"]


def test_any_other_status_comes_in(world: World) -> None:
    flow = world.flow(flow_on())
    for email, status in ((ANA, "non_subscribed"), (BEN, "unsubscribed")):
        world.person(email, email_status=status)
        world.event(email, "bought")
    world.settle()
    assert [world.entered(flow, email) for email in (ANA, BEN)] == [1, 1]


def test_e13_the_same_occurrence_never_twice(world: World) -> None:
    flow = world.flow(flow_on("re_entry: true").replace("event_api: bought", "birthday: {field: BIRTHDAY}"))
    world.person(ANA, fields={"BIRTHDAY": "05/05"})
    world.later(days=2)
    world.person(ANA, fields={"BIRTHDAY": "05/08"})
    world.later(days=3)
    assert world.entries(flow, ANA) == ["E00", "E13"]


def test_e14_on_the_block_list(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.block(flow, ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E14"]


def test_e15_the_flow_s_filter(world: World) -> None:
    flow = world.flow(flow_on("entry_filter: {tag: customer}"))
    world.person(ANA)
    world.person(BEN, tags=["customer"])
    for email in (ANA, BEN):
        world.event(email, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E15"]
    assert world.entered(flow, BEN) == 1


def test_e15_a_trigger_s_own_filter_is_asked_besides(world: World) -> None:
    flow = world.flow(
        flow_on("entry_filter: {tag: customer}").replace(
            "event_api: bought", "event_api: bought\n    filter: {field: FNAME, is: Ana}"
        )
    )
    world.person(ANA, fields={"FNAME": "Ana"}, tags=["customer"])
    world.person(BEN, fields={"FNAME": "Ben"}, tags=["customer"])
    for email in (ANA, BEN):
        world.event(email, "bought")
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.codes(flow, BEN) == ["E15"]


def test_the_filter_sees_the_contact_after_the_change_that_triggered(world: World) -> None:
    flow = world.flow(flow_on("entry_filter: {tag: vip}").replace("event_api: bought", "tag_added: {tag: vip}"))
    world.person(ANA, tags=["vip"])
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_the_filter_is_not_asked_again_inside(world: World) -> None:
    flow = world.flow(flow_on("entry_filter: {tag: customer}"))
    world.person(ANA, tags=["customer"])
    world.event(ANA, "bought")
    world.settle()
    world.tag(ANA, remove=["customer"])
    world.later(days=2)
    assert world.codes(flow, ANA) == ["E00", "W01", "X00"]


def test_e16_would_leave_at_once(world: World) -> None:
    flow = world.flow(flow_on("exit_condition: {tag: churned}"))
    world.person(ANA, tags=["churned"])
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E16"]


def test_e17_inside_already(world: World) -> None:
    flow = world.flow(flow_on("re_entry: true"))
    world.person(ANA)
    for _ in range(2):
        world.event(ANA, "bought")
        world.later(hours=1)
    assert world.entries(flow, ANA) == ["E00", "E17"]


def test_e17_two_triggers_at_once_the_first_one_wins(world: World) -> None:
    flow = world.flow(flow_on(extra="  - event_api: {name: bought, where: [{property: what, op: is, value: palm}]}"))
    who = world.person(ANA)
    world.event(ANA, "bought", {"what": "palm"})
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E17"]
    first, second = [line.trigger_id for line in world.trail(flow, who) if line.code in ("E00", "E17")]
    with world.database.transaction() as tx:
        rows = tx.connection.execute("select trigger_id from flow_trigger order by position").fetchall()
    assert [first, second] == [row[0] for row in rows]


def test_e18_once_is_once_for_ever(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    for _ in range(2):
        world.event(ANA, "bought")
        world.travel(timedelta(days=200), hop=timedelta(days=50))
    assert world.entries(flow, ANA) == ["E00", "E18"]


def test_e18_counts_over_all_versions(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.event(ANA, "bought")
    world.later(days=2)
    world.flow(flow_on(delay="2 days"))
    world.event(ANA, "bought")
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E18"]


def test_e19_the_wait_counts_from_the_end(world: World) -> None:
    flow = world.flow(flow_on("re_entry: 3 days"))
    world.person(ANA)
    world.event(ANA, "bought")
    world.later(days=3)  # in for one day, out for two
    world.event(ANA, "bought")
    world.later(days=1, minutes=1)
    world.event(ANA, "bought")
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E19", "E00"]


def test_e19_or_from_the_entry(world: World) -> None:
    flow = world.flow(flow_on("re_entry: {wait: 3 days, from: entry}"))
    world.person(ANA)
    world.event(ANA, "bought")
    world.later(days=2)
    world.event(ANA, "bought")
    world.later(days=1)
    world.event(ANA, "bought")
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E19", "E00"]


def test_e20_a_flow_s_own_doing_does_not_start_it(world: World) -> None:
    flow = world.flow(
        flow_on(extra="  - tag_added: {tag: buyer}").replace("- delay: 1 day", "- add_tag: buyer\n  - delay: 1 day")
    )
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.entries(flow, ANA) == ["E00", "E20"]


def test_e27_another_object(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.event(ANA, "returned")
    world.settle()
    assert world.codes(flow, ANA) == ["E27"]


def test_e28_erased_before_anybody_looked(world: World) -> None:
    flow = world.flow(flow_on())
    world.person(ANA)
    world.event(ANA, "bought")
    gone = world.erase(ANA)
    world.settle()
    assert [line.code for line in world.trail(flow, gone)] == ["E28"]


def test_the_first_reason_is_the_only_one_given(world: World) -> None:
    """Paused, loaded as history, blocked, unfit: the flow's state comes first."""
    flow = world.flow(flow_on("entry_filter: {tag: customer}"))
    world.person(ANA, email_status="pending")
    world.block(flow, ANA)
    world.pause(flow)
    world.event(ANA, "bought", syncing=True)
    world.settle()
    world.resume(flow)
    world.event(ANA, "bought", syncing=True)
    world.settle()
    world.event(ANA, "bought")
    world.settle()
    assert world.codes(flow, ANA) == ["E02", "E05", "E10"]
