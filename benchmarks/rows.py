"""Every row there is, in the order of the table."""

from __future__ import annotations

from benchmarks.figures import Row
from benchmarks.ingest import INGEST, MANY_FLOWS
from benchmarks.latency import BUSY, IDLE
from benchmarks.main_flow import COMPARE, MAIN_FLOW
from benchmarks.segment import SEGMENT
from benchmarks.transitions import TRANSITION, TWO_WORKERS
from benchmarks.waiting import WAITING

ROWS: tuple[Row, ...] = (
    MAIN_FLOW, COMPARE, INGEST, MANY_FLOWS, TRANSITION, IDLE, BUSY, WAITING, SEGMENT, TWO_WORKERS,
)  # fmt: skip
