"""A storm: events flow through waits, branches and sends to a real mail server while workers are killed with SIGKILL.

Afterwards a last worker finishes in peace, and the tally must close: every event judged, nobody entered twice, the mail
server holds exactly the messages counted as sent, each once, and no more are unknown than were in hand at the kills.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from relance.accounts.people import open_account
from relance.app import KINDS
from relance.audience import audiences, contacts
from relance.audience.audiences import Audience
from relance.audience.record_event import Fact, record_events
from relance.db import partitions
from relance.db.migrate import migrate
from relance.db.pool import Database, Stretch
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.flows.engine.reconcile import reconcile, waiting
from relance.kernel import clock
from relance.messages.transports.catcher import Catcher, CaughtMail

FLOW = """
flow: Storm
audience: Customers
triggers:
  - event_api: {name: go}
steps:
  - send_email: {email: First, subject: "First for *|EMAIL|*", html: "<p>First</p>"}
  - delay: 1 second
  - if_else:
      when: {field: FNAME, is: Ana}
      then:
        - add_tag: ana
        - send_email: {email: Ana, subject: "For Ana", html: "<p>You are called Ana.</p>"}
      else:
        - wait_for_trigger:
            event_api: {name: on_we_go}
            up_to: 2 seconds
            met:
              - send_email: {email: Met, subject: Met, html: "<p>Met</p>"}
            timed_out:
              - send_email: {email: Late, subject: Late, html: "<p>Late</p>"}
  - send_email: {email: Last, subject: Last, html: "<p>Last</p>"}
