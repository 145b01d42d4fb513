"""The small flow of the comparison: Relance with many contacts, then beside other engines."""

from __future__ import annotations

from typing import Any

from benchmarks.compare import measure as compare
from benchmarks.figures import Figure, Row, Size, Tell

CONTACTS = {"toy": 100, "usual": 20_000, "full": 20_000}
COMPARED = {"toy": 50, "usual": 2000, "full": 2000}
BESIDE = ("relance", "relance-http", "relance-mail", "celery", "relance", "dbos-sleep", "relance")
"""A burst of Relance takes a third of a second of CPU, one of the others many. A small shared machine is not equally
quick all the time, so Relance is looked at before, between and after them."""
WANTED = {"celery": (20.0, "Celery"), "dbos-sleep": (100.0, "DBOS")}


def measure(size: Size, tell: Tell) -> list[Figure]:
    rounds = "3" if size == "full" else "1"
    burst = compare(["relance"], ["--n", str(CONTACTS[size]), "--rounds", rounds], tell)[0]
    if "error" in burst:
        raise RuntimeError(f"{burst['error']} {burst.get('log', '')}")
    seen = burst["burst"]
    if seen["done"] != seen["n"]:
        raise RuntimeError(f"{seen['done']} of {seen['n']} messages")
    return [
        Figure("CPU", seen["cpu_ms"], "ms a contact", 0.2, 0.1, how=f"{seen['n']:,} contacts, 2 workers"),
        Figure("moved", seen["per_s"], "contacts/s"),
        Figure("write-ahead log", seen["wal_b"], "bytes a contact"),
    ]


def measure_beside(size: Size, tell: Tell) -> list[Figure]:
    rounds = "1" if size == "toy" else "3"
    visits = compare(BESIDE, ["--n", str(COMPARED[size]), "--rounds", rounds], tell)
    results = {one["engine"]: one for one in visits}
    bursts = sorted((b for one in visits if one["engine"] == "relance" for b in one.get("bursts", ())), key=_cpu)
    if bursts:
        results["relance"]["burst"] = bursts[len(bursts) // 2]
    figures = []
    for one in results.values():
        if "error" in one:
            figures.append(Figure(one["engine"], float("nan"), "ms a contact", how=one["error"][:80]))
            continue
        seen = one["burst"]
        how = f"{seen['done']} of {seen['n']}, {seen['per_s']:,.0f} contacts/s"
        if one["engine"] == "relance":
            how += f", {len(bursts)} bursts of {_cpu(bursts[0])} to {_cpu(bursts[-1])}"
        figures.append(Figure(one["engine"], seen["cpu_ms"], "ms a contact", how=how))
        if one["engine"] in WANTED:
            least, name = WANTED[one["engine"]]
            base = _cpu(results["relance"]["burst"]) if bursts else float("nan")
            figures.append(Figure(f"{name} / relance", seen["cpu_ms"] / base, "× CPU", least, None, more=True))
    return figures


def _cpu(burst: dict[str, Any]) -> float:
    return float(burst["cpu_ms"])


MAIN_FLOW = Row(
    "main-flow",
    "Start → tag → wait → branch → message",
    "Events by the use case behind the API, 1,000 a call; two workers; until the last message row. CPU of client, workers and "
    "database, with ledger, trail and figures.",
    measure,
)
COMPARE = Row(
    "compare",
    "The same beside other engines",
    "2,000 contacts a burst; the burst of median CPU counts, of three, and for Relance of nine: three before, between and "
    "after the others. `relance-http` takes the events by `POST /api/events`, `relance-mail` also hands every message to "
    "a mail server; the others end with a message row, and write no ledger, trail or figures. Compare ratios of one run.",
    measure_beside,
)
