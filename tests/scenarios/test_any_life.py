"""Any life of a shop keeps the books: whatever happens in whatever order, the accounting closes, nobody enters twice
for one thing, and nobody is written to twice by one step of one run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.kernel.errors import Conflict
from tests.conftest import START, empty
from tests.scenarios.post import Post
from tests.scenarios.world import World

PEOPLE = ("ana@example.com", "ben@example.com", "chloe@example.com")
who = st.sampled_from(PEOPLE)
which = st.integers(0, 2)

WELCOME = """
flow: Welcome
audience: Customers
triggers:
  - email_signup
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Welcome, subject: Welcome, html: '<p><a href="https://fernandmoss.example/">Come in</a></p>'}
  - delay: 2 days
  - add_tag: greeted
settings: {re_entry: 1 day, exit_condition: {tag: churned}}
"""
CLASS = """
flow: Class
audience: Customers
triggers:
  - event_api: {name: lesson, where: [{property: level, op: greater, value: 2}]}
  - tag_added: {tag: greeted}
steps:
  - wait_for_trigger: {event_api: {name: done}, up_to: 1 day, met: [{add_tag: vip}], timed_out: [{delay: 3 hours}]}
  - update_field: {field: FNAME, append: "!"}
settings: {re_entry: true, goal: {event: paid, within: 5 days}}
"""
READERS = """
flow: Readers
audience: Customers
triggers:
  - email_opened: {email: Welcome}
  - birthday: {field: BIRTHDAY}
steps:
  - if_else: {when: {tag: vip}, then: [{add_tag: fan}], else: [{delay: 1 hour}]}
  - send_email: {email: Again, subject: Again, html: "<p>Again.</p>"}
settings: {re_entry: true}
"""


class Life(RuleBasedStateMachine):
    """Each rule is something that people, the shop or time do."""

    world: World

    def __init__(self, database: Database, clock: Clock, post: Post) -> None:
        super().__init__()
        empty(database)
        clock.set(START)
        self.world = World(database, clock, post)

    @initialize()
    def opening(self) -> None:
        self.flows = [self.world.flow(text) for text in (WELCOME, CLASS, READERS)]
        for email in PEOPLE:
            self.world.person(email, fields={"BIRTHDAY": "05/06"})

    @rule(email=who, tag=st.sampled_from(["vip", "churned", "greeted"]), gone=st.booleans())
    def tag(self, email: str, tag: str, gone: bool) -> None:
        self.world.tag(email, *([] if gone else [tag]), remove=[tag] if gone else [])

    @rule(email=who, name=st.sampled_from(["lesson", "done", "paid"]), level=st.integers(1, 4), ago=st.integers(0, 9))
    def fact(self, email: str, name: str, level: int, ago: int) -> None:
        happened = self.world.clock.now() - timedelta(days=ago)
        self.world.event(email, name, {"level": level}, occurred_at=happened)

    @rule(email=who, status=st.sampled_from(["unsubscribe", "subscribe", "archive", "birthday"]))
    def change(self, email: str, status: str) -> None:
        try:
            match status:
                case "unsubscribe":
                    self.world.unsubscribe(email)
                case "archive":
                    self.world.archive(email)
                case "birthday":
                    self.world.person(email, email_status=None, fields={"BIRTHDAY": "05/08"})
                case _:
                    self.world.person(email)
        except Conflict:
            """Somebody who asked to leave is not brought back by the team."""

    @rule(flow=which, state=st.sampled_from(["pause", "resume", "drain"]))
    def state(self, flow: int, state: str) -> None:
        try:
            getattr(self.world, state)(self.flows[flow])
        except Conflict:
            """Not from every state to every state."""

    @rule(flow=which, email=who)
    def by_hand(self, flow: int, email: str) -> None:
        try:
            self.world.add_by_hand(self.flows[flow], email)
        except Conflict:
            """Only a live flow takes people by hand."""

    @rule(longer=st.booleans())
    def edit(self, longer: bool) -> None:
        with self.world.database.transaction() as tx:
            row = tx.connection.execute("select state from flow where flow_id = %s", (self.flows[0],)).fetchone()
        if row == ("live",):
            self.world.flow(WELCOME.replace("2 days", "3 days") if longer else WELCOME, on=False)
            try:
                self.world.publish(self.flows[0])
            except Conflict:
                """Nothing was changed."""

    @rule(email=who)
    def read(self, email: str) -> None:
        if mails := self.world.mails_to(email):
            self.world.open(mails[-1])

    @rule(hours=st.sampled_from([0, 1, 5, 26, 80]))
    def time_goes_by(self, hours: int) -> None:
        self.world.travel(timedelta(hours=hours), hop=timedelta(hours=20))

    @rule()
    def an_outage(self) -> None:
        self.world.clock.advance(timedelta(hours=30))

    def teardown(self) -> None:
        self.world.closes()
        for flow in self.flows:
            self.world.turn_on(flow)
        self.world.travel(timedelta(days=8), hop=timedelta(hours=20))
        self.world.closes()
        assert self.world.still_inside() == 0, "nobody is left behind"
        assert self.world.entered_twice() == []
        assert self.world.sent_twice() == []


def live(database: Database, clock: Clock, post: Post, *, lives: int, events: int) -> None:
    run_state_machine_as_test(
        lambda: Life(database, clock, post),
        settings=settings(
            max_examples=lives, stateful_step_count=events, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_any_life_of_a_shop_keeps_the_books(database: Database, clock: Clock, post: Post) -> None:
    live(database, clock, post, lives=3, events=15)


@pytest.mark.long
def test_many_lives_of_a_shop_keep_the_books(database: Database, clock: Clock, post: Post) -> None:
    live(database, clock, post, lives=60, events=30)
