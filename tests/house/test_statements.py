"""Every named statement is understood by PostgreSQL, and keeps to one bucket or slot."""

from __future__ import annotations

import pytest
from house.buckets import crossed, per_contact_tables, unanchored, unfiltered
from house.source import PACKAGE, Statement, filled, finish, numbered, statements
from pglast import parse_sql
from pglast.parser import ParseError
from psycopg import errors

from relance.db.pool import Database

ALL = pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement.place)
PREPARED = ("select", "insert", "update", "delete", "with", "values", "merge", "table")

TYPES = {"now": "timestamptz"}
"""What psycopg says about parameters that PostgreSQL cannot guess everywhere."""

OVER_ALL_BUCKETS: dict[str, str] = {}
"""Statements that may read per-contact tables without bucket or slot → why. "file: name" as in the failure."""


@ALL
def test_a_statement_is_postgresql(statement: Statement) -> None:
    try:
        parsed = parse_sql(numbered(filled(statement.query))[0])
    except ParseError as error:
        pytest.fail(f"{statement.place}: {error}")
    assert len(parsed) == 1, f"{statement.place}: one statement a name"


@ALL
def test_a_statement_fits_the_schema(statement: Statement, migrated: Database) -> None:
    sql, names = numbered(filled(statement.query))
    if sql.split(None, 1)[0].lower() not in PREPARED:
        return  # DDL cannot be prepared: db/partitions.py is tested by running it
    types = ", ".join(TYPES.get(name, "unknown") for name in names)
    with migrated.transaction() as tx:
        try:
            tx.connection.execute(f"prepare of_the_house{f'({types})' if names else ''} as {sql}".encode())
        except errors.Error as error:
            pytest.fail(f"{statement.place}: {error}")
        finally:
            if tx.connection.info.transaction_status.name == "INTRANS":
                tx.connection.execute("deallocate of_the_house")


def as_written(statement: Statement) -> str:
    """The loader sends bounds where the file has the list of a batch's buckets (relance/db/sql.py)."""
    text = filled(statement.query).replace("between %(buckets_low)s and %(buckets_high)s", "= any(%(buckets)s)")
    return numbered(text)[0]


@ALL
def test_a_statement_names_bucket_or_slot_of_every_per_contact_table(statement: Statement) -> None:
    if statement.place in OVER_ALL_BUCKETS:
        return
    tables = per_contact_tables((PACKAGE / "db" / "schema.sql").read_text("utf-8"))
    left_open = unfiltered(as_written(statement), tables)
    finish(
        [f"{statement.place}: {one}" for one in left_open], "bucket = … or bucket = any(…) on every per-contact table."
    )


@ALL
def test_bounds_mean_the_same_as_the_list_they_stand_for(statement: Statement) -> None:
    tables = per_contact_tables((PACKAGE / "db" / "schema.sql").read_text("utf-8"))
    adrift = unanchored(numbered(filled(statement.query))[0], tables)
    finish(
        [f"{statement.place}: {alias}" for alias in adrift],
        "These rows are looked up by no other row's bucket: name the list as another parameter than `buckets`.",
    )


@ALL
def test_a_batch_is_looked_up_in_pairs(statement: Statement) -> None:
    tables = per_contact_tables((PACKAGE / "db" / "schema.sql").read_text("utf-8"))
    finish(
        [f"{statement.place}: {one}" for one in crossed(as_written(statement), tables)],
        "Join unnest(buckets, keys), as read_contacts does: two lists are probed each for each.",
    )


def test_exceptions_are_still_needed() -> None:
    tables = per_contact_tables((PACKAGE / "db" / "schema.sql").read_text("utf-8"))
    known = {statement.place: statement for statement in statements()}
    idle = [
        place for place in OVER_ALL_BUCKETS if place not in known or not unfiltered(as_written(known[place]), tables)
    ]
    finish(idle, "Take out exceptions that nothing needs.")


TABLES = frozenset({"contact", "contact_tag", "run"})