settings: {exit_condition: {tag: churned}}
"""
LEFT_OUT_OF_HAND = re.compile(rb"^X-Relance-Delivery: (\S+)", re.MULTILINE)


@dataclass
class Tally:
    """What the storm came to. ``faults`` is empty when nothing was lost and nothing doubled."""

    seed: int
    people: int = 0
    events: int = 0
    kills: int = 0
    in_hand: int = 0
    sent: int = 0
    unknown: int = 0
    caught: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        head = (
            f"seed {self.seed}: {self.kills} kills, {self.people} people, {self.events} events, {self.sent} sent, "
            f"{self.caught} caught, {self.unknown} unknown of {self.in_hand} in hand at the kills"
        )
        return "\n".join([head, *(f"FAULT {fault}" for fault in self.faults)])


class Storm:
    """One storm on one database. ``run`` returns the tally."""

    def __init__(self, conninfo: str, seed: int, *, workers: int = 2) -> None:
        self.conninfo, self.workers = conninfo, workers
        self.random = random.Random(seed)
        self.tally = Tally(seed)
        self.caught: Counter[str] = Counter()
        self.catcher = Catcher(0, self._catch)
        self.stop = threading.Event()
        self.emails: list[str] = []
        self.in_hand: set[str] = set()

    def run(self, seconds: float, *, settle: float = 90) -> Tally:
        migrate(self.conninfo)
        self.catcher.start()
        with Database(self.conninfo, Stretch(1, 6)) as database:
            self.database = database
            audience = self._open_shop()
            feeder = threading.Thread(target=self._feed, args=(audience,))
            feeder.start()
            try:
                self._rage(seconds)
            finally:
                self.stop.set()
                feeder.join()
            self._finish(settle)
            self._count()
        self.catcher.stop()
        return self.tally

    def _open_shop(self) -> Audience:
        now = clock.now()
        with self.database.transaction() as tx:
            partitions.ensure(tx, now)
            account, _ = open_account(tx, now, "Fern & Moss", "owner@fern.example")
            tx.connection.execute("update account set settings = '{\"limits.min_delay\": 1}'")
            sender = {"from_name": "Fern & Moss", "from_email": "hello@fern.example", "company": "Fern & Moss"}
            audience = audiences.create(tx, now, account.account_id, "Customers", sender)
            applied = apply(tx, now, KINDS, account.account_id, {"limits.min_delay": 1}, read_flow(FLOW))
        with self.database.transaction() as tx:
            life.turn_on(tx, clock.now(), KINDS, applied.flow_id)
        return audience

    def _catch(self, mail: CaughtMail) -> None:
        found = LEFT_OUT_OF_HAND.search(mail.data.replace(b"\r\n", b"\n"))
        self.caught[found.group(1).decode() if found else "?"] += 1

    # ── The weather ──
    def _feed(self, audience: Audience) -> None:
        """People sign up in small groups, and each gets one event to go; half of them later one to go on."""
        number = 0
        while not self.stop.is_set():
            group = [f"p{number + n}@example.com" for n in range(self.random.randint(1, 25))]
            number += len(group)
            drafts = [
                contacts.Draft(
                    email=email,
                    email_status="subscribed",
                    shown="storm",
                    fields={"FNAME": self.random.choice(["Ana", "Ben", ""])},
                )
                for email in group
            ]
            with self.database.transaction() as tx:
                contacts.save_many(tx, clock.now(), audience, drafts, contacts.Actor(by="app", source="app"))
            self._record([Fact(audience, email, "go", key=f"go {email}") for email in group])
            # A caller that lost the answer sends the same again: the key makes it one.
            self._record([Fact(audience, email, "go", key=f"go {email}") for email in group[:3]])
            self.emails += group
            on = self.random.sample(self.emails, min(len(self.emails), len(group) // 2))
            self._record([Fact(audience, email, "on_we_go") for email in on])
            time.sleep(self.random.uniform(0, 0.15))

    def _record(self, events: list[Fact]) -> None:
        with self.database.transaction() as tx:
            record_events(tx, clock.now(), events)
        self.tally.events += len(events)

    def _rage(self, seconds: float) -> None:
        until = clock.monotonic() + seconds
        crew = [self._start() for _ in range(self.workers)]
        while clock.monotonic() < until:
            time.sleep(self.random.uniform(0.8, 2.5))
            place = self.random.randrange(len(crew))
            self._kill(crew[place])
            crew[place] = self._start()
        for worker in crew:
            self._kill(worker)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "RELANCE_DATABASE_URL": self.conninfo,
            "RELANCE_SECRET": "a secret for storms, 32 characters",
            "RELANCE_SMTP_URL": f"smtp://127.0.0.1:{self.catcher.port}?tls=off",
        }
        log = Path(os.environ.get("RELANCE_STORM_LOG", os.devnull)).open("ab")  # noqa: SIM115 - the child keeps it
        return subprocess.Popen([sys.executable, "-m", "relance", "worker"], env=environment, stdout=log, stderr=log)

    def _kill(self, worker: subprocess.Popen[bytes]) -> None:
        self._note_in_hand()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        self._note_in_hand()
        self.tally.kills += 1

    def _note_in_hand(self) -> None:
        """What is between mark and answer just before and just after a kill: nothing else may become unknown."""
        with self.database.transaction() as tx:
            rows = tx.connection.execute(
                "select delivery_id::text as id from delivery where state = 'handed'"
            ).fetchall()
        self.in_hand |= {row.id for row in rows}

    # ── Afterwards ──
    def _finish(self, patience: float) -> None:
        worker = self._start()
        until = clock.monotonic() + patience
        while clock.monotonic() < until and not self._is_quiet():
            time.sleep(0.3)
        worker.send_signal(signal.SIGTERM)
        if worker.wait(30) != 0:
            self.tally.faults.append(f"the last worker ended with {worker.returncode}")

    def _is_quiet(self) -> bool:
        with self.database.transaction() as tx:
            row = tx.connection.execute(
                "select (select count(*) from inbox) + (select count(*) from run where ended_at is null) "
                "+ (select count(*) from delivery where state in ('queued', 'handed'))"
            ).fetchone()
        return row is not None and row[0] == 0

    def _count(self) -> None:
        tally = self.tally
        with self.database.transaction() as tx:
            if left := waiting(tx):
                tally.faults.append(f"{left} events were never judged")
            tally.faults += [gap for check in reconcile(tx) for gap in check.gaps]
            rows = tx.connection.execute("select delivery_id::text, state from delivery").fetchall()
            entries = tx.connection.execute(
                "select count(*) as entries, count(distinct contact_id) as people from entry"
            ).fetchone()
            inside = tx.connection.execute("select count(*) from run where ended_at is null").fetchone()
        tally.people = len(self.emails)
        states = Counter(row[1] for row in rows)
        tally.sent, tally.unknown = states["sent"], states["unknown"]
        tally.caught, tally.in_hand = sum(self.caught.values()), len(self.in_hand)
        sent = {row[0] for row in rows if row[1] == "sent"}
        unknown = {row[0] for row in rows if row[1] == "unknown"}
        if entries is None or entries[0] != len(self.emails) or entries[1] != len(self.emails):
            tally.faults.append(f"{len(self.emails)} people should have entered once; entries and people: {entries}")
        if inside is None or inside[0]:
            tally.faults.append(f"{inside and inside[0]} runs never ended")
        if doubled := [key for key, count in self.caught.items() if count > 1]:
            tally.faults.append(f"{len(doubled)} messages came twice, such as {doubled[0]}")
        if missing := sent - self.caught.keys():
            tally.faults.append(f"{len(missing)} messages count as sent and never came")
        if extra := self.caught.keys() - sent - unknown:
            tally.faults.append(f"{len(extra)} messages came that do not count as sent")
        if odd := unknown - self.in_hand:
            tally.faults.append(f"{len(odd)} messages are unknown that were in nobody's hand at a kill")
        if set(states) - {"sent", "unknown"}:
            tally.faults.append(f"deliveries in other states: {dict(states)}")


def elapsed(since: float) -> timedelta:
    return timedelta(seconds=round(clock.monotonic() - since))
