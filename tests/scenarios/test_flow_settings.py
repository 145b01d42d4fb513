"""Settings of a flow that end runs, or tell the team (spec/flows.md 5.1)."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: One, subject: One, html: "<p>One.</p>"}
  - delay: 2 days
  - send_email: {email: Two, subject: Two, html: "<p>Two.</p>"}
  - delay: 2 days
  - add_tag: done
"""


def test_x03_the_condition_to_go_on_is_asked_before_every_email(world: World) -> None:
    flow = world.flow(SERIES + "settings: {continue_only_if: {tag: vip}}\n")
    world.person(ANA, tags=["vip"])
    world.person(BEN, tags=["vip"])
    world.later(days=1)
    world.tag(ANA, remove=["vip"])
    world.later(days=5)
    assert world.subjects(ANA) == ["One"]
    assert sorted(world.path(flow, ANA)[-2:]) == ["S20", "X03"]
    assert "condition de poursuite fausse" in world.why_in(flow, ANA, "fr")
    assert world.path(flow, BEN)[-1] == "X00"


TRIAL = """
flow: Trial
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 3 days
  - send_email: {email: Hello, subject: Hello, html: "<p>Hello.</p>"}
  - add_tag: told
settings: {SETTING: CONDITION}
"""
STAY = ("continue_only_if", "{event: seen, within: 3 days}", "X03")
LEAVE = ("exit_condition", "{none: [{event: seen, within: 3 days}]}", "X01")


def on_trial(world: World, text: str, setting: str, condition: str) -> int:
    """Ana and Ben begin; after two days Ben is seen once more, and Ana is not."""
    flow = world.flow(text.replace("SETTING", setting).replace("CONDITION", condition))
    for email in (ANA, BEN):
        world.person(email)
        world.event(email, "seen")
        world.tag(email, "vip")
    world.later(days=2)
    world.event(BEN, "seen")
    return flow


@pytest.mark.parametrize(("setting", "condition", "code"), [STAY, LEAVE])
@pytest.mark.parametrize("refused", ["cleaned", "unsubscribed"])
def test_it_is_asked_also_before_an_email_that_consent_refuses(
    world: World, refused: str, setting: str, condition: str, code: str
) -> None:
    flow = on_trial(world, TRIAL, setting, condition)
    for email in (ANA, BEN):
        world.clean(email) if refused == "cleaned" else world.unsubscribe(email)
    world.later(days=1)
    assert code in world.path(flow, ANA)[-2:]
    assert not {"S02", "S03"} & set(world.path(flow, ANA))
    assert world.tags_of(ANA) == {"vip"}
    assert world.path(flow, BEN)[-3:] == ["S03" if refused == "cleaned" else "S02", "B11", "X00"]


@pytest.mark.parametrize(("setting", "condition", "code"), [STAY, LEAVE])
def test_and_before_one_that_comes_too_late(world: World, setting: str, condition: str, code: str) -> None:
    text = TRIAL.replace("}\n  - add_tag", ", skip_if_late: 2 hours}\n  - add_tag")
    flow = on_trial(world, text, setting, condition)
    world.down(days=1, hours=3)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", code]
    assert world.tags_of(ANA) == {"vip"}
    assert world.path(flow, BEN) == ["E00", "W01", "S15", "B11", "X00"]


def test_an_exit_comes_before_the_condition_to_go_on(world: World) -> None:
    settings = "settings: {continue_only_if: {tag: vip}, exit_condition: {not_tag: vip}}\n"
    flow = world.flow(SERIES + settings.replace("{not_tag: vip}", "{none: [{tag: vip}]}"))
    world.person(ANA, tags=["vip"])
    world.later(days=1)
    world.tag(ANA, remove=["vip"])
    world.later(days=5)
    assert "X01" in world.path(flow, ANA)


def test_x09_who_unsubscribes_leaves_while_an_email_lies_ahead(world: World) -> None:
    flow = world.flow(SERIES + "settings: {exit_on_unsubscribe: true}\n")
    world.person(ANA, tags=["vip"])
    world.person(BEN, tags=["vip"])
    world.later(days=1)
    world.unsubscribe(ANA)
    world.settle()
    assert world.path(flow, ANA)[-1] == "X09"
    world.later(days=2)
    world.unsubscribe(BEN)
    world.later(days=3)
    assert world.path(flow, BEN)[-1] == "X00", "no email lay ahead any more"
    assert "done" in world.tags_of(BEN)


def test_x09_who_comes_unsubscribed_leaves_at_the_first_email(world: World) -> None:
    flow = world.flow(SERIES + "settings: {exit_on_unsubscribe: true}\n")
    world.person(ANA)
    world.unsubscribe(ANA)
    world.tag(ANA, "vip")
    world.settle()
    assert sorted(world.path(flow, ANA)[-2:]) == ["S02", "X09"]


def test_without_the_setting_people_go_on_unsubscribed(world: World) -> None:
    flow = world.flow(SERIES)
    world.person(ANA)
    world.unsubscribe(ANA)
    world.tag(ANA, "vip")
    world.later(days=5)
    assert world.path(flow, ANA)[-1] == "X00"


def test_the_team_is_told_when_nobody_enters(world: World) -> None:
    world.flow(SERIES + "settings: {quiet_alert: 10}\n")
    world.later(days=9)
    world.settle()
    assert world.alerts() == []
    world.later(days=2)
    world.settle()
    assert world.alerts() == ["quiet"]
    world.later(days=3)
    world.settle()
    assert world.alerts() == ["quiet"], "once in ten days"


def test_a_save_and_a_paused_step_do_not_make_it_less_quiet(world: World) -> None:
    flow = world.flow(SERIES + "settings: {quiet_alert: 10}\n")
    for days in (6, 1):
        world.later(days=days)
        world.flow(SERIES.replace("add_tag: done", f"add_tag: done {days}") + "settings: {quiet_alert: 10}\n", on=False)
        world.pause_step(flow, "add_tag")
    world.publish(flow)
    world.later(days=4)
    world.settle()
    assert world.alerts() == ["quiet"]


def test_it_is_counted_from_the_resume(world: World) -> None:
    flow = world.flow(SERIES + "settings: {quiet_alert: 10}\n")
    world.pause(flow)
    world.later(days=9)
    world.resume(flow)
    world.later(days=9)
    world.settle()
    assert world.alerts() == []
    world.later(days=2)
    world.settle()
    assert world.alerts() == ["quiet"]


def test_or_never(world: World) -> None:
    world.flow(SERIES + "settings: {quiet_alert: 0}\n")
    world.later(days=30)
    world.settle()
    assert world.alerts() == []


def test_a_flow_that_people_enter_is_not_quiet(world: World) -> None:
    world.flow(SERIES + "settings: {quiet_alert: 10}\n")
    world.later(days=8)
    world.settle()
    world.person(ANA, tags=["vip"])
    world.settle()
    world.tidy()
    world.later(days=8)
    world.settle()
    assert world.alerts() == []


def test_they_are_written_and_read_back(world: World) -> None:
    settings = {"continue_only_if": {"tag": "vip"}, "exit_on_unsubscribe": True, "quiet_alert": "30 days"}
    written = world.rewritten(SERIES + f"settings: {settings}\n".replace("'", '"').replace("True", "true"))["settings"]
    assert written["continue_only_if"] == {"tag": "vip"}
    assert written["exit_on_unsubscribe"] is True
    assert written["quiet_alert"] in (30, "30 days")
    assert "V15" in world.problems(SERIES + "settings: {quiet_alert: 400}\n")
