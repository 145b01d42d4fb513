"""From an API event to its message accepted by a mail server: the whole product, idle, in its usual process."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import sink
from benchmarks.engines.common import free_port
from relance.accounts.keys import create_key
from relance.app import KINDS, App, open_app
from relance.audience import audiences, contacts
from relance.config import read_config
from relance.flows import life
from relance.flows.definition.apply import apply
from relance.flows.definition.file import read_flow
from relance.kernel import clock
from relance.kernel.ids import hex_id

WARM_UP = 30
PACE = 10
"""Events a second."""

FLOW = """
flow: Trial
audience: Bench
triggers:
  - event_api: {name: trial_started}
steps:
  - send_email: {email: Hello, subject: "Hello *|FNAME:there|*", html: '<p>Begin <a href="https://fern.example/">here</a>.</p>'}
"""
SENDER = {"from_name": "Fern & Moss", "from_email": "hello@fernandmoss.example", "company": "Fern & Moss",
          "address": "12 Garden Lane, Dublin"}  # fmt: skip


@dataclass(frozen=True)
class Latency:
    """Seconds. ``answer``: until the API answered; ``accepted``: until the mail server had the message."""

    events: int
    arrived: int
    answer_p50: float
    p50: float
    p99: float
    worst: float


def measure(events: int, tell: Callable[[str], None]) -> Latency:
    """Raises RuntimeError with the product's last words when it does not start."""
    folder = Path(tempfile.mkdtemp(prefix="relance-latency-", dir="/tmp"))
    folder.chmod(0o755)  # PostgreSQL does not run as root
    book, port, mail_port = folder / "accepted", free_port(), free_port()
    environment = {
        **os.environ,
        "RELANCE_DATA": str(folder / "data"),
        "RELANCE_PORT": str(port),
        "RELANCE_SMTP_URL": f"smtp://127.0.0.1:{mail_port}?tls=off",
    }
    log = (folder / "log").open("wb")
    mail_server = subprocess.Popen([sys.executable, "-m", "benchmarks.sink", str(mail_port), str(book)])
    product = subprocess.Popen([sys.executable, "-m", "relance", "up"], env=environment, stdout=log, stderr=log)
    try:
        sink.wait_for(mail_port)
        _wait_until_healthy(port, product, folder / "log")
        with open_app(read_config(environment)) as app:
            key, address = _prepare(app, WARM_UP + events)
        time.sleep(5)
        tell("latency: the product is up")
        _send(port, key, address, range(WARM_UP))
        time.sleep(2)
        started, answers = _send(port, key, address, range(WARM_UP, WARM_UP + events))
        accepted = _accepted(book, set(started))
    finally:
        for process in (product, mail_server):
            process.send_signal(signal.SIGTERM)
        for process in (product, mail_server):
            process.wait(60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
    delays = sorted(accepted[email] - at for email, at in started.items() if email in accepted)
    return Latency(events, len(delays), _at(sorted(answers), 0.5), _at(delays, 0.5), _at(delays, 0.99), _at(delays, 1))


def _wait_until_healthy(port: int, product: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and product.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"relance up did not become healthy: {log.read_text(errors='replace')[-500:]}")


def _email(i: int) -> str:
    return f"c{i}@example.com"


def _prepare(app: App, people: int) -> tuple[str, str]:
    """The people, the flow live, a key; returns the key and the audience's address in the API."""
    account = app.account
    with app.database.transaction() as tx:
        now = clock.now()
        audience = audiences.create(tx, now, account.account_id, "Bench", SENDER)
        drafts = [contacts.Draft(email=_email(i), email_status="subscribed") for i in range(people)]
        contacts.save_many(tx, now, audience, drafts, contacts.Actor("import", "import", imported=True))
        applied = apply(tx, now, KINDS, account.account_id, account.settings, read_flow(FLOW))
        life.publish(tx, now, KINDS, applied.flow_id)
        key = create_key(tx, now, account.account_id, "benchmark")
    return key, f"/3.0/lists/{hex_id(audience.audience_id)}/members"


def _send(port: int, key: str, address: str, ids: range) -> tuple[dict[str, float], list[float]]:
    """One event after the other at the pace; when each call began, and how long its answer took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = json.dumps({"name": "trial_started", "properties": {"plan": "pro"}})
    started: dict[str, float] = {}
    answers = []
    begin = time.time()
    for n, i in enumerate(ids):
        time.sleep(max(0.0, begin + n / PACE - time.time()))
        at = started[_email(i)] = time.time()
        member = hashlib.md5(_email(i).encode()).hexdigest()
        connection.request("POST", f"{address}/{member}/events", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 204:
            raise RuntimeError(f"the API answered {answer.status}: {told[:200]!r}")
        answers.append(time.time() - at)
    return started, answers


def _accepted(book: Path, wanted: set[str]) -> dict[str, float]:
    """Recipient → when the mail server had it. Waits up to 15 s for the last."""
    end = time.monotonic() + 15
    while True:
        found: dict[str, float] = {}
        for line in book.read_text().splitlines():
            recipient, at = line.split()
            if recipient in wanted:
                found.setdefault(recipient, float(at))
        if len(found) == len(wanted) or time.monotonic() > end:
            return found
        time.sleep(0.2)


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")
