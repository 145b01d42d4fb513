"""The accounting after a storm: what was put in, what Relance says, and what those outside have got."""

from __future__ import annotations

from collections import Counter
from typing import Any

from relance.audience.events import CUSTOM
from relance.db.pool import Database
from relance.flows.engine.reconcile import reconcile, waiting
from relance.flows.engine.set_aside import count_set_aside
from tests.storm.callers import Told
from tests.storm.shop import Shop
from tests.storm.tally import Tally

GROUP = 20
"""Messages that a worker has in hand at a time, at most."""


def close_books(
    database: Database, shop: Shop, told: Told, tally: Tally, caught: Counter[str], heard: Counter[str],
    in_hand: set[str], unanswered: set[str],
) -> None:  # fmt: skip
    """Writes figures and faults into the tally."""
    tally.people, tally.events = len(told.people), len(told.events)
    tally.answers, tally.repeated = told.answers, told.repeated
    tally.faults += told.faults
    with database.transaction() as tx:
        if left := waiting(tx):
            tally.faults.append(f"{left} events were never judged")
        aside, trouble = count_set_aside(tx)
        if aside:
            tally.faults.append(f"{aside} events were set aside: {trouble}")
        tally.faults += [f"{check.name}: {gap}" for check in reconcile(tx) for gap in check.gaps]

    def ask(statement: str, *values: Any) -> list[Any]:
        with database.transaction() as tx:
            return tx.connection.execute(statement, values).fetchall()

    _inputs(ask, told, tally)
    _entries(ask, shop, told, tally)
    _mail(ask, tally, caught, in_hand, unanswered)
    _calls(ask, tally, heard)


def _inputs(ask: Any, told: Told, tally: Tally) -> None:
    kept = Counter({int(row[0]): row[1] for row in ask(
        "select payload -> 'properties' ->> 'n', count(*) from event where kind = %s group by 1", CUSTOM.key
    )})  # fmt: skip
    if lost := told.events.keys() - kept.keys():
        tally.faults.append(f"{len(lost)} acknowledged events are not in the ledger, such as {min(lost)}")
    if twice := [number for number, count in kept.items() if count > 1]:
        tally.faults.append(f"{len(twice)} events are in the ledger twice, such as {min(twice)}")
    if extra := kept.keys() - told.events.keys():
        tally.faults.append(f"{len(extra)} events are in the ledger that nobody was told of, such as {min(extra)}")
    signed_up = ask("select count(*) as contacts, count(distinct email) as addresses from contact")[0]
    if tuple(signed_up) != (len(told.people), len(told.people)):
        tally.faults.append(f"{len(told.people)} people signed up; contacts and addresses: {tuple(signed_up)}")


def _entries(ask: Any, shop: Shop, told: Told, tally: Tally) -> None:
    """Who must have entered which flow, once; nobody else."""
    wanted = {
        "Storm": {email for name, email in told.events.values() if name == "go"},
        "Tagged": {row[0] for row in ask(
            "select c.email from contact_tag t join contact c using (bucket, contact_id) "
            "join tag n using (tag_id) where n.name = 'ana'"
        )},
        "Buyers": {email for name, email in told.events.values() if name == "paid"},
    }  # fmt: skip
    for name, people in wanted.items():
        came = Counter(row[0] for row in ask(
            "select c.email from entry e join contact c using (bucket, contact_id) where e.flow_id = %s",
            shop.flows[name],
        ))  # fmt: skip
        tally.entered[name] = sum(came.values())
        if twice := [email for email, count in came.items() if count > 1]:
            tally.faults.append(f"{len(twice)} people entered {name} twice, such as {min(twice)}")
        if odd := people ^ came.keys():
            tally.faults.append(f"{len(odd)} people are in {name} without a reason, or not in it: such as {min(odd)}")
    if inside := ask("select count(*) from run where ended_at is null")[0][0]:
        tally.faults.append(f"{inside} runs never ended")


def _mail(ask: Any, tally: Tally, caught: Counter[str], in_hand: set[str], unanswered: set[str]) -> None:
    rows = ask("select delivery_id::text, state from delivery")
    states = Counter(row[1] for row in rows)
    sent = {row[0] for row in rows if row[1] == "sent"}
    unknown = {row[0] for row in rows if row[1] == "unknown"}
    tally.sent, tally.unknown, tally.caught = len(sent), len(unknown), sum(caught.values())
    tally.in_hand, tally.unanswered = len(in_hand), len(unanswered)
    if doubled := [key for key, count in caught.items() if count > 1]:
        tally.faults.append(f"{len(doubled)} messages came twice, such as {doubled[0]}")
    if missing := sent - caught.keys():
        tally.faults.append(f"{len(missing)} messages count as sent and never came, such as {min(missing)}")
    if extra := caught.keys() - sent - unknown:
        tally.faults.append(f"{len(extra)} messages came that do not count as sent, such as {min(extra)}")
    odd = unknown - in_hand - unanswered
    if len(odd) > GROUP * tally.blind:
        tally.faults.append(f"{len(odd)} messages are unknown that were in nobody's hand at a kill, such as {min(odd)}")
    if other := {state: count for state, count in states.items() if state not in ("sent", "unknown", "skipped")}:
        tally.faults.append(f"deliveries in other states: {other}")
    if twice := ask("select run_id, step_id from delivery group by 1, 2 having count(*) > 1"):
        tally.faults.append(f"{len(twice)} steps have sent to their run twice")


def _calls(ask: Any, tally: Tally, heard: Counter[str]) -> None:
    rows = ask("select call_id::text, state, answer from webhook_call")
    answered = {row[0] for row in rows if row[1] == "ok"}
    tally.calls, tally.heard = len(answered), sum(heard.values())
    if never := answered - heard.keys():
        tally.faults.append(f"{len(never)} calls count as made and were never heard")
    if strange := heard.keys() - {row[0] for row in rows}:
        tally.faults.append(f"{len(strange)} calls came with a key that nobody knows")
    if other := Counter((row[1], row[2]) for row in rows if row[1] not in ("ok", "withdrawn")):
        tally.faults.append(f"webhook calls in other states: {dict(other)}")
