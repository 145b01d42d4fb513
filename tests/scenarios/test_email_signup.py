"""Trigger 2, signs up for email (spec/flows.md 2.1), told from door to effect."""

from __future__ import annotations

from datetime import timedelta

from tests import cast
from tests.scenarios.world import World

ANA = "ana@example.com"


def welcome(settings: str = "") -> str:
    return f"""
flow: Welcome
audience: Customers
triggers:
  - email_signup: {{{settings}}}
steps:
  - send_email: {{email: Welcome, subject: "Welcome, *|FNAME:plant lover|*", html: "<p>Good to have you here.</p>"}}
"""


def test_somebody_signs_up_and_is_welcomed(world: World) -> None:
    flow = world.flow(welcome())
    world.person(ANA, fields={"FNAME": "Ana"}, actor=cast.FORM)
    world.settle()
    assert world.subjects(ANA) == ["Welcome, Ana"]
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]


def test_2a_with_double_opt_in_it_is_the_confirmation_that_counts(world: World) -> None:
    flow = world.flow(welcome())
    who = world.person(ANA, email_status="pending", actor=cast.FORM)
    world.later(hours=3)
    assert world.codes(flow, ANA) == ["E01"]
    world.confirm(ANA)
    confirmed_at = world.clock.now()
    world.settle()
    assert world.codes(flow, ANA)[0] == "E00"
    assert world.trail(flow, who)[0].at == confirmed_at


def test_2b_an_import_with_its_switch_starts_runs(world: World) -> None:
    flow = world.flow(welcome("include_imports: true"))
    world.person(ANA, actor=cast.FILE)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_2c_subscribed_already_and_the_form_again_is_nothing(world: World) -> None:
    world.person(ANA, actor=cast.FORM)
    flow = world.flow(welcome())
    world.person(ANA, actor=cast.FORM)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_2d_a_bulk_call_without_the_switch_is_kept_out(world: World) -> None:
    flow = world.flow(welcome())
    world.person(ANA, actor=cast.BULK)
    world.settle()
    assert world.codes(flow, ANA) == ["E08"]
    assert world.mails_to(ANA) == []


def test_2e_raised_by_a_file_needs_the_other_switch(world: World) -> None:
    world.person(ANA, email_status="non_subscribed")
    flow = world.flow(welcome("include_imports: true"))
    world.person(ANA, actor=cast.FILE)
    world.settle()
    assert world.codes(flow, ANA) == ["E08"]


def test_raised_by_a_file_with_the_other_switch(world: World) -> None:
    world.person(ANA, email_status="non_subscribed")
    flow = world.flow(welcome("include_import_optins: true"))
    world.person(ANA, actor=cast.FILE)
    world.person("ben@example.com", actor=cast.FILE)
    world.settle()
    assert world.entered(flow, ANA) == 1
    assert world.codes(flow, "ben@example.com") == ["E08"]


def test_somebody_who_left_and_comes_back_signs_up_again(world: World) -> None:
    world.person(ANA, actor=cast.FORM)
    world.unsubscribe(ANA)
    flow = world.flow(welcome())
    world.person(ANA, actor=cast.FORM, confirmed=True)
    world.settle()
    assert world.entered(flow, ANA) == 1


def test_the_return_from_the_archive_is_no_sign_up(world: World) -> None:
    world.person(ANA, actor=cast.FORM)
    world.archive(ANA)
    flow = world.flow(welcome())
    world.clock.advance(timedelta(minutes=1))
    world.restore(ANA)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]


def test_somebody_known_but_not_subscribed_does_not_start_it(world: World) -> None:
    flow = world.flow(welcome())
    world.person(ANA, email_status="non_subscribed", actor=cast.STORE)
    world.settle()
    assert world.codes(flow, ANA) == ["E01"]
