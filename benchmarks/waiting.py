"""Millions of runs that wait: what they take, and what it costs to see that nobody is due."""

from __future__ import annotations

import time

import psutil

from benchmarks.figures import Figure, Row, Size, Tell, at
from benchmarks.installation import Installation, costly, installation
from relance.app import KINDS
from relance.audience.conditions import CompiledCache
from relance.db.share import everything
from relance.flows.engine.advance import Advancer
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.judge import ConditionJudge
from relance.kernel.clock import monotonic

FLOWS = 10
"""That each contact waits in."""
RUNS = {"toy": 500, "usual": 1_000_000, "full": 10_000_000}
FLOW = """
flow: Flow {n}
audience: Customers
triggers:
  - event_api: {{name: signed_up}}
steps:
  - delay: 30 days
  - add_tag: entered
"""


def measure(size: Size, tell: Tell) -> list[Figure]:
    people = RUNS[size] // FLOWS
    with installation("waiting") as here:
        here.flow(*(FLOW.format(n=n) for n in range(FLOWS)))
        few = max(2, people // 100)

        def journey() -> None:
            here.people([0])
            here.happen("signed_up", [0], {"plan": "pro", "source": "shop"})
            here.settle()

        here.copy(0, range(1, few), journey)
        memory_few = _memory(here)
        began = time.monotonic()
        here.copy(few, range(few + 1, people), lambda: _journey(here, few))
        here.run("vacuum analyze")
        runs = here.ask("select count(*) from run where state = 'waiting'")
        tell(f"{runs:,} runs wait, made in {time.monotonic() - began:.0f} s")
        memory_many = _memory(here)
        costs = here.costs()
        polls, judgements = _polls(here)
        spent = costs.spent()
        size_of = "select pg_total_relation_size(%s) / %s::float8"
        heap = here.ask("select pg_relation_size('run') / %s::float8", runs)
        everything_of = here.ask("select pg_database_size(current_database()) / %s::float8", runs)
        return [
            Figure("empty poll of the advancer, median", at(polls, 0.5) * 1000, "ms", 1.0, None,
                   how=f"{len(polls):,} polls as the worker makes them; p99 {at(polls, 0.99) * 1000:.2f} ms; "
                       f"µs CPU a poll of either loop: {costly(spent, len(polls) + len(judgements))}"),
            Figure("empty poll of the dispatcher, median", at(judgements, 0.5) * 1000, "ms", 1.0, None),
            Figure("a run with its indexes", here.ask(size_of, "run", runs), "bytes", 400, 300,
                   how=f"table {heap:.0f}; {everything_of:,.0f} with contact, events, entry and trail"),
            Figure("memory of the worker, many / few", memory_many / memory_few, "×", 1.1, None,
                   how=f"{memory_few:.0f} MB with {few * FLOWS:,} runs, {memory_many:.0f} MB with {runs:,}"),
        ]  # fmt: skip


def _journey(here: Installation, i: int) -> None:
    here.people([i])
    here.happen("signed_up", [i], {"plan": "pro", "source": "shop"})
    here.settle()


def _memory(here: Installation) -> float:
    """MB that are the worker's own, after some seconds of its usual looks."""
    here.start("worker")
    here.wait_until_shared()
    time.sleep(4)
    used = psutil.Process(here.processes["worker"].pid).memory_full_info().uss / 1e6
    here.stop("worker")
    return float(used)


def _polls(here: Installation, number: int = 1000) -> tuple[list[float], list[float]]:
    """Seconds, sorted: of looks at due runs, and at the inbox, where there is nothing to do."""
    conditions, share = CompiledCache(KINDS.subjects), everything()
    with here.engine_database() as judging, here.engine_database() as moving:
        dispatcher, advancer = Dispatcher(judging, conditions), Advancer(moving, ConditionJudge(conditions))
        return _timed(lambda: advancer.batch(share), number), _timed(lambda: dispatcher.batch(share), number)


def _timed(look: object, number: int) -> list[float]:
    assert callable(look)
    times = []
    for n in range(number + 10):
        began = monotonic()
        found = look()
        times.append(monotonic() - began)
        if found:
            raise RuntimeError(f"look {n} found {found}")
    return sorted(times[10:])


WAITING = Row(
    "waiting",
    "Millions of waiting runs",
    f"Each contact waits in {FLOWS} flows. All but two contacts are copies, in SQL, of the rows that the product leaves of "
    "one. A poll is the whole transaction of the loop; memory is that of a `relance worker` for itself.",
    measure,
)
