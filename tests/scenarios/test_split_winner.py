"""Step: percentage split with a winner (spec/flows.md 6.1): once one way is certainly better, all who come take it."""

from __future__ import annotations

import pytest

from tests.scenarios.world import APPLE, World

PEOPLE = [f"person{n}@example.com" for n in range(30)]
LATER = [f"later{n}@example.com" for n in range(20)]

LETTERS = """
flow: Which letter
audience: Customers
triggers:
  - tag_added: ask
steps:
  - split_percent:
      ways:
        - {share: 50, label: Short, then: [{add_tag: short}, {send_email: {email: Short, subject: Short, html: BODY}}]}
        - {share: 50, label: Long, then: [{add_tag: long}, {send_email: {email: Long, subject: Long, html: BODY}}]}
      winner: {metric: click, min_per_way: 5, after: 2 days}
""".replace("BODY", "'<p><a href=\"https://fern.example/new\">New ferns</a></p>'")


def come(world: World, people: list[str]) -> None:
    for email in people:
        world.person(email, tags=["ask"])
    world.settle()


def way(world: World, email: str) -> str:
    (tag,) = world.tags_of(email) & {"short", "long"}
    return tag


def short_is_clicked(world: World, agent: str | None = None) -> None:
    """Everybody who got the short letter follows its link."""
    for email in PEOPLE:
        if way(world, email) == "short":
            mail = world.mails_to(email)[0]
            world.follow(mail.links()[0], agent) if agent else world.click(mail)


def ways(world: World, people: list[str] = LATER) -> set[str]:
    return {way(world, email) for email in people}


def test_later_arrivals_take_the_way_that_is_better(world: World) -> None:
    flow = world.flow(LETTERS)
    come(world, PEOPLE)
    assert ways(world, PEOPLE) == {"short", "long"}
    short_is_clicked(world)
    world.later(days=2, hours=2)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"short"}
    assert world.path(flow, LATER[0]) == ["E00", "B03", "B11", "W10", "S00", "X00"]
    seen = [line.seen for line in world.trail(flow, world.contact(LATER[0]).contact_id) if line.code == "B03"]
    assert seen == [{"way": 1, "winner": True}]
    assert ways(world, PEOPLE) == {"short", "long"}, "nobody changes way"


def test_not_before_its_days_are_over(world: World) -> None:
    world.flow(LETTERS)
    come(world, PEOPLE)
    short_is_clicked(world)
    world.later(days=1, hours=23)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"short", "long"}


def test_not_before_enough_people_took_each_way(world: World) -> None:
    world.flow(LETTERS.replace("min_per_way: 5", "min_per_way: 30"))
    come(world, PEOPLE)
    short_is_clicked(world)
    world.later(days=3)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"short", "long"}


def test_not_while_the_difference_may_be_chance(world: World) -> None:
    world.flow(LETTERS)
    come(world, PEOPLE)
    first = next(email for email in PEOPLE if way(world, email) == "short")
    world.click(world.mails_to(first)[0])
    world.later(days=3)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"short", "long"}


def test_what_machines_do_does_not_count(world: World) -> None:
    world.flow(LETTERS.replace("metric: click", "metric: open"))
    come(world, PEOPLE)
    for email in PEOPLE:
        if way(world, email) == "short":
            world.open(world.mails_to(email)[0], APPLE)
    world.later(days=3)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"short", "long"}


def test_by_opens(world: World) -> None:
    world.flow(LETTERS.replace("metric: click", "metric: open"))
    come(world, PEOPLE)
    for email in PEOPLE:
        if way(world, email) == "long":
            world.open(world.mails_to(email)[0])
    world.later(days=3)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"long"}


def test_by_conversions(world: World) -> None:
    text = LETTERS.replace("metric: click", "metric: conversion")
    world.flow(text + "settings: {goal: {event: bought}}\n")
    come(world, PEOPLE)
    world.later(hours=1)
    for email in PEOPLE:
        if way(world, email) == "long":
            world.event(email, "bought")
    world.later(days=3)
    world.settle()
    come(world, LATER)
    assert ways(world) == {"long"}
    assert "V09" in world.problems(text)
    assert "V09" not in world.problems(text + "settings: {goal: {event: bought}}\n")


def test_a_click_on_an_earlier_email_says_nothing_of_the_way(world: World) -> None:
    before = "  - send_email: {email: Before, subject: Before, html: BODY}\n".replace(
        "BODY", "'<p><a href=\"https://fern.example/new\">New ferns</a></p>'"
    )
    world.flow(LETTERS.replace("steps:\n", f"steps:\n{before}  - delay: 1 hour\n"))
    come(world, PEOPLE)
    world.later(hours=2)
    short_is_clicked(world)
    world.later(days=3)
    world.settle()
    come(world, LATER)
    world.later(hours=2)
    assert ways(world) == {"short", "long"}


def test_other_shares_ask_anew(world: World) -> None:
    flow = world.flow(LETTERS)
    come(world, PEOPLE)
    short_is_clicked(world)
    world.later(days=3)
    world.settle()
    world.flow(LETTERS.replace("share: 50, label: Short", "share: 40, label: Short").replace(
        "share: 50, label: Long", "share: 60, label: Long"), on=False)  # fmt: skip
    world.publish(flow)
    come(world, LATER)
    assert ways(world) == {"short", "long"}


def test_without_a_winner_nothing_is_kept(world: World) -> None:
    world.flow(LETTERS.replace("      winner: {metric: click, min_per_way: 5, after: 2 days}\n", ""))
    come(world, PEOPLE[:3])
    who = str(world.contact(PEOPLE[0]).contact_id)
    assert "split_way" not in world.holding(who)
    world.flow(LETTERS.replace("Which letter", "Another"))
    world.tag(PEOPLE[0], remove=["ask"])
    come(world, PEOPLE[:1])
    assert "split_way" in world.holding(who)


@pytest.mark.parametrize(
    ("winner", "code"),
    [
        ("{metric: luck}", "invalid"),
        ("{metric: click, min_per_way: 0}", "V15"),
        ("{metric: click, after: 400 days}", "V15"),
    ],
)
def test_its_bounds(world: World, winner: str, code: str) -> None:
    assert code in world.problems(LETTERS.replace("{metric: click, min_per_way: 5, after: 2 days}", winner))


def test_it_is_written_and_read_back(world: World) -> None:
    (step,) = world.rewritten(LETTERS)["steps"]
    assert step["split_percent"]["winner"] == {"metric": "click", "min_per_way": 5, "after": "2 days"}
    usual = LETTERS.replace("{metric: click, min_per_way: 5, after: 2 days}", "click")
    (step,) = world.rewritten(usual)["steps"]
    assert step["split_percent"]["winner"] in ("click", {"metric": "click"})
