"""Trigger 33, opens an email (spec/flows.md 2.4), told from door to effect: the pixel is fetched over HTTP."""

from __future__ import annotations

from tests.scenarios.world import APPLE, World

ANA = "ana@example.com"

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

OPENED = """
flow: Readers
audience: Customers
triggers:
  - email_opened: {email: News}
steps:
  - add_tag: reader
"""


def sent_news(world: World) -> None:
    world.flow(NEWS)
    world.person(ANA, tags=["news"])
    world.settle()


def test_opening_the_email_received_starts_the_flow(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.open(world.mails_to(ANA)[0])
    assert world.codes(flow, ANA) == ["E00", "B11", "X00"]
    assert "reader" in world.tags_of(ANA)


def test_33a_an_email_sent_long_before_turn_on_and_opened_after(world: World) -> None:
    sent_news(world)
    world.later(days=10)
    flow = world.flow(OPENED)
    world.open(world.mails_to(ANA)[0])
    assert world.entered(flow, ANA) == 1


def test_33b_a_proxy_that_fetches_the_pixel_opens_nothing(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.open(world.mails_to(ANA)[0], APPLE)
    assert world.codes(flow, ANA) == ["E24"]
    assert "reader" not in world.tags_of(ANA)


def test_after_the_proxy_the_person_still_counts(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.open(world.mails_to(ANA)[0], APPLE)
    world.later(hours=1)
    world.open(world.mails_to(ANA)[0])
    assert world.entries(flow, ANA) == ["E24", "E00"]


def test_only_the_first_open_counts(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    for _ in range(3):
        world.open(world.mails_to(ANA)[0])
        world.later(hours=1)
    assert world.entries(flow, ANA) == ["E00"]


def test_a_click_without_images_counts_as_the_open(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.click(world.mails_to(ANA)[0])
    assert world.entered(flow, ANA) == 1


def test_open_then_click_is_one_entry(world: World) -> None:
    sent_news(world)
    flow = world.flow(OPENED)
    world.open(world.mails_to(ANA)[0])
    world.later(minutes=1)
    world.click(world.mails_to(ANA)[0])
    assert world.path(flow, ANA) == ["E00", "B11", "X00"]


def test_opened_before_turn_on_is_history(world: World) -> None:
    sent_news(world)
    world.open(world.mails_to(ANA)[0])
    flow = world.flow(OPENED)
    world.open(world.mails_to(ANA)[0])
    assert world.codes(flow, ANA) == ["E01"]


def test_a_click_after_an_open_before_turn_on_opens_nothing(world: World) -> None:
    """Opened on Monday, turned on on Tuesday, clicked on Wednesday: that was no first open."""
    sent_news(world)
    world.open(world.mails_to(ANA)[0])
    world.later(days=1)
    flow = world.flow(OPENED)
    world.later(days=1)
    world.click(world.mails_to(ANA)[0])
    assert world.entered(flow, ANA) == 0


def test_nor_does_it_end_a_wait_or_reach_a_goal(world: World) -> None:
    sent_news(world)
    world.open(world.mails_to(ANA)[0])
    world.later(days=1)
    flow = world.flow("""
flow: Nudge
audience: Customers
triggers:
  - tag_added: {tag: slow}
steps:
  - wait_for_trigger: {email_opened: {email: News}, up_to: 2 days}
settings:
  goal: {email_opened: {email: News}}
  exit_condition: {email_opened: {email: News}}
""")
    world.tag(ANA, "slow")
    world.settle()
    world.click(world.mails_to(ANA)[0])
    assert world.path(flow, ANA) == ["E00", "W06"]


def test_what_an_earlier_release_recorded_counts_as_it_did(world: World) -> None:
    """Its clicks do not say whether they opened."""
    sent_news(world)
    world.click(world.mails_to(ANA)[0])
    with world.database.transaction() as tx:
        tx.connection.execute("update event set payload = payload - 'opens' where kind = 'message.clicked'")
    flow = world.flow("""
flow: Nudge
audience: Customers
triggers:
  - tag_added: {tag: slow}
steps:
  - wait_for_trigger: {email_opened: {email: News}, look_back: 2 days}
""")
    world.tag(ANA, "slow")
    world.settle()
    assert world.path(flow, ANA) == ["E00", "B06", "X00"]
