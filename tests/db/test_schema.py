"""The readable schema is what the migrations build; migrations are careful with a database in use."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from relance.db import migrate as migrations
from relance.db.migrate import Migration, available, migrate
from relance.db.pool import Database
from relance.kernel.errors import Conflict, Invalid, Unavailable

SCHEMA = (migrations.resources.files("relance.db") / "schema.sql").read_text("utf-8")

OURS = "c.relnamespace = 'public'::regnamespace and c.relname <> 'migration'"
CATALOGUE = {
    "tables": f"""
        select c.relname, c.relkind, coalesce(c.reloptions::text, ''), coalesce(pg_get_partkeydef(c.oid), '')
        from pg_class c where {OURS} and c.relkind in ('r', 'p', 'v', 'S', 'm')""",
    "columns": f"""
        select c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               coalesce(pg_get_expr(d.adbin, d.adrelid), '')
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where {OURS} and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped""",
    "indexes": f"""
        select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
        where {OURS}""",
    "constraints": f"""
        select c.relname, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k
        join pg_class c on c.oid = k.conrelid where {OURS}""",
    "functions": """
        select p.proname, pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'public'::regnamespace""",
    "triggers": f"""
        select c.relname, pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where {OURS} and not t.tgisinternal""",
    "first rows": "select 'catalogue', epoch from catalogue",
}


@pytest.fixture
def new_database(migrated: Database) -> Iterator[Callable[[str], str]]:
    """Makes an empty database on the session's server and returns its conninfo."""
    made = []

    def make(name: str) -> str:
        with psycopg.connect(migrated.conninfo, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        made.append(name)
        return make_conninfo(migrated.conninfo, dbname=name)

    yield make
    with psycopg.connect(migrated.conninfo, autocommit=True) as connection:
        for name in made:
            connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pretends that the next version of Relance brings one more migration."""

    def bring(text: str) -> None:
        coming = [*available(), Migration(9999, "9999_of_tomorrow", text)]
        monkeypatch.setattr(migrations, "available", lambda: coming)

    return bring


def read(conninfo: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as connection:
        return sorted(connection.execute(sql.encode()).fetchall())


def test_the_readable_schema_is_what_the_migrations_build(new_database: Callable[[str], str]) -> None:
    by_migrations, by_schema = new_database("by_migrations"), new_database("by_schema")
    migrate(by_migrations)
    with psycopg.connect(by_schema) as connection:
        connection.execute(SCHEMA.encode())
    for sort, sql in CATALOGUE.items():
        assert read(by_migrations, sql) == read(by_schema, sql), sort


def test_the_schema_has_neither_sequences_nor_triggers(new_database: Callable[[str], str]) -> None:
    """Keys are made by the application, effects by statements that can be read (decision 8)."""
    conninfo = new_database("looked_at")
    migrate(conninfo)
    assert [row for row in read(conninfo, CATALOGUE["tables"]) if row[1] == "S"] == []
    assert read(conninfo, CATALOGUE["triggers"]) == []


def test_bucket_stands_first_in_every_unique_key_of_a_per_contact_table(migrated: Database) -> None:
    keys = f"""
        select c.relname, i.indexrelid::regclass::text, a.attname
        from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where {OURS} and i.indisunique and not c.relispartition
          and exists (select from pg_attribute b where b.attrelid = c.oid and b.attname = 'bucket')"""
    found = read(migrated.conninfo, keys)
    assert len(found) > 15
    assert [row for row in found if row[2] != "bucket"] == []


def test_no_foreign_key_leaves_a_per_contact_table(migrated: Database) -> None:
    """Decision 6: the ledger keeps what it knows when its contact is erased, and a bulk insert locks nothing else."""
    sql = f"""
        select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
        where {OURS} and k.contype = 'f'
          and exists (select from pg_attribute b where b.attrelid = c.oid and b.attname = 'bucket')"""
    assert read(migrated.conninfo, sql) == []


def test_migrating_again_does_nothing(new_database: Callable[[str], str]) -> None:
    conninfo = new_database("twice")
    assert migrate(conninfo) == [migration.name for migration in available()]
    before = read(conninfo, "select number, applied_at from migration")
    assert migrate(conninfo) == []
    assert read(conninfo, "select number, applied_at from migration") == before


def test_a_schema_that_is_there_is_left_alone_by_whoever_only_sets_up(
    new_database: Callable[[str], str], next_version: Callable[[str], None]
) -> None:
    conninfo = new_database("set_up")
    assert migrate(conninfo, only_empty=True) == [migration.name for migration in available()]
    assert migrate(conninfo, only_empty=True) == []
    next_version("create table tomorrow ()")
    with pytest.raises(Conflict, match=r"brings a change to the schema, from 9999_of_tomorrow on.*relance migrate"):
        migrate(conninfo, only_empty=True)
    assert migrate(conninfo) == ["9999_of_tomorrow"]


def test_an_applied_file_that_has_changed_is_refused(
    new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    conninfo = new_database("changed")
    migrate(conninfo)
    changed = [dataclasses.replace(one, text=one.text + "-- a second thought") for one in available()]
    monkeypatch.setattr(migrations, "available", lambda: changed)
    with pytest.raises(Conflict, match=r"has changed since it was applied.*Put the original file back"):
        migrate(conninfo)


def test_a_database_of_a_newer_version_is_left_alone(
    new_database: Callable[[str], str], next_version: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    conninfo = new_database("newer")
    next_version("create table tomorrow ()")
    migrate(conninfo)
    monkeypatch.undo()
    with pytest.raises(Conflict, match="knows migration 9999, which this version of Relance does not"):
        migrate(conninfo)


def test_a_migration_does_not_queue_behind_a_long_query(
    new_database: Callable[[str], str], next_version: Callable[[str], None]
) -> None:
    """Whoever comes after a waiting ALTER TABLE waits too: better to give up after ten seconds."""
    conninfo = new_database("patient")
    next_version("create table patience as select current_setting('lock_timeout') as lasts")
    migrate(conninfo)
    assert read(conninfo, "select lasts from patience") == [("10s",)]


def test_a_step_that_fails_half_way_leaves_the_database_untouched_and_says_what_to_do(
    new_database: Callable[[str], str], next_version: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    conninfo = new_database("half_way")
    migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "insert into account (account_id, name, created_at) values (1, 'ana@example.com', '2026-05-04'), "
            "(2, 'ana@example.com', '2026-05-04')"
        )
    before = {sort: read(conninfo, query) for sort, query in CATALOGUE.items()}
    next_version(
        "create table half (); update account set zone = 'Europe/Dublin'; create unique index on account (name)"
    )
    with pytest.raises(Invalid) as refused:
        migrate(conninfo)
    told = str(refused.value)
    assert told.startswith("migration 9999_of_tomorrow: this step does not fit what is in the database")
    assert "nothing of it was kept" in told
    assert "Go on with the former version" in told
    assert "ana@example.com" not in told, "no message quotes a row"
    assert {sort: read(conninfo, query) for sort, query in CATALOGUE.items()} == before
    assert read(conninfo, "select distinct zone from account") == [("UTC",)]
    monkeypatch.undo()
    assert migrate(conninfo) == [], "the former version goes on"


def test_giving_up_is_told_and_leaves_the_schema_as_it_was(
    new_database: Callable[[str], str], next_version: Callable[[str], None]
) -> None:
    conninfo = new_database("busy")
    migrate(conninfo)
    half = "create table half (); set local lock_timeout = '50ms'; alter table account add column shoe_size int"
    next_version(half)
    with psycopg.connect(conninfo) as reader:
        reader.execute("select * from account")
        with pytest.raises(Unavailable, match="schema could not be brought up to date"):
            migrate(conninfo)
    assert read(conninfo, "select relname from pg_class where relname = 'half'") == []
    assert migrate(conninfo) == ["9999_of_tomorrow"]
