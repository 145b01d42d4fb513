"""What one worker's advancing costs, and what a second one adds."""

from __future__ import annotations

import time

from benchmarks.figures import Figure, Row, Size, Tell
from benchmarks.installation import Installation, costly, installation, make_due

FLOW = """
flow: Offer
audience: Customers
triggers:
  - event_api: {name: asked}
steps:
  - delay: 30 days
  - if_else:
      when: {field: PLAN, is: pro}
      then:
        - send_email: {email: A, subject: "Hello *|FNAME:there|*", html: "<p>All of it is yours.</p>"}
      else:
        - send_email: {email: B, subject: "Hello *|FNAME:there|*", html: "<p>There is more to have.</p>"}
"""
AT_ONCE_FLOW = FLOW.replace("flow: Offer", "flow: Offer at once").replace("name: asked", "name: asked_now").replace(
    "  - delay: 30 days\n", "  - add_tag: asked\n"
)  # fmt: skip
SIZES = {"toy": 200, "usual": 40_000, "full": 200_000}
WARM_UP = 100
AHEAD = 4.0
"""Seconds until the instant comes."""
TRANSITIONS = 2
"""A run: through the if/else, into the outbox. Its leaving the delay is not counted."""


def measure(size: Size, tell: Tell) -> list[Figure]:
    people = SIZES[size]
    with installation("transitions") as here:
        _waiting(here, people)
        tell(f"{people:,} contacts wait before the if/else")
        here.start("engine")
        here.wait_until_shared()
        here.run("checkpoint")
        costs, began = here.costs(), time.monotonic()
        # Time would leave no old versions behind: they are cleared away before it comes.
        make_due(here, AHEAD)
        here.run("vacuum run")
        time.sleep(max(0.0, began + AHEAD - time.monotonic()))
        setting, began = costs.spent(), time.monotonic()
        here.run("select pg_notify('relance', 'advance')")
        here.wait(
            lambda: here.ask("select not exists (select from run where state = 'waiting')"), "the runs do not move"
        )
        lasted, spent = time.monotonic() - began, costs.spent()
        messages = here.ask("select count(*) from delivery")
        if messages != people:
            raise RuntimeError(f"{messages} messages for {people} contacts")
        work = {name: spent[name] - setting[name] for name in ("engine", "database")}
        moved = people * TRANSITIONS
        return [
            Figure("CPU", 1e6 * sum(work.values()) / moved, "µs a transition", 25, 15,
                   how=f"µs a transition: {costly(work, moved)}"),
            Figure("moved", moved / lasted, "transitions/s"),
        ]  # fmt: skip


def _waiting(here: Installation, people: int) -> None:
    """Half on either plan. By the product where they are few, else copies of what it leaves of two contacts."""
    here.flow(FLOW)
    for plan in (0, 1):
        others = range(plan + 2, people, 2)

        def journey(i: int = plan) -> None:
            here.people([i], lambda _: ("pro", "free")[i])
            here.happen("asked", [i], {"topic": "ferns"})
            here.settle()

        here.copy(plan, others, journey)
    here.run("vacuum analyze")


def measure_two(size: Size, tell: Tell) -> list[Figure]:
    """The same backlog, become visible in one commit while the workers wait."""
    people = SIZES[size]
    rates = {workers: _drain(people, workers, tell) for workers in (1, 2)}
    return [
        Figure("two workers / one", rates[2] / rates[1], "×", 1.3, None, more=True,
               how=f"{rates[1]:,.0f} and {rates[2]:,.0f} contacts/s"),
    ]  # fmt: skip


def _drain(people: int, workers: int, tell: Tell) -> float:
    """Contacts a second."""
    done = "select count(*) from delivery"
    with installation("workers") as here:
        here.flow(AT_ONCE_FLOW)
        here.copy(0, range(1, people), lambda: here.people([0]))
        here.run("vacuum analyze")
        here.start(*["engine"] * workers)
        here.wait_until_shared(workers)
        here.happen("asked_now", range(WARM_UP))
        here.wait(lambda: here.ask(done) == WARM_UP, "the warm-up is not done")
        here.run("checkpoint")
        here.happen("asked_now", range(WARM_UP, people))
        began = time.monotonic()
        here.wait(lambda: here.ask(done) == people, "the backlog is not done", pause=0.05)
        rate = (people - WARM_UP) / (time.monotonic() - began)
    tell(f"{workers} worker(s): {rate:,.0f} contacts/s")
    return rate


TRANSITION = Row(
    "transitions",
    "Advancing: if/else and outbox",
    "One worker without the send loop moves contacts who waited before an if/else on a field through it into the outbox: "
    "two transitions each, with trail, figures and outbox row. CPU of worker and database. The contacts are copies, in "
    "SQL, of the rows that the product leaves of two of them; their instant comes in one UPDATE, whose CPU is left out.",
    measure,
)
TWO_WORKERS = Row(
    "two-workers",
    "Two workers on the backlog of one",
    "Start → tag → if/else → message row. All events become visible in one commit while the workers wait; until the last "
    "message row. The contacts are copies, in SQL, of the rows that an import leaves of one.",
    measure_two,
)
