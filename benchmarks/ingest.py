"""Events over HTTP, stored and judged, with many flows listening."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.figures import Figure, Row, Size, Tell
from benchmarks.installation import Installation, costly, email, installation

BATCH = 100
CONNECTIONS = 4
LISTENING = 10
"""Flows to each kind of event."""
ENTERS = 10
"""One event in so many."""
SIZES = {"toy": (200, 20, 400), "usual": (20_000, 1_000, 60_000), "full": (50_000, 1_000, 300_000)}
"""Contacts, flows, events."""

FLOW = """
flow: Flow {number}
audience: Customers
triggers:
  - event_api: {{name: kind_{kind}, where: [{{property: plan, op: is, value: p{place}}}]}}
{filter}steps:
  - delay: 30 days
"""
FILTER = "    filter: {field: PLAN, is: pro}\n"


class Pace(NamedTuple):
    """Events a second until the last was answered, and until it was judged; CPU by process, in words and added up."""

    answered: float
    judged: float
    spent: str
    cpu: float


def flow(number: int) -> str:
    kind, place = divmod(number, LISTENING)
    return FLOW.format(number=number, kind=kind, place=place, filter=FILTER if place % 2 else "")


def calls(contacts: int, flows: int, events: Sequence[int]) -> list[list[dict[str, object]]]:
    """Bodies of 100 events. One event in ten fits the settings of one of the ten flows that hear it, and enters."""
    made: list[dict[str, object]] = []
    for n in events:
        entry = n // ENTERS
        target = (entry + entry // contacts) % flows  # nobody enters a flow twice
        kind, place = divmod(target, LISTENING)
        plan = f"p{place}" if n % ENTERS == 0 else "none"
        who = entry % contacts if n % ENTERS == 0 else (n * 7) % contacts
        properties = {"plan": plan, "amount": n % 97, "source": "shop"}
        made.append({"contact": email(who), "name": f"kind_{kind}", "properties": properties})
    return [made[k : k + BATCH] for k in range(0, len(made), BATCH)]


def pace(contacts: int, flows: int, events: int, tell: Tell, connections: int = CONNECTIONS) -> Pace:
    with installation("ingest") as here:
        here.people(range(contacts))
        began = time.monotonic()
        here.flow(*(flow(n) for n in range(flows)))
        tell(f"{flows:,} flows published in {time.monotonic() - began:.0f} s")
        here.run("vacuum analyze")
        here.start("serve", "worker")
        here.wait_until_shared()
        warm_up = events // 10
        _send(here, calls(contacts, flows, range(warm_up)), connections)
        here.wait(lambda: not here.ask("select exists (select from inbox)"), "the warm-up was not judged")
        time.sleep(1)
        bodies = calls(contacts, flows, range(warm_up, warm_up + events))
        entries = here.ask("select count(*) from entry")
        costs, began = here.costs(), time.monotonic()
        _send(here, bodies, connections)
        answered = time.monotonic() - began
        here.wait(lambda: not here.ask("select exists (select from inbox)"), "the events were not judged", pause=0.02)
        judged = time.monotonic() - began
        here.wait(lambda: not here.ask("select exists (select from run where state = 'arriving')"), "runs do not move")
        spent = costs.spent()
        entered = here.ask("select count(*) from entry") - entries
        if entered != events // ENTERS:
            raise RuntimeError(f"{entered} of {events} events entered, not one in {ENTERS}")
        return Pace(events / answered, events / judged, costly(spent, events), 1e6 * sum(spent.values()) / events)


def _send(here: Installation, bodies: Sequence[list[dict[str, object]]], connections: int) -> None:
    """The bodies over some connections at once, each written when its turn comes."""
    waiting, lock, troubles = iter(bodies), threading.Lock(), list[str]()

    def go_on() -> None:
        connection = here.connection()
        while not troubles:
            with lock:
                body = next(waiting, None)
            if body is None:
                return
            connection.request("POST", "/api/events", json.dumps({"events": body}), here.headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200 or json.loads(text)["accepted"] != len(body):
                troubles.append(f"the API answered {answer.status}: {text[:200]!r}")

    threads = [threading.Thread(target=go_on) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise RuntimeError(troubles[0])


def measure(size: Size, tell: Tell) -> list[Figure]:
    contacts, flows, events = SIZES[size]
    seen = pace(contacts, flows, events, tell)
    return [
        Figure("stored and judged", seen.judged, "events/s", 10_000, 20_000, more=True,
               how=f"µs CPU an event: {seen.spent}"),
        Figure("answered", seen.answered, "events/s"),
    ]  # fmt: skip


def measure_flows(size: Size, tell: Tell) -> list[Figure]:
    contacts, _, events = SIZES[size]
    few, many = (10, 30) if size == "toy" else (10, 10_000)
    paces = {flows: pace(contacts, flows, events, tell) for flows in (few, many)}
    rates = [one.judged for one in paces.values()]
    how = "; ".join(
        f"{n:,} flows: {one.judged:,.0f} events/s, {one.cpu:.0f} µs CPU an event" for n, one in paces.items()
    )
    return [
        Figure("quickest / slowest", max(rates) / min(rates), "×", 1.5, 1.1, how=how),
        Figure("CPU, most / least", max(p.cpu for p in paces.values()) / min(p.cpu for p in paces.values()), "×"),
    ]


INGEST = Row(
    "ingest",
    "Events over HTTP: stored and judged",
    "`POST /api/events` in batches of 100 over 4 connections to one `relance serve`, one `relance worker`; client, server, "
    "worker and database share the machine. 1,000 live flows, 10 listening to each event name by a property of the event, "
    "half of them with a filter on the contact; 1 event in 10 fits one of them and enters, and its run moves on to a delay. "
    "Until the last event is judged.",
    measure,
)
MANY_FLOWS = Row(
    "many-flows",
    "The same with 10 and with 10,000 live flows",
    "As above, the same events and entries.",
    measure_flows,
)
