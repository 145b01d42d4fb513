"""Step: send email (spec/flows.md 6.2, 5.9, 9): consent is asked when the message is about to leave."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenarios.world import World

ANA = "ana@example.com"


def letter(options: str = "", settings: str = "", before: str = "delay: 1 hour") -> str:
    return f"""
flow: Letter
audience: Customers
triggers:
  - tag_added: {{tag: vip}}
steps:
  - {before}
  - send_email: {{email: Letter, subject: "Dear *|FNAME:friend|*", html: "<p>Hello.</p>"{options}}}
  - add_tag: written
settings: {{re_entry: true{settings}}}
"""


def test_it_leaves_and_the_run_goes_on(world: World) -> None:
    flow = world.flow(letter())
    world.person(ANA, fields={"FNAME": "Ana"}, tags=["vip"])
    world.later(hours=2)
    assert world.subjects(ANA) == ["Dear Ana"]
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S00", "B11", "X00"]


def test_a_marketing_email_says_how_to_leave_with_one_click(world: World) -> None:
    world.flow(letter())
    world.person(ANA, tags=["vip"])
    world.later(hours=2)
    (mail,) = world.mails_to(ANA)
    assert mail.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert mail.header("List-Unsubscribe").startswith("<http")


def test_an_email_can_name_its_flow_and_the_day_of_entry(world: World) -> None:
    flow = world.flow("""
flow: Welcome
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - delay: 2 days
  - send_email: {email: Hello, subject: "*|FLOW:NAME|* since *|FLOW:ENTERED|*", html: "<p>*|FLOW:NAME:us|*</p>"}
""")
    world.person(ANA, tags=["vip"])
    world.later(days=2)
    assert world.subjects(ANA) == ["Welcome since May 4, 2026"]
    assert "Welcome" in world.mails_to(ANA)[0].view.html
    assert world.path(flow, ANA)[-1] == "X00"


def none(world: World) -> None:
    """Changes nothing."""


def test_dates_are_those_of_the_flow_s_zone(world: World) -> None:
    """It is Monday evening in the shop and Tuesday night where Ana lives."""
    text = """
flow: Night
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email:
      email: Hello
      subject: "*|DATE:l|* *|EVENT:DATE|* *|FLOW:ENTERED|* *|IF:FLOW:ENTERED>2026-05-04|*late*|END:IF|*"
      html: "<p>Hello.</p>"
settings: {zone: ZONE}
"""
    world.flow(text.replace("ZONE", "contact"))
    world.flow(text.replace("ZONE", "account").replace("Night", "Evening"))
    world.person(ANA, zone="Asia/Tokyo")
    world.later(hours=7)
    world.tag(ANA, "vip")
    world.settle()
    subjects = sorted(subject.strip() for subject in world.subjects(ANA))
    assert subjects == ["Monday May 4, 2026 May 4, 2026", "Tuesday May 5, 2026 May 5, 2026 late"]


@pytest.mark.parametrize(
    ("status", "change", "code"),
    [
        ("subscribed", lambda world: world.unsubscribe(ANA), "S02"),
        ("subscribed", lambda world: world.clean(ANA), "S03"),
        ("non_subscribed", none, "S01"),
        ("unsubscribed", none, "S02"),
    ],
    ids=["unsubscribed on the way", "cleaned on the way", "never subscribed", "unsubscribed before"],
)
def test_who_may_not_be_written_to_goes_on_at_once(
    world: World, status: str, change: Callable[[World], None], code: str
) -> None:
    flow = world.flow(letter())
    world.person(ANA, email_status=status, tags=["vip"])
    world.settle()
    change(world)
    world.later(hours=1)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", code, "B11", "X00"]
    assert world.mails_to(ANA) == []


def test_a_transactional_email_leaves_for_the_unsubscribed(world: World) -> None:
    flow = world.flow(letter(", class: transactional"))
    world.person(ANA, email_status="unsubscribed", tags=["vip"])
    world.later(hours=2)
    assert "S00" in world.codes(flow, ANA)


def test_subscribed_again_later_sends_resume_and_skipped_ones_do_not_come_back(world: World) -> None:
    flow = world.flow("""
flow: Two letters
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: First, subject: First, html: "<p>First.</p>"}
  - delay: 1 day
  - send_email: {email: Second, subject: Second, html: "<p>Second.</p>"}
""")
    world.person(ANA, email_status="non_subscribed", tags=["vip"])
    world.settle()
    world.person(ANA)
    world.later(days=2)
    assert world.subjects(ANA) == ["Second"]
    assert world.path(flow, ANA) == ["E00", "W10", "S01", "W01", "W10", "S00", "X00"]


def test_a_delay_counts_from_the_real_send(world: World) -> None:
    flow = world.flow(letter().replace("  - add_tag: written", "  - delay: 1 day\n  - add_tag: written"))
    who = world.person(ANA, tags=["vip"])
    world.later(hours=40)
    sent, done = (line.at for line in world.trail(flow, who) if line.code in ("S00", "B11"))
    assert (done - sent).total_seconds() == 86_400


def test_each_run_sends_once_and_a_new_run_again(world: World) -> None:
    flow = world.flow(letter())
    world.person(ANA)
    for _ in range(2):
        world.tag(ANA, "vip")
        world.later(hours=3)
        world.tag(ANA, remove=["vip"])
    assert world.codes(flow, ANA).count("S00") == 2


def test_once_per_contact_is_once_for_ever(world: World) -> None:
    flow = world.flow(letter(", once_per_contact: true"))
    world.person(ANA)
    for _ in range(2):
        world.tag(ANA, "vip")
        world.later(hours=3)
        world.tag(ANA, remove=["vip"])
    assert [code for code in world.codes(flow, ANA) if code.startswith("S")] == ["S00", "S11"]
    assert len(world.mails_to(ANA)) == 1


def test_a_mail_server_that_says_later_is_asked_again(world: World) -> None:
    flow = world.flow(letter())
    world.post.full = True
    world.person(ANA, tags=["vip"])
    world.later(hours=2)
    assert world.at(flow, ANA) == "send_email"
    world.post.full = False
    world.later(hours=2)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S00", "B11", "X00"]
    assert len(world.mails_to(ANA)) == 1


def test_after_a_day_it_is_given_up_and_the_run_goes_on(world: World) -> None:
    flow = world.flow(letter())
    world.post.full = True
    world.person(ANA, tags=["vip"])
    world.later(days=3)
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S13", "B11", "X00"]
    assert world.contact(ANA).email_status == "subscribed"


def test_who_unsubscribes_by_the_email_gets_no_further_one(world: World) -> None:
    world.flow(letter("", before="delay: 1 hour").replace(
        "  - add_tag: written",
        '  - delay: 1 day\n  - send_email: {email: More, subject: More, html: "<p>More.</p>"}'))  # fmt: skip
    world.person(ANA, tags=["vip"])
    world.later(hours=2)
    (mail,) = world.mails_to(ANA)
    world.one_click(mail)
    world.later(days=2)
    assert world.contact(ANA).email_status == "unsubscribed"
    assert len(world.mails_to(ANA)) == 1
