"""Months of the time-partitioned tables: made ahead, dropped whole after the retention (architecture 6.10)."""

from __future__ import annotations

from datetime import UTC, datetime

from relance.db.pool import Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__, "partitions.sql")

TABLES = ("event", "delivery", "trail")
AHEAD = 3
"""Months made ahead: a worker that sleeps over a weekend at the end of a quarter still finds its partition."""
KEPT = 13
"""Months kept (spec/flows.md section 12)."""


def month(moment: datetime, offset: int = 0) -> datetime:
    """The first instant of the month ``offset`` months from ``moment``'s."""
    index = moment.year * 12 + moment.month - 1 + offset
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)


def reaches_back(tx: Transaction, table: str, before: datetime) -> bool:
    """Whether there is a month of ``table`` that begins before an instant."""
    first = f"{table}_{before:%Y%m}"
    return any(row.name.startswith(f"{table}_") and row.name < first for row in tx.rows(queries.list_partitions))


def ensure(tx: Transaction, now: datetime) -> list[str]:
    """Make the missing months around ``now`` and drop those past the retention. Returns the names made and dropped."""
    tx.run(queries.lock_partitions)
    existing = {row.name for row in tx.rows(queries.list_partitions)}
    changed = []
    for table in TABLES:
        for offset in range(AHEAD + 1):
            start = month(now, offset)
            name = f"{table}_{start:%Y%m}"
            if name not in existing:
                create = queries.create_partition.compose(
                    name=name, table=table, start=start.isoformat(), end=month(start, 1).isoformat()
                )
                tx.run(create)
                changed.append(name)
        oldest = f"{table}_{month(now, -KEPT):%Y%m}"
        for name in sorted(existing):
            if name.startswith(f"{table}_") and name < oldest:
                tx.run(queries.drop_partition.compose(name=name))
                changed.append(name)
    return changed
