"""Trigger 34, doesn't open an email (spec/flows.md 2.4), told from door to effect."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.world import APPLE, World

ANA, BEN = "ana@example.com", "ben@example.com"

NEWS = """
flow: News
audience: Customers
triggers:
  - tag_added: {tag: news}
steps:
  - send_email:
      email: News
      subject: Spring news
      html: '<p><a href="https://fernandmoss.example/new">New plants</a></p>'
"""

UNOPENED = """
flow: Once more
audience: Customers
triggers:
  - email_not_opened: {email: News, period: 5 days}
steps:
  - send_email: {email: Again, subject: Did you see this?, html: "<p>Spring news, once more.</p>"}
"""


def sent_news(world: World, email: str = ANA) -> None:
    world.flow(NEWS)
    world.person(email, tags=["news"])
    world.settle()


def test_five_days_unopened_and_a_second_email_leaves(world: World) -> None:
    sent_news(world)
    flow = world.flow(UNOPENED)
    world.later(days=4, hours=23)
    assert world.codes(flow, ANA) == ["E01"]
    world.later(hours=2)
    assert world.codes(flow, ANA) == ["E00", "W10", "S00", "X00"]
    assert world.subjects(ANA) == ["Spring news", "Did you see this?"]


def test_34a_sent_three_days_before_turn_on_enters_two_days_after(world: World) -> None:
    sent_news(world)
    sent_at = world.clock.now()
    world.later(days=3)
    flow = world.flow(UNOPENED)
    world.later(days=3)
    (entered,) = [line for line in world.trail(flow, world.contact(ANA).contact_id) if line.code == "E00"]
    assert timedelta(days=5) <= entered.at - sent_at <= timedelta(days=5, hours=6)


def test_a_period_that_was_over_before_turn_on_is_history(world: World) -> None:
    sent_news(world)
    world.later(days=6)
    flow = world.flow(UNOPENED)
    world.later(days=6)
    assert world.codes(flow, ANA) == ["E01"]


def test_34b_who_clicked_with_images_off_has_opened(world: World) -> None:
    sent_news(world)
    flow = world.flow(UNOPENED)
    world.later(days=2)
    world.click(world.mails_to(ANA)[0])
    world.later(days=4)
    assert world.codes(flow, ANA) == ["E01"]


def test_who_opened_in_time_gets_nothing_more(world: World) -> None:
    sent_news(world)
    flow = world.flow(UNOPENED)
    world.later(days=2)
    world.open(world.mails_to(ANA)[0])
    world.later(days=4)
    assert world.codes(flow, ANA) == ["E01"]
    assert world.subjects(ANA) == ["Spring news"]


def test_34c_only_a_privacy_proxy_fetched_the_pixel(world: World) -> None:
    sent_news(world)
    flow = world.flow(UNOPENED)
    world.open(world.mails_to(ANA)[0], APPLE)
    world.later(days=6)
    assert world.codes(flow, ANA) == ["E29"]


def test_who_wants_no_pixel_cannot_be_known_not_to_have_opened(world: World) -> None:
    world.flow(NEWS)
    world.person(ANA, tags=["news"], no_open_tracking=True)
    world.settle()
    flow = world.flow(UNOPENED)
    world.later(days=6)
    assert world.codes(flow, ANA) == ["E29"]


def test_an_open_on_the_sixth_day_changes_nothing(world: World) -> None:
    sent_news(world)
    flow = world.flow(UNOPENED)
    world.later(days=6)
    world.open(world.mails_to(ANA)[0])
    world.later(days=6)
    assert world.entries(flow, ANA) == ["E00"]


def test_who_was_never_sent_it_is_not_meant(world: World) -> None:
    sent_news(world)
    world.person(BEN)
    flow = world.flow(UNOPENED)
    world.later(days=6)
    assert world.codes(flow, BEN) == ["E01"]
