"""Step: tell a colleague (spec/flows.md 6.2)."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
MOSS, FERN = "moss@shop.example.com", "fern@shop.example.com"


def flow(to: str = MOSS, text: str = "*|FNAME:Somebody|* asks about *|EVENT:plant:a plant|*.") -> str:
    return f"""
flow: Call back
audience: Customers
triggers:
  - event_api: asked
steps:
  - notify_team: {{to: {to}, text: "{text}"}}
  - add_tag: told
settings: {{re_entry: true}}
"""


@pytest.fixture
def shop(world: World) -> World:
    world.colleague(MOSS)
    world.colleague(FERN, "fr")
    return world


def test_a_colleague_is_told_and_the_run_goes_on_at_once(shop: World) -> None:
    number = shop.flow(flow())
    shop.person(ANA, fields={"FNAME": "Ana"})
    shop.event(ANA, "asked", {"plant": "a fern"})
    shop.settle()
    assert shop.path(number, ANA) == ["E00", "B11", "B11", "X00"]
    (mail,) = shop.mails_to(MOSS)
    assert mail.subject == "“Call back”: ana@example.com"
    assert "Ana asks about a fern." in (mail.view.text or "")
    assert f"/contacts/{shop.contact(ANA).contact_id}" in (mail.view.text or "")
    assert shop.mails_to(ANA) == []


def test_several_are_told_each_in_their_language(shop: World) -> None:
    shop.flow(flow(f"[{MOSS}, {FERN}]"))
    shop.person(ANA)
    shop.event(ANA, "asked")
    shop.settle()
    assert [mail.subject for mail in shop.mails_to(FERN)] == ["« Call back » : ana@example.com"]
    assert len(shop.mails_to(MOSS)) == 1


def test_dates_are_those_of_the_flow_s_zone(shop: World) -> None:
    shop.flow(flow(text="Asked on *|EVENT:DATE|*.").replace("re_entry: true", "re_entry: true, zone: contact"))
    shop.person(ANA, zone="Asia/Tokyo")
    shop.later(hours=7)
    shop.event(ANA, "asked")
    shop.settle()
    assert "Asked on May 5, 2026." in (shop.mails_to(MOSS)[0].view.text or "")


def test_it_is_no_message_to_the_contact_so_consent_does_not_matter(shop: World) -> None:
    number = shop.flow(flow())
    shop.person(ANA)
    shop.unsubscribe(ANA)
    shop.event(ANA, "asked")
    shop.settle()
    assert len(shop.mails_to(MOSS)) == 1
    assert shop.figure(number, "S00") == 0
    assert "message.sent" not in shop.told(ANA)


def test_what_a_contact_writes_is_only_text(shop: World) -> None:
    shop.flow(flow())
    name = "<b>Ana</b>\r\nBcc: evil@example.com\r\n\r\n*|EMAIL|*"
    shop.person(ANA, fields={"FNAME": name})
    shop.event(ANA, "asked")
    shop.settle()
    (mail,) = shop.mails_to(MOSS)
    assert mail.view.html is None
    assert "bcc" not in {key.lower() for key, _ in mail.view.headers}
    assert "<b>Ana</b>" in (mail.view.text or "")
    assert "*|EMAIL|*" in (mail.view.text or "")
    assert shop.mails_to("evil@example.com") == []


def test_three_runs_in_an_hour_are_three_notices(shop: World) -> None:
    shop.flow(flow())
    shop.person(ANA)
    for _ in range(3):
        shop.event(ANA, "asked")
        shop.later(minutes=10)
    assert len(shop.mails_to(MOSS)) == 3


def test_over_twenty_an_hour_come_together_once_it_is_over(shop: World) -> None:
    shop.flow(flow())
    people = [f"visitor{n}@example.com" for n in range(25)]
    for email in people:
        shop.person(email)
        shop.event(email, "asked")
    shop.later(minutes=30)
    assert len(shop.mails_to(MOSS)) == 20
    shop.later(minutes=40)
    digest = shop.mails_to(MOSS)[20:]
    assert [mail.subject for mail in digest] == ["“Call back”: 5 people in an hour"]
    told = "".join(mail.view.text or "" for mail in shop.mails_to(MOSS))
    assert all(told.count(email) == 1 for email in people)
    shop.event(people[0], "asked")
    shop.settle()
    assert len(shop.mails_to(MOSS)) == 22, "a new hour has twenty of its own"


def test_a_mail_server_that_is_away_delays_it(shop: World) -> None:
    shop.flow(flow())
    shop.person(ANA)
    shop.post.full = True
    shop.event(ANA, "asked")
    shop.settle()
    assert shop.mails_to(MOSS) == []
    shop.post.full = False
    shop.later(minutes=30)
    assert len(shop.mails_to(MOSS)) == 1


def test_who_has_left_is_not_told_and_as_the_only_one_breaks_the_step(shop: World) -> None:
    number = shop.flow(flow())
    shop.colleague_leaves(MOSS)
    shop.later(hours=2)
    shop.settle()
    assert shop.state(number) == "broken"
    shop.person(ANA)
    shop.event(ANA, "asked")
    shop.settle()
    assert shop.path(number, ANA) == ["E00", "W09"]
    assert shop.mails_to(MOSS) == []
    shop.colleague(MOSS)
    shop.later(hours=2)
    shop.settle()
    assert shop.path(number, ANA) == ["E00", "W09", "B11", "B11", "X00"]
    assert len(shop.mails_to(MOSS)) == 1


def test_as_one_of_several_they_are_left_out(shop: World) -> None:
    number = shop.flow(flow(f"[{MOSS}, {FERN}]"))
    shop.colleague_leaves(MOSS)
    shop.later(hours=2)
    shop.settle()
    assert shop.state(number) == "live"
    shop.person(ANA)
    shop.event(ANA, "asked")
    shop.settle()
    assert (len(shop.mails_to(MOSS)), len(shop.mails_to(FERN))) == (0, 1)


def test_nothing_is_told_of_an_erased_person(shop: World) -> None:
    shop.flow(flow())
    shop.person(ANA)
    shop.event(ANA, "asked")
    shop.judge()
    shop.advancer.batch(shop.share)
    shop.erase(ANA)
    shop.later(hours=1)
    shop.tidy()
    shop.tidy()
    assert shop.mails_to(MOSS) == []
    assert shop.holding(ANA) == []


def test_a_stranger_cannot_be_told(shop: World) -> None:
    assert "V06" in shop.problems(flow("stranger@example.com"))
    assert "V10" in shop.problems(flow(text="*|FNAM|* asks"))
    assert "V09" in shop.problems(flow(to="[]"))


def test_the_file_is_written_back_as_it_was_read(shop: World) -> None:
    assert shop.rewritten(flow())["steps"][0]["notify_team"]["to"] == MOSS
    both = shop.rewritten(flow(f"[{MOSS}, {FERN}]").replace("Call back", "Call both"))
    assert both["steps"][0]["notify_team"]["to"] == [MOSS, FERN]
