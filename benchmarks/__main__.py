"""make bench: the small flow on Relance and on other engines in one run; writes benchmarks/RESULTS.md."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from benchmarks import latency
from benchmarks.compare import measure
from relance.kernel import clock

ENGINES = ("relance", "relance-http", "relance-mail", "celery", "dbos-sleep")
EVENTS = 200
"""Of the latency: ten a second."""


def main() -> None:
    rounds = "3" if "--full" in sys.argv else "1"
    idle = latency.measure(EVENTS, print)
    results = measure(ENGINES, ["--n", "2000", "--rounds", rounds], print)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lines = [
        "# Results",
        "",
        "The flow start → tag → wait 1 s → branch → message, 2,000 contacts, one PostgreSQL, one run (`make bench`).",
        f"{clock.now():%Y-%m-%d}, commit {commit}, {platform.machine()}, 2 shared cores, Python {platform.python_version()},"
        " PostgreSQL 18 with fsync.",
        "Compare ratios of one run. Relance writes ledger, decisions and figures too; `relance-http` takes the events by",
        "`POST /api/events`, `relance-mail` also hands every message to a mail server; the others end with a message row.",
        "",
        "| Engine | CPU ms a contact | contacts/s | ratio of CPU to Relance |",
        "|---|---|---|---|",
    ]
    base = results[0]["burst"]["cpu_ms"] if "burst" in results[0] else None
    for one in results:
        if "error" in one:
            lines.append(f"| {one['engine']} | {one['error'][:60]} | | |")
        else:
            burst = one["burst"]
            ratio = f"{burst['cpu_ms'] / base:.1f}" if base else "–"
            lines.append(f"| {one['engine']} | {burst['cpu_ms']} | {burst['per_s']} | {ratio} |")
    lines += [
        "",
        "Wanted: Celery at least 20, DBOS at least 100 times Relance.",
        "",
        f"From an API event to the message accepted by a mail server, idle system, {idle.arrived} of {idle.events} events: "
        f"median {idle.p50:.3f} s, p99 {idle.p99:.3f} s, longest {idle.worst:.3f} s (wanted: p99 at most 0.3 s, aim 0.1 s); "
        f"the API's answer takes {idle.answer_p50 * 1000:.1f} ms.",
        "",
    ]
    (Path(__file__).parent / "RESULTS.md").write_text("\n".join(lines))


main()
