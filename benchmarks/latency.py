"""From an API event to its message accepted by a mail server: the whole product in its usual process, idle or busy."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Row, Size, Tell, at
from benchmarks.installation import Installation, email, installation, make_due

WARM_UP = 30
PACE = 10
"""Events a second."""

FLOW = """
flow: Trial
audience: Customers
triggers:
  - event_api: {name: trial_started}
steps:
  - send_email: {email: Hello, subject: "Hello *|FNAME:there|*", html: '<p>Begin <a href="https://fern.example/">here</a>.</p>'}
"""
OTHER = """
flow: Other
audience: Customers
triggers:
  - event_api: {name: asked}
steps:
  - delay: 30 days
  - if_else:
      when: {field: PLAN, is: pro}
      then:
        - add_tag: pro
      else:
        - add_tag: free
"""
FIRST = 100_000_000
"""Numbers of the contacts who get the messages; the others' are below."""
EVENTS = {"toy": 5, "usual": 200, "full": 600}
DUE = {"toy": 300, "usual": 100_000, "full": 1_000_000}


@dataclass(frozen=True)
class Latency:
    """Seconds. ``answer``: until the API answered; the others: until the mail server had the message, or, where it never
    had it, until nobody looked any more."""

    events: int
    arrived: int
    answer_p50: float
    p50: float
    p99: float
    worst: float


def measure_idle(size: Size, tell: Tell) -> list[Figure]:
    events = EVENTS[size]
    with installation("latency") as here:
        book = _prepare(here, WARM_UP + events)
        tell("the product is up")
        seen = _look(here, book, range(WARM_UP + events), lambda n: n < WARM_UP + events)
    return [
        Figure("p99", seen.p99, "s", 0.3, 0.1, how=f"{seen.arrived} of {seen.events} events, {PACE} a second"),
        Figure("median", seen.p50, "s"),
        Figure("longest", seen.worst, "s"),
        Figure("the API's answer, median", seen.answer_p50 * 1000, "ms"),
    ]


def measure_busy(size: Size, tell: Tell) -> list[Figure]:
    """As many events as come while the other flow drains."""
    due, most = DUE[size], 1200
    with installation("busy") as here:
        here.flow(OTHER)

        def journey() -> None:
            here.people([0])
            here.happen("asked", [0])
            here.settle()

        began = time.monotonic()
        here.copy(0, range(1, due), journey)
        tell(f"{due:,} runs wait, made in {time.monotonic() - began:.0f} s")
        book = _prepare(here, WARM_UP + most)
        drained = 0.0

        def goes_on(n: int) -> bool:
            nonlocal drained
            if n == WARM_UP:
                here.run("checkpoint")
                make_due(here)
                here.run("select pg_notify('relance', 'advance')")
                drained = time.monotonic()
            if n > WARM_UP and not here.ask("select exists (select from run where state = 'waiting')"):
                return False
            return n < WARM_UP + most

        seen = _look(here, book, range(WARM_UP + most), goes_on, patience=600)
        left = here.ask("select count(*) from run where state = 'waiting'")
        lasted = time.monotonic() - drained
    how = f"{seen.arrived} of {seen.events} events, {PACE} a second, while {due:,} runs were due ({left:,} were left at the end)"
    return [
        Figure("p99", seen.p99, "s", 1.0, 0.5, how=how),
        Figure("median", seen.p50, "s"),
        Figure("longest", seen.worst, "s"),
        Figure("the API's answer, median", seen.answer_p50 * 1000, "ms"),
        Figure("drained and sent within", lasted, "s"),
    ]


def _prepare(here: Installation, people: int) -> Path:
    """The people, the flow live, the product up; returns what the mail server has accepted."""
    here.people(range(FIRST, FIRST + people))
    here.flow(FLOW)
    here.run("vacuum analyze")
    book = here.start_mail_server()
    here.start("up")
    here.wait_until_shared()
    time.sleep(2)
    return book


def _look(
    here: Installation, book: Path, ids: range, goes_on: Callable[[int], bool], patience: float = 15
) -> Latency:  # fmt: skip
    """One event after the other at the pace, as long as it ``goes_on``; the first ones are not counted."""
    connection = here.connection()
    body = json.dumps({"name": "trial_started", "properties": {"plan": "pro"}})
    started: dict[str, float] = {}
    answers = []
    begin, first = time.time(), 0
    for n in ids:
        if n == WARM_UP:
            time.sleep(2)
        if not goes_on(n):
            break
        if n == WARM_UP:
            begin, first = time.time(), n
        time.sleep(max(0.0, begin + (n - first) / PACE - time.time()))
        who = email(FIRST + n)
        went = time.time()
        connection.request("POST", f"{here.members}/{hashlib.md5(who.encode()).hexdigest()}/events", body, here.headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 204:
            raise RuntimeError(f"the API answered {answer.status}: {told[:200]!r}")
        if n >= WARM_UP:
            started[who] = went
            answers.append(time.time() - went)
    accepted = _accepted(book, started, patience)
    gave_up = time.time()
    delays = sorted(accepted.get(who, gave_up) - went for who, went in started.items())
    return Latency(
        len(started), len(accepted), at(sorted(answers), 0.5), at(delays, 0.5), at(delays, 0.99), at(delays, 1)
    )


def _accepted(book: Path, wanted: Mapping[str, float], patience: float) -> dict[str, float]:
    """Recipient → when the mail server had it. Waits for the last."""
    end = time.monotonic() + patience
    while True:
        found: dict[str, float] = {}
        for line in book.read_text().splitlines():
            recipient, when = line.split()
            if recipient in wanted:
                found.setdefault(recipient, float(when))
        if len(found) == len(wanted) or time.monotonic() > end:
            return found
        time.sleep(0.2)


IDLE = Row(
    "latency",
    "From an API event to the message accepted by a mail server, idle system",
    "`relance up`, single events by `POST /3.0/lists/…/members/…/events`, ten a second.",
    measure_idle,
)
BUSY = Row(
    "busy",
    "The same while another flow drains",
    "As above. Meanwhile the instant of everybody who waits in another flow (delay → if/else → tag → end) has come. A message "
    "that did not come counts as long as it was waited for. The waiting contacts are copies, in SQL, of the rows that the "
    "product leaves of one; their instant comes in one UPDATE.",
    measure_busy,
)
