"""What a row measures: Relance on a PostgreSQL of its own, filled by its own use cases, run in its own processes."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks import sink
from benchmarks.compare import server
from benchmarks.engines.common import empty_db, free_port, spawn
from benchmarks.multiply import multiply
from relance.accounts.keys import create_key
from relance.accounts.people import open_account
from relance.app import ENGINE_PLANS, KINDS
from relance.audience import audiences, contacts, fields
from relance.audience.conditions import CompiledCache
from relance.audience.record_event import Fact, Recorded, record_events
from relance.db import partitions
from relance.db.migrate import migrate
from relance.db.pool import Database, Stretch
from relance.db.share import everything
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.flows.engine.advance import Advancer
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.judge import ConditionJudge
from relance.kernel import clock
from relance.kernel.garbage import collect_rarely
from relance.kernel.ids import hex_id

ROOT = Path(__file__).resolve().parent.parent
SENDER = {"from_name": "Fern & Moss", "from_email": "hello@fernandmoss.example", "company": "Fern & Moss",
          "address": "12 Garden Lane, Dublin"}  # fmt: skip
LIMITS = {"limits.min_delay": 1}
A_CALL = 1000


def email(i: int) -> str:
    return f"c{i}@example.com"


class Installation:
    """``url`` and ``pid``: of its PostgreSQL. The audience Customers has a text field PLAN."""

    def __init__(self, url: str, pid: int, folder: Path) -> None:
        self.url, self.pid, self.folder = url, pid, folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.port = self.mail_port = 0
        migrate(url)
        self.database = Database(url)
        self.database.open()
        with self.database.transaction() as tx:
            now = clock.now()
            partitions.ensure(tx, now)
            self.account_id = open_account(tx, now, "Fern & Moss", "owner@example.com")[0].account_id
            tx.connection.execute("update account set settings = %s", (json.dumps(LIMITS),))
            self.key = create_key(tx, now, self.account_id, "benchmark")
            self.audience = audiences.create(tx, now, self.account_id, "Customers", SENDER)
            fields.add(tx, self.audience.audience_id, "Plan", "text", tag="PLAN")
        self.members = f"/3.0/lists/{hex_id(self.audience.audience_id)}/members"

    # ── Filling ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def people(self, ids: Sequence[int], plan: Callable[[int], str] = lambda _: "pro") -> None:
        """Subscribed contacts, as an import makes them."""
        for some in parts(ids, 500):
            with self.database.transaction() as tx:
                drafts = [
                    contacts.Draft(email=email(i), email_status="subscribed", fields={"PLAN": plan(i)}) for i in some
                ]
                by = contacts.Actor("import", "import", imported=True)
                contacts.save_many(tx, clock.now(), self.audience, drafts, by)

    def flow(self, *texts: str) -> list[int]:
        """Apply and publish flows; returns their ids."""
        ids = []
        for some in parts(texts, 100):
            with self.database.transaction() as tx:
                for text in some:
                    applied = apply(tx, clock.now(), KINDS, self.account_id, LIMITS, read_flow(text))
                    life.publish(tx, clock.now(), KINDS, applied.flow_id)
                    ids.append(applied.flow_id)
        return ids

    def happen(self, name: str, ids: Sequence[int], properties: Mapping[str, Any] | None = None) -> None:
        """One event for each contact, by the use case behind the API, in one transaction."""
        with self.database.transaction() as tx:
            for some in parts(ids, A_CALL):
                facts = [Fact(self.audience, email(i), name, properties or {}) for i in some]
                failed = [one for one in record_events(tx, clock.now(), facts) if not isinstance(one, Recorded)]
                if failed:
                    raise failed[0]

    def settle(self) -> None:
        """Judge and move everything there is now, by the engine, here."""
        conditions = CompiledCache(KINDS.subjects)
        with self.engine_database() as judging, self.engine_database() as moving:
            dispatcher, advancer = Dispatcher(judging, conditions), Advancer(moving, ConditionJudge(conditions))
            while dispatcher.batch(everything()) + advancer.batch(everything()):
                pass

    def copy(self, i: int, ids: Sequence[int], journey: Callable[[], None]) -> None:
        """What ``journey`` leaves of contact ``i`` and in the figures, as often as there are ``ids``: see multiply.py."""
        with psycopg.connect(self.url) as connection:
            before = {row[0] for row in connection.execute("select delta_id from tally_delta")}
            connection.commit()
            journey()
            multiply(connection, email(i), ids, email, before)

    def engine_database(self) -> Database:
        return Database(self.url, Stretch(1, 3), settings=ENGINE_PLANS, prepare_after=0, check=False)

    def ask(self, statement: str, *values: object) -> Any:
        """The first value of an answer."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(statement, values or None).fetchone()
        return row[0] if row else None

    def run(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement, values or None)

    # ── Processes ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self, *commands: str) -> None:
        """Commands of `relance`, each in a process of its own, or `engine`: a worker that sends nothing."""
        env = {
            "PYTHONPATH": str(ROOT),
            "RELANCE_DATABASE_URL": self.url,
            "RELANCE_DATA": str(self.folder),
            "RELANCE_SECRET": "a secret for benchmarks, 32 characters",
            "RELANCE_PORT": str(self.port or 8700),
        }
        if self.mail_port:
            env["RELANCE_SMTP_URL"] = f"smtp://127.0.0.1:{self.mail_port}?tls=off"
        for command in commands:
            if command in ("serve", "up"):
                self.port = free_port()
                env["RELANCE_PORT"] = str(self.port)
            program = ["-m", "relance", command]
            if command == "engine":
                program = [str(ROOT / "benchmarks" / "engines" / "relance_worker.py")]
            name = command if command not in self.processes else f"{command} {len(self.processes)}"
            self.processes[name] = spawn([sys.executable, *program], env, str(self.log))
            if command in ("serve", "up"):
                sink.wait_for(self.port)

    def start_mail_server(self) -> Path:
        """Returns the file with what it has accepted (benchmarks/sink.py)."""
        self.mail_port, book = free_port(), self.folder / "accepted"
        command = [sys.executable, "-m", "benchmarks.sink", str(self.mail_port), str(book)]
        self.processes["mail server"] = spawn(command, {"PYTHONPATH": str(ROOT)}, str(self.log))
        sink.wait_for(self.mail_port)
        return book

    def wait_until_shared(self, workers: int = 1) -> None:
        """Every worker holds its fair share of the slots, and what setting up has caused is judged."""
        fair = "select (select count(*) from inbox) = 0 and count(*) = %s and max(n) - min(n) <= 1 from (select owner, count(*) as n from lease where owner is not null group by 1) as held"
        self.wait(lambda: self.ask(fair, workers), "the workers did not begin")
        time.sleep(1)

    def wait(self, done: Callable[[], Any], trouble: str, patience: float = 300, pause: float = 0.1) -> None:
        """Raises TimeoutError, or RuntimeError with the last words of a process that has ended."""
        end = time.monotonic() + patience
        while not done():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended with {process.returncode}: {self.log.read_text()[-600:]}")
            if time.monotonic() > end:
                raise TimeoutError(trouble)
            time.sleep(pause)

    def stop(self, *names: str) -> None:
        """These processes, or all."""
        ending = [self.processes.pop(name) for name in names or list(self.processes)]
        for process in ending:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in ending:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    def costs(self) -> Costs:
        return Costs({"client": os.getpid(), "database": self.pid, **{n: p.pid for n, p in self.processes.items()}})