KEPT = [
    "select * from contact where bucket = $1 and contact_id = $2",
    "select * from contact c where c.bucket = any($1::int[])",
    "select * from contact c join run r on r.bucket = c.bucket and r.bucket = any($1) where c.bucket = any($1)",
    "select * from contact c left join run r on r.bucket = c.bucket and r.bucket = any($1) where c.bucket = any($1)",
    "select * from contact c where c.bucket = $1 and exists (select from run r where r.bucket = c.bucket)",
    "select * from contact c cross join lateral (select from run r where r.bucket = c.bucket) r where c.bucket = $1",
    "insert into run (bucket) select bucket from unnest($1::int[]) as a(bucket)",
    "with run as (select $1::int as bucket) select * from run",
    "update run set state = 'held' where bucket = any($1) and flow_id = $2",
    "delete from run r using unnest($1::int[]) as a(bucket) where r.bucket = a.bucket and r.bucket = any($1)",
]

BROKEN = [
    ("select * from contact", "contact contact"),
    ("select * from contact c where c.contact_id = $1", "contact c"),
    ("select * from contact c where c.bucket = $1 or c.contact_id = $2", "contact c"),
    ("select * from contact c join run r on r.bucket = c.bucket where c.bucket = any($1)", "run r"),
    ("select * from contact c join run r using (bucket) where c.bucket = any($1)", "run r"),
    (
        "select * from contact c left join run r on r.bucket = c.bucket and c.bucket = any($1) where r.bucket = $1",
        "contact c",
    ),
    ("select * from unnest($1::int[]) a(bucket) join run r on r.bucket = a.bucket", "run r"),
    ("select * from contact where bucket in (select bucket from run where bucket = $1)", "contact contact"),
    ("select (select count(*) from run) from contact where bucket = $1", "run run"),
    ("update run r set state = a.state from contact a where r.bucket = a.bucket and a.bucket = $1", "run r"),
    ("delete from contact_tag where tag_id = $1", "contact_tag contact_tag"),
    ("select * from contact c where c.bucket between $1 and $2", "contact c"),
    ("with gone as (delete from run where flow_id = $1 returning 1) select count(*) from gone", "run run"),
]


@pytest.mark.parametrize("sql", KEPT)
def test_the_rule_accepts(sql: str) -> None:
    assert unfiltered(sql, TABLES) == []


@pytest.mark.parametrize(("sql", "left_open"), BROKEN)
def test_the_rule_refuses(sql: str, left_open: str) -> None:
    assert unfiltered(sql, TABLES) == [left_open]


@pytest.mark.parametrize(
    ("sql", "adrift"),
    [
        (
            "select from unnest($3::int[]) a(bucket) join run r on r.bucket = a.bucket and r.bucket between $1 and $2",
            [],
        ),
        ("select from contact c where c.bucket between $1 and $2 and (c.bucket, c.contact_id) in (select 1, $3)", []),
        ("select from contact c where c.bucket between $1 and $2", ["c"]),
        (
            "select from run r left join contact c on c.bucket = r.bucket and c.bucket between $1 and $2 "
            "where r.bucket between $1 and $2",
            ["c", "r"],
        ),
        (
            "select from run r join contact c on c.bucket = r.bucket and c.bucket between $1 and $2 where r.bucket = 7",
            [],
        ),
    ],
)
def test_the_rule_about_bounds(sql: str, adrift: list[str]) -> None:
    assert unanchored(sql, TABLES) == adrift


@pytest.mark.parametrize(
    ("sql", "both_ways"),
    [
        ("select from contact where bucket = any($1) and contact_id = any($2)", ["contact.contact_id"]),
        (
            "select from contact c, run r where r.bucket = $3 and c.bucket = any($1) and c.contact_id = any($2)",
            ["c.contact_id"],
        ),
        (
            "select from unnest($1::int[], $2::uuid[]) a(bucket, contact_id) join contact c on c.bucket = a.bucket "
            "and c.bucket = any($1) and c.contact_id = a.contact_id",
            [],
        ),
        ("select from contact where bucket = $1 and contact_id = any($2)", []),
        ("select from contact_tag where bucket = any($1) and tag_id = any($2)", []),
    ],
)
def test_keys_apart_from_their_buckets_are_found(sql: str, both_ways: list[str]) -> None:
    assert crossed(sql, TABLES) == both_ways
