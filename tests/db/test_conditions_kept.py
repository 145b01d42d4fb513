"""Conditions as rows: stored once, compiled once a form, kept up when a new version compiles differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from conditions_shop import (
    ALL,
    ANA,
    AUDIENCE,
    FIELDS,
    NOW,
    OBJECTS,
    VIP,
    ask,
    keep,
    leaf,
    move_in,
    open_shop,
)

from relance.audience.conditions import CompiledCache, Pair, compile_condition, compose, compose_seen, evaluate
from relance.audience.conditions import store as keep_condition
from relance.db.pool import Database, Transaction


@pytest.fixture
def shop(database: Database) -> Iterator[Transaction]:
    with database.transaction() as tx:
        open_shop(tx, NOW)
        yield tx
        raise psycopg.Rollback


def test_conditions_of_one_form_share_one_arm(shop: Transaction) -> None:
    cache = CompiledCache(ALL)
    cities = [leaf(f"field:{FIELDS['text']}", "is", city) for city in ("Paris", "Lyon", "Nice")]
    phone = leaf(f"field:{FIELDS['phone']}", "is", "Paris")
    ana = replace(ANA, fields={FIELDS["text"]: "Lyon"})
    answers = ask(shop, cache, [ana], [*cities, phone])
    assert [answers[0, j].holds for j in range(4)] == [False, True, False, False]
    assert len(cache.shapes) == 1


def test_storing_twice_is_storing_once(shop: Transaction) -> None:
    first = keep(shop, {"all": [leaf("vip", "yes")]})
    assert keep(shop, leaf("vip", "yes")) == first
    assert shop.connection.execute("select count(*) from condition").fetchone() == (1,)


def test_a_version_that_compiles_differently_rewrites_what_it_finds(shop: Transaction) -> None:
    ana = replace(ANA, tags=frozenset({VIP}))
    key, tagged = move_in(shop, ana, 1), keep(shop, leaf("tag", "has", VIP))
    right = compile_condition(leaf("tag", "has", VIP), ALL, OBJECTS)
    shop.connection.execute("update condition set shape = 12345, params = '[]'")  # as an older version left it
    pair = Pair(1, key.int >> 116, key, tagged)
    assert evaluate(shop, CompiledCache(ALL), [pair], NOW)[1].holds is True
    row = shop.connection.execute("select shape, params from condition").fetchone()
    assert row == (right.shape, right.params)


def test_a_process_notices_that_another_has_rewritten(shop: Transaction) -> None:
    """What this process remembers of a condition's shape may be out of date; it must not answer no for that."""
    ana, cache = replace(ANA, tags=frozenset({VIP})), CompiledCache(ALL)
    key, tagged = move_in(shop, ana, 1), keep(shop, leaf("tag", "has", VIP))
    pair = Pair(1, key.int >> 116, key, tagged)
    assert evaluate(shop, cache, [pair], NOW)[1].holds is True
    both = compile_condition({"any": [leaf("tag", "has", VIP), leaf("vip", "yes")]}, ALL, OBJECTS)
    keep_condition(shop, AUDIENCE, {"any": [leaf("tag", "has", VIP), leaf("vip", "yes")]}, both)
    shop.connection.execute("delete from condition where condition_id <> %s", (tagged,))
    shop.connection.execute(
        """update condition set
             source = '{"any": [{"on": "tag", "op": "has", "value": 51}, {"on": "vip", "op": "yes"}]}',
             shape = %s, params = '[51]'""",
        (both.shape,),
    )
    assert evaluate(shop, cache, [pair], NOW)[1].holds is True


def test_a_condition_whose_field_is_gone_answers_no(shop: Transaction) -> None:
    key, city = move_in(shop, ANA, 1), keep(shop, leaf(f"field:{FIELDS['text']}", "is_not", "Paris"))
    tagged = keep(shop, leaf("tag", "has_not", VIP))
    shop.connection.execute("delete from field where field_id = %s", (FIELDS["text"],))
    pairs = [
        Pair(1, key.int >> 116, key, city),
        Pair(2, key.int >> 116, key, tagged),
        Pair(3, key.int >> 116, key, 404),
    ]
    answers = evaluate(shop, CompiledCache(ALL), pairs, NOW)
    assert {n: answer.holds for n, answer in answers.items()} == {1: False, 2: True, 3: False}


def test_arms_for_a_statement_of_somebody_else(shop: Transaction) -> None:
    """The dispatcher puts the arms into its own statement, under its own name for the condition's row."""
    vip, tagged = keep(shop, leaf("vip", "no")), keep(shop, leaf("tag", "has", VIP))
    key = move_in(shop, replace(ANA, tags=frozenset({VIP})), 1)
    rows = shop.connection.execute("select shape, condition_id from condition").fetchall()
    yes, seen = CompiledCache(ALL).arms(shop, rows)
    asked = f"""select k.condition_id, {yes} as yes, {seen} as seen from condition k
      cross join lateral (select %s::int as bucket, %s::uuid as contact_id, %s::timestamptz as now, 'UTC'::text as zone,
        null::jsonb as context, null::jsonb as payload, null::timestamptz as entered_at,
        null::timestamptz as arrived_at) x
      left join contact c on c.bucket = x.bucket and c.contact_id = x.contact_id"""
    answers = {row[0]: tuple(row[1:]) for row in shop.connection.execute(asked, (key.int >> 116, key, NOW)).fetchall()}
    assert answers == {vip: (True, {"vip": False}), tagged: (True, {f"tag:{VIP}": True})}


def test_nothing_to_ask_and_nothing_to_compose(shop: Transaction) -> None:
    assert evaluate(shop, CompiledCache(ALL), [], NOW) == {}
    assert compose({}) == "false"
    assert compose_seen({}) == "'{}'::jsonb"
