"""A condition says when its answer may change by itself: until then it does not (segments sleep that long)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from conditions_model import Person
from conditions_shop import ALL, keep, move_in, open_shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_conditions_random import months, worlds

from relance.audience.conditions import CompiledCache, Pair, compose, compose_turns
from relance.audience.conditions.evaluate import columns
from relance.audience.conditions.store import queries
from relance.db.pool import Database, Transaction

__all__ = ["months"]

AHEAD = [timedelta(hours=1), timedelta(days=1), timedelta(days=8), timedelta(days=40), timedelta(days=400)]


class Asker:
    """Asks everything about everybody, at any moment."""

    def __init__(self, tx: Transaction, crowd: list[Person], sources: list[dict[str, Any]]) -> None:
        open_shop(tx, crowd[0].now, crowd[0].zone)
        keys = [move_in(tx, person, 7 * place) for place, person in enumerate(crowd)]
        conditions = [keep(tx, source) for source in sources]
        shapes = CompiledCache(ALL).refresh(tx)
        self.tx = tx
        self.statement = queries.evaluate_conditions.compose(
            asked=f"{compose(shapes, 'x')} as holds, to_jsonb({compose_turns(shapes, 'x')})::text as seen"
        )
        self.pairs = [
            Pair(i * len(conditions) + j, key.int >> 116, key, condition, person.context, None, person.entered_at,
                 person.arrived_at)
            for i, (key, person) in enumerate(zip(keys, crowd, strict=True))
            for j, condition in enumerate(conditions)
        ]  # fmt: skip

    def at(self, now: datetime) -> dict[int, tuple[bool, datetime | None]]:
        rows = self.tx.rows(self.statement, now=now, **columns(self.pairs))
        turns = {row.n: msgspec.json.decode(row.seen or "null") for row in rows}
        return {row.n: (row.holds, turns[row.n] and datetime.fromisoformat(turns[row.n])) for row in rows}


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds(), st.floats(0, 1))
def test_an_answer_stays_until_the_instant_at_which_it_may_turn(
    months: Database,
    world: tuple[list[Person], list[dict[str, Any]]],
    part: float,
) -> None:
    crowd, sources = world
    now = crowd[0].now
    with months.transaction() as tx:
        asker = Asker(tx, crowd, sources)
        first = asker.at(now)
        turns = {turn for _, turn in first.values() if turn}
        assert all(turn > now for turn in turns)
        moments = {now + ahead for ahead in AHEAD}
        moments |= {turn - timedelta(microseconds=1) for turn in turns} | {now + (turn - now) * part for turn in turns}
        for moment in moments:
            later = asker.at(moment)
            for n, (answer, turn) in first.items():
                assert later[n][0] == answer or (turn and turn <= moment), (sources[n % len(sources)], moment, turn)
        raise psycopg.Rollback
