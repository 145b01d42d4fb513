"""Trigger 37, clicks a specific link (spec/flows.md 2.4), told from door to effect."""

from __future__ import annotations

from tests.scenarios.world import World

ANA = "ana@example.com"
PALMS, FERNS = "https://fernandmoss.example/palms", "https://fernandmoss.example/ferns"

NEWS = f"""
flow: News
audience: Customers
triggers:
  - tag_added: {{tag: news}}
steps:
  - send_email:
      email: News
      subject: Spring news
      html: |
        <p><a href="{PALMS}">Palms, the button</a> or <a href="{FERNS}">ferns</a>.</p>
        <p>In short: <a href="{PALMS}?utm_source=news">palms</a>.</p>
"""

CLICKED = f"""
flow: Palm lovers
audience: Customers
triggers:
  - email_clicked_link: {{email: News, link: "{PALMS}"}}
steps:
  - add_tag: palms
settings: {{re_entry: true}}
"""


def sent_news(world: World) -> int:
    world.flow(NEWS)
    flow = world.flow(CLICKED)
    world.person(ANA, tags=["news"])
    world.settle()
    return flow


def test_the_click_leads_to_the_shop_and_starts_the_flow(world: World) -> None:
    flow = sent_news(world)
    assert world.click(world.mails_to(ANA)[0]) == PALMS
    assert world.codes(flow, ANA) == ["E00", "B11", "X00"]
    assert "palms" in world.tags_of(ANA)


def test_37a_button_and_text_are_one_link(world: World) -> None:
    flow = sent_news(world)
    button, _, text = world.mails_to(ANA)[0].links()
    world.follow(text)
    world.later(hours=1)
    world.follow(button)
    assert world.entered(flow, ANA) == 1
    assert button != text


def test_37b_another_link_is_not_this_one(world: World) -> None:
    flow = sent_news(world)
    _, ferns, _ = world.mails_to(ANA)[0].links()
    assert world.follow(ferns) == FERNS
    assert world.codes(flow, ANA) == ["E27"]


def test_a_scanner_that_follows_the_link_is_no_person(world: World) -> None:
    flow = sent_news(world)
    world.click(world.mails_to(ANA)[0], "Barracuda Sentinel")
    assert world.codes(flow, ANA) == ["E24"]


def test_the_second_click_of_the_same_link_is_no_second_entry(world: World) -> None:
    flow = sent_news(world)
    world.click(world.mails_to(ANA)[0])
    world.later(days=1)
    world.click(world.mails_to(ANA)[0])
    assert world.entries(flow, ANA) == ["E00"]


def test_the_link_stays_the_same_when_the_email_is_edited(world: World) -> None:
    flow = sent_news(world)
    world.flow(NEWS.replace("Palms, the button", "All our palms").replace("Spring news", "Spring is here"))
    world.click(world.mails_to(ANA)[0])
    assert world.entered(flow, ANA) == 1