class Costs:
    """CPU seconds, user and system, of processes and all their children, since it was made."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in roots.items()}
        self._mine = {psutil.Process(pid).pid for pid in roots.values()}
        self._before = self._now()

    def spent(self) -> dict[str, float]:
        now = self._now()
        return {name: now[name] - self._before[name] for name in now}

    def _now(self) -> dict[str, float]:
        return {name: self._of(root) for name, root in self._roots.items()}

    def _of(self, root: psutil.Process) -> float:
        total = 0.0
        below = root.children(recursive=True) if root.pid != os.getpid() else []  # ours have names of their own
        for process in (root, *below):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
            if root.pid != os.getpid():
                total += times.children_user + times.children_system
        return total


def costly(spent: Mapping[str, float], what: int) -> str:
    """µs a piece, by process."""
    return ", ".join(f"{name} {1e6 * seconds / max(1, what):.1f}" for name, seconds in spent.items())


@contextmanager
def installation(name: str) -> Iterator[Installation]:
    """On the PostgreSQL that comes with Relance, with its settings; gone afterwards."""
    collect_rarely()  # this process stands for one where events come in by calls
    folder = Path(tempfile.mkdtemp(prefix="relance-bench-", dir="/tmp"))
    folder.chmod(0o777)
    try:
        with server() as (address, pid):
            here = Installation(empty_db(address, f"b_{name}"), pid, folder)
            try:
                yield here
            finally:
                here.stop()
                here.database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[k : k + size] for k in range(0, len(items), size))


def make_due(here: Installation, ahead: float = 0) -> None:
    """Time passes for everybody who waits: entered, arrived and due so much earlier that their instant is now, or some
    seconds ahead. So do publications: a run that has lived through one is looked up in the trail first."""
    due = clock.now() + timedelta(seconds=ahead)
    with psycopg.connect(here.url) as connection:
        connection.execute(
            "update flow_version set published_at = published_at - interval '1 day' "
            "- (select max(due) - %s from run where state = 'waiting')",
            (due,),
        )
        connection.execute(
            "update run r set due = %(due)s, arrived_at = r.arrived_at - (r.due - %(due)s), "
            "entered_at = r.entered_at - (r.due - %(due)s) where r.state = 'waiting'",
            {"due": due},
        )
