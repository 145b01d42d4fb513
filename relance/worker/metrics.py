"""What Prometheus is told (docs/operate/metrics.md). Read from the database at each scrape, so that any web process
tells of all processes; nothing is counted that grows with contacts: oldest rows by index, and sums that are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

import relance
from relance.db.pool import Database, Transaction
from relance.db.sql import load_queries
from relance.flows.engine.words import CODES
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.kernel.ids import BUCKETS
from relance.kernel.slots import SLOTS
from relance.worker.health import FRESH
from relance.worker.loops import TOOK

queries = load_queries(__package__, "metrics.sql")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE = 3.0
"""Seconds that a scrape waits for the database before it tells that it is away."""
FAR = 10_000
"""Rows of a queue that are looked at, at most."""
SILENT = timedelta(minutes=5)
"""A worker that was silent for so long is left out: it was killed, and its figures stand still."""
LANES = {0: "single", 1: "bulk"}
DONE = {"dispatch": "judged", "advance": "advanced", "send": "decided", "segments": "asked"}

_EVERYWHERE = list(range(BUCKETS))


def render(database: Database) -> bytes:
    """The page. When the database is away, only that is told."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(read(database)))
    return generate_latest(registry)


class _Told(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def read(database: Database) -> list[Metric]:
    up = GaugeMetricFamily("relance_database_up", "1 when the database answers.")
    built = GaugeMetricFamily("relance_info", "Always 1; the version is a label.", labels=["version"])
    built.add_metric([relance.__version__], 1)
    try:
        with database.transaction(patience=PATIENCE) as tx:
            now = clock.now()
            families = [*_queues(tx, now), *_sums(tx), *_workers(tx, now)]
    except Unavailable:
        up.add_metric([], 0)
        return [built, up]
    up.add_metric([], 1)
    return [built, up, *families]


def _queues(tx: Transaction, now: datetime) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "relance_queue_age_seconds", "How long the oldest row that could be worked on has waited; 0: nothing waits.",
        labels=["queue", "lane"],
    )  # fmt: skip
    for queue, query in (
        ("events", queries.oldest_events),
        ("runs", queries.next_run),
        ("messages", queries.next_delivery),
    ):
        oldest = dict(tx.rows(query, slot=_EVERYWHERE, slots=list(range(SLOTS))))
        for lane, name in LANES.items():
            age.add_metric([queue, name], _since(oldest.get(lane), now))
    age.add_metric(["segments", ""], _since(tx.value(queries.next_membership, slot=_EVERYWHERE), now))
    age.add_metric(["tasks", ""], _since(tx.value(queries.oldest_task), now))
    yield age
    for aside in tx.rows(queries.set_aside, slot=_EVERYWHERE, limit=FAR):
        yield _gauge("relance_set_aside_events", f"Events that could not be judged, up to {FAR}.", aside.events)
        yield _gauge("relance_set_aside_age_seconds", "Age of the oldest of them.", _since(aside.oldest, now))


def _sums(tx: Transaction) -> Iterator[Metric]:
    totals = {row.code: row.n for row in tx.rows(queries.totals, slot=_EVERYWHERE)}
    decisions = CounterMetricFamily(
        "relance_decisions", "Decisions since the installation began, by code; up to a minute late.",
        labels=["code", "name"],
    )  # fmt: skip
    for code, n in totals.items():
        if code in CODES:
            decisions.add_metric([code, CODES[code][0]], n)
    yield decisions
    yield CounterMetricFamily("relance_entered", "Runs begun.", value=totals.get("E00", 0))
    yield CounterMetricFamily("relance_sent", "Messages that a mail server has accepted.", value=totals.get("S00", 0))
    yield CounterMetricFamily("relance_steps_passed", "Steps that a run has left.", value=totals.get("passed", 0))


def _workers(tx: Transaction, now: datetime) -> Iterator[Metric]:
    rows = tx.rows(queries.loops, since=now - SILENT)
    labels = ["worker", "host", "loop"]
    beat = GaugeMetricFamily("relance_loop_beat_age_seconds", "Since the loop's last sign of life.", labels=labels)
    well = GaugeMetricFamily("relance_loop_up", "1 when the loop beats without trouble.", labels=labels)
    done = CounterMetricFamily(
        "relance_loop_done", "Rows worked on since the worker started; `what` tells which.", labels=[*labels, "what"]
    )
    took = HistogramMetricFamily("relance_loop_batch_seconds", "Batches that found work, by duration.", labels=labels)
    for row in rows:
        names = [str(row.worker_id), row.host, row.loop]
        age = max(0.0, (now - row.at).total_seconds())
        beat.add_metric(names, age)
        well.add_metric(names, int(row.trouble is None and age <= FRESH.total_seconds()))
        if row.loop in DONE:
            done.add_metric([*names, DONE[row.loop]], row.done)
        if len(row.took) == len(TOOK) + 1:
            took.add_metric(names, _classes(row.took), row.busy)
    yield from (well, beat, done, took)
    yield from _slots(tx, rows)


def _slots(tx: Transaction, rows: list[Any]) -> Iterator[Metric]:
    held = GaugeMetricFamily("relance_slots_held", "Slots that a worker holds.", labels=["worker", "host"])
    for worker, host, slots in sorted({(str(row.worker_id), row.host, row.slots) for row in rows}):
        held.add_metric([worker, host], slots)
    yield held
    yield _gauge("relance_slots_unheld", "Slots that nobody works on.", tx.value(queries.unheld_slots))
    yield _gauge("relance_workers", "Workers that gave a sign of life.", len({row.worker_id for row in rows}))


def _classes(counts: list[int]) -> list[tuple[str, float]]:
    """Cumulated, as Prometheus wants them."""
    bounds = [*(str(bound) for bound in TOOK), "+Inf"]
    return [(bound, sum(counts[: at + 1])) for at, bound in enumerate(bounds)]


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0
