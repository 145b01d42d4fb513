"""A flow is edited again and again while people are inside: the engine does what the slow model says (edit_model.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.kernel.errors import Conflict
from tests.conftest import START, empty
from tests.scenarios.edit_model import Graph, Person, Step, graph, written
from tests.scenarios.post import Post
from tests.scenarios.randomly import each, for_long
from tests.scenarios.story import told
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
who = st.sampled_from([ANA, BEN])
hours = st.sampled_from([1, 6, 30])
simple = st.one_of(
    st.tuples(st.just("delay"), hours),
    st.tuples(st.just("delay"), hours),
    st.just(("add_tag",)),
    st.just(("mail",)),
    st.tuples(st.just("wait"), st.sampled_from(["done", "paid"]), hours),
)
branch = st.lists(simple, min_size=1, max_size=2)
steps = st.lists(st.one_of(simple, simple, st.tuples(st.just("if"), branch, branch)), min_size=2, max_size=5)
place = st.integers(0, 9)
edits = st.one_of(
    st.tuples(st.just("insert"), place, simple),
    st.tuples(st.just("delete"), place),
    st.tuples(st.just("delete"), place),
    st.tuples(st.just("move"), place, place),
    st.tuples(st.just("change"), place, hours),
    st.tuples(st.just("change"), place, hours),
    st.tuples(st.just("unbranch"), place, st.booleans()),
)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("event"), who, st.sampled_from(["asked", "asked", "done", "paid"])),
        st.tuples(st.just("vip"), who),
        st.tuples(st.just("hours"), st.sampled_from([1, 5, 20])),
        st.tuples(
            st.just("publish"),
            st.lists(edits, min_size=1, max_size=3),
            st.sampled_from(["move", "move", "move", "finish_old"]),
            st.sampled_from(["after_join", "other_branch", "exit"]),
        ),
        st.tuples(st.just("publish"), st.lists(edits, min_size=1, max_size=1), st.just("move"), st.just("after_join")),
    ),
    min_size=4,
    max_size=14,
)


class Editor:
    """The team at work on the flow."""

    def __init__(self, first: list[Any]) -> None:
        self.count = 0
        self.steps = [self.named(step) for step in first]

    def named(self, step: Any) -> Step:
        self.count += 1
        step_id = f"step-{self.count}"
        match step:
            case ("if", then, otherwise):
                return (step_id, "if", [self.named(one) for one in then], [self.named(one) for one in otherwise])
        return (step_id, *step)

    def edit(self, edit: Any) -> None:
        steps = self.steps
        at = edit[1] % len(steps)
        match edit:
            case ("insert", _, step):
                steps.insert(at, self.named(step))
            case ("delete", _) if len(steps) > 1 and steps[at][1] != "if":
                del steps[at]
            case ("move", _, to):
                steps.insert(to % len(steps), steps.pop(at))
            case ("change", _, n) if steps[at][1] in ("delay", "wait"):
                steps[at] = (*steps[at][:-1], n)
            case ("unbranch", _, keep) if steps[at][1] == "if" and (keep or len(steps) > 1):
                steps[at : at + 1] = steps[at][3] if keep else []


def placed(old: list[Step], new: Graph, destination: str) -> dict[str, str | None]:
    """Where people of a way that is gone go on: nothing is said of those who go on after the join."""
    found: dict[str, str | None] = {}
    if destination == "after_join":
        return found
    for step in old:
        if step[1] == "if" and step[0] not in new:
            for way, other in ((step[2], step[3]), (step[3], step[2])):
                target = next((one[0] for one in other if one[0] in new), None)
                found |= {one[0]: None if destination == "exit" else target for one in way if one[0] not in new}
    return found


def live(database: Database, clock: Clock, post: Post, first: list[Any], history: list[Any]) -> None:
    empty(database)
    clock.set(START)
    world = World(database, clock, post)
    editor = Editor(first)
    flow = world.flow(written(editor.steps))
    versions = [graph(editor.steps)]
    firsts = [editor.steps[0][0]]
    last = list(editor.steps)
    people = {}
    for email in (ANA, BEN):
        world.person(email)
        people[email] = Person(clock.now())
    world.settle()
    moved = 0
    for act in history:
        world.later(minutes=1)
        for one in people.values():
            one.travel(clock.now())
        match act:
            case ("event", email, name):
                world.event(email, name)
                people[email].event(name, {firsts[-1]: versions[-1][firsts[-1]], **versions[-1]}, len(versions))
            case ("vip", email):
                world.tag(email, "vip")
                people[email].tags.add("vip")
            case ("hours", n):
                world.later(hours=n)
                for one in people.values():
                    one.travel(clock.now())
            case ("publish", changes, inside, destination):
                for change in changes:
                    editor.edit(change)
                world.flow(written(editor.steps), on=False)
                for one in people.values():
                    one.travel(clock.now())
                try:
                    world.publish(flow, inside=inside, removed=destination)
                except Conflict:
                    continue
                versions.append(graph(editor.steps))
                firsts.append(editor.steps[0][0])
                if inside == "move":
                    moved = len(versions)
                    where = placed(last, versions[-1], destination)
                    for one in people.values():
                        one.published(versions[-1], moved, where)
                last = list(editor.steps)
        world.settle()
        check(world, flow, people)
    world.later(days=6)
    for one in people.values():
        one.travel(clock.now())
    check(world, flow, people)
    world.closes()
    assert world.sent_twice() == []


def check(world: World, flow: int, people: dict[str, Person]) -> None:
    for email, one in people.items():
        lines: list[tuple[datetime, str]] = [
            (line.at, line.code) for line in world.trail(flow, world.contact(email).contact_id)
        ]
        done, meant = told(lines), told(one.trail)
        assert done == meant, f"{email}\n  engine {done}\n  model  {meant}"
        assert world.tags_of(email) == one.tags
        assert len(world.mails_to(email)) == len(one.mails)


def test_people_inside_go_on_as_the_model_says(database: Database, clock: Clock, post: Post) -> None:
    each(lambda *told: live(database, clock, post, *told), 9, None, steps, acts)


@pytest.mark.long
def test_people_inside_go_on_as_the_model_says_for_long(database: Database, clock: Clock, post: Post) -> None:
    examples, number = for_long()
    each(lambda *told: live(database, clock, post, *told), examples, number, steps, acts)
