"""Step: percentage split (spec/flows.md 6.1): chance on arrival, alike in every replay."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest

from relance.flows.steps.choose.split_percent import PARTS, drawn, lot
from relance.flows.steps.shape import Mover
from tests.scenarios.world import World

ANA = "ana@example.com"
PEOPLE = [f"person{n}@example.com" for n in range(40)]


def split(ways: str, more: str = "", settings: str = "{}") -> str:
    return f"""
flow: Which letter
audience: Customers
triggers:
  - tag_added: ask
steps:
  - split_percent: {{ways: [{ways}]{more}}}
  - add_tag: asked
settings: {settings}
"""


HALVES = "{share: 50, label: Short, then: [{add_tag: short}]}, {share: 50, label: Long, then: [{add_tag: long}]}"


def letter(world: World, email: str) -> set[str]:
    return world.tags_of(email) & {"short", "long"}


def test_everybody_goes_one_way_and_the_ways_join_again(world: World) -> None:
    flow = world.flow(split(HALVES))
    for email in PEOPLE:
        world.person(email, tags=["ask"])
    world.settle()
    ways = Counter(next(iter(letter(world, email))) for email in PEOPLE)
    assert all(len(letter(world, email)) == 1 and "asked" in world.tags_of(email) for email in PEOPLE)
    assert min(ways["short"], ways["long"]) > 5
    assert world.path(flow, PEOPLE[0]) == ["E00", "B03", "B11", "B11", "X00"]
    assert world.figure(flow, "B03") == len(PEOPLE)


def test_of_10000_each_half_has_about_5000() -> None:
    halves = sum(lot(1, 2, n) < PARTS // 2 for n in range(10_000))
    assert 4_800 <= halves <= 5_200


def test_a_worker_that_starts_again_draws_alike(world: World) -> None:
    """The lot hangs on ids alone, so whatever is asked anew is answered alike."""
    mover = Mover.__new__(Mover)
    mover.flow_id, mover.step_id = 1, 2
    mover.contact_id, mover.run_id = UUID(int=3), UUID(int=4)
    assert drawn(mover, "run") == drawn(mover, "run")
    other = Mover.__new__(Mover)
    other.flow_id, other.step_id = 1, 2
    other.contact_id, other.run_id = UUID(int=3), UUID(int=5)
    assert drawn(mover, "contact") == drawn(other, "contact")
    assert drawn(mover, "run") != drawn(other, "run")


def test_a_contact_who_comes_again_may_be_kept_on_their_way(world: World) -> None:
    flow = world.flow(split(HALVES, ", by: contact", "{re_entry: true}"))
    world.person(ANA)
    ways = []
    for _ in range(6):
        world.tag(ANA, "ask")
        world.settle()
        ways += [frozenset(letter(world, ANA))]
        world.tag(ANA, remove=["ask", "short", "long"])
        world.later(hours=1)
    assert world.entered(flow, ANA) == 6
    assert len(set(ways)) == 1


def test_nobody_goes_a_way_of_nothing(world: World) -> None:
    world.flow(split("{share: 0, then: [{add_tag: short}]}, {share: 100, then: [{add_tag: long}]}"))
    for email in PEOPLE[:10]:
        world.person(email, tags=["ask"])
    world.settle()
    assert [letter(world, email) for email in PEOPLE[:10]] == [{"long"}] * 10


def test_new_shares_hold_for_those_who_arrive_later(world: World) -> None:
    text = split("{share: 100, then: [{add_tag: short}]}, {share: 0, then: [{add_tag: long}]}")
    flow = world.flow(text)
    world.person(ANA, tags=["ask"])
    world.settle()
    world.flow(text.replace("100", "X").replace("share: 0", "share: 100").replace("X", "0"), on=False)
    world.publish(flow)
    world.person(PEOPLE[0], tags=["ask"])
    world.settle()
    assert letter(world, ANA) == {"short"}
    assert letter(world, PEOPLE[0]) == {"long"}


@pytest.mark.parametrize(
    ("ways", "code"),
    [
        ("{share: 50}, {share: 40}", "V14"),
        ("{share: 100}", "V09"),
        ("{share: 101}, {share: -1}", "V15"),
        (", ".join(["{share: 10}"] * 9 + ["{share: 5}"] * 2), "V15"),
        ("{share: half}, {share: 50}", "invalid"),
    ],
)
def test_what_is_no_split_is_refused(world: World, ways: str, code: str) -> None:
    assert code in world.problems(split(ways))


def test_it_is_written_back_as_it_was_read(world: World) -> None:
    assert world.rewritten(split(HALVES, ", by: contact"))["steps"][0] == {
        "split_percent": {
            "ways": [
                {"share": 50, "label": "Short", "then": [{"add_tag": "short"}]},
                {"share": 50, "label": "Long", "then": [{"add_tag": "long"}]},
            ],
            "by": "contact",
        }
    }
