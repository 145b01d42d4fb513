"""The first release's data, brought up by every migration since: people inside go on where they were, nothing is lost.

releases/0001.sql was written by that release; what it holds is told at its top.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from relance.audience import audiences
from relance.db import partitions
from relance.db.migrate import available, migrate
from relance.db.pool import Database, Stretch
from relance.kernel.clock import Clock
from tests import cast
from tests.cast import ANA, BEN, CHLOE, DEV, ELODIE
from tests.scenarios.post import Post
from tests.scenarios.world import World

RELEASE = Path(__file__).parent / "releases" / "0001.sql"
THEN = datetime(2026, 5, 8, 11, 3, 8, tzinfo=UTC)


@pytest.fixture
def released(migrated: Database, clock: Clock) -> Iterator[str]:
    """A database as the first release left it."""
    clock.set(THEN)
    name = sql.Identifier("released")
    with psycopg.connect(migrated.conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(name))
    conninfo = make_conninfo(migrated.conninfo, dbname="released")
    try:
        with psycopg.connect(conninfo) as connection:
            connection.execute(available()[0].text.encode())
            connection.execute(
                "create table migration (number int primary key, name text not null, checksum text not null, "
                "applied_at timestamptz not null)"
            )
        with psycopg.connect(conninfo) as connection:
            for table in ("event", "delivery", "decision"):
                start, end = partitions.month(THEN), partitions.month(THEN, 1)
                text = "create table {} partition of {} for values from ({}) to ({})"
                name_of_month = sql.Identifier(f"{table}_{start:%Y%m}")
                connection.execute(sql.SQL(text).format(name_of_month, sql.Identifier(table), start, end))
            connection.execute(RELEASE.read_bytes())
        yield conninfo
    finally:
        with psycopg.connect(migrated.conninfo, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture
def upgraded(released: str, clock: Clock, post: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    assert migrate(released) == [migration.name for migration in available()[1:]]
    with Database(released, Stretch(1, 4)) as database:
        with database.transaction() as tx:
            found = tx.connection.execute("select account_id, audience_id from audience").fetchone()
            assert found is not None
            shop = cast.Shop(found[0], audiences.get(tx, found[0], found[1]))
        monkeypatch.setattr(cast, "open_shop", lambda _: shop)
        world = World(database, clock, post)
        yield world
        world.closes()


def flows(world: World) -> dict[str, int]:
    with world.database.transaction() as tx:
        return dict(tx.connection.execute("select name, flow_id from flow").fetchall())


def test_people_inside_go_on_where_they_were(upgraded: World) -> None:
    welcome = flows(upgraded)["Welcome"]
    upgraded.settle()
    assert upgraded.subjects(CHLOE) == ["Hello Chloé"], "it lay in the outbox"
    assert upgraded.subjects(DEV) == ["Hello Dev"], "his tag lay in the inbox"
    assert upgraded.subjects(ANA) == [], "she has had hers"
    upgraded.event(BEN, "first_login")
    upgraded.later(minutes=1)
    assert upgraded.subjects(BEN) == ["Need a hand?"]
    upgraded.later(days=2, hours=1)
    assert upgraded.path(welcome, ANA)[-1] == "X00"
    upgraded.later(days=8)
    assert {who: upgraded.path(welcome, who)[-1] for who in (BEN, CHLOE, DEV, ELODIE)} == {
        BEN: "X00", CHLOE: "X00", DEV: "X00", ELODIE: "X00",
    }  # fmt: skip
    assert upgraded.subjects(ELODIE) == [], "who was at the end stays there"
    assert not upgraded.entered_twice()
    assert not upgraded.sent_twice()


def test_who_was_held_goes_on_when_the_pause_ends(upgraded: World) -> None:
    repotting = flows(upgraded)["Repotting"]
    upgraded.settle()
    assert upgraded.state(repotting) == "paused"
    upgraded.resume(repotting)
    upgraded.later(hours=2)
    for who in (ANA, BEN):
        assert upgraded.path(repotting, who)[-1] == "X00"
        assert upgraded.subjects(who)[-1] == "How to repot"


def test_what_was_counted_stays_counted(upgraded: World) -> None:
    upgraded.settle()
    upgraded.upkeep.tidy(upgraded.share)
    with upgraded.database.transaction() as tx:
        by_flow = tx.connection.execute("select code, sum(n) from tally group by code order by code").fetchall()
        together = tx.connection.execute("select code, sum(n) from code_tally group by code order by code").fetchall()
    assert by_flow == together
    assert dict(by_flow)["E00"] == 7


def test_who_has_converted_counts_on_the_day_of_their_entry(released: str) -> None:
    with psycopg.connect(released) as connection:
        connection.execute("update run set goal_at = ended_at where entered_at < '2026-05-05' and ended_at is not null")
    migrate(released)
    with psycopg.connect(released) as connection:
        counted = connection.execute(
            "select f.name, t.day::text, t.n from tally_delta t join flow f using (flow_id) where t.code = 'converted'"
        ).fetchall()
    assert counted == [("Welcome", "2026-05-04", 1)]


def test_who_has_never_confirmed_has_not_joined(released: str) -> None:
    """Ana waits for her first confirmation, Ben, who was there before, for another one."""
    with psycopg.connect(released) as connection:
        connection.execute("update contact set email_status = 'pending' where email in (%s, %s)", (ANA, BEN))
        connection.execute(
            "update consent_record set new = 'pending' where contact_id = (select contact_id from contact where email = %s)",
            (ANA,),
        )
    migrate(released)
    with psycopg.connect(released) as connection:
        rows = connection.execute("select email, created_at, joined_at from contact").fetchall()
    joined = {email: joined_at == created_at for email, created_at, joined_at in rows}
    assert joined == {ANA: False, BEN: True, CHLOE: True, DEV: True, ELODIE: True}


def test_new_people_come_in_as_before(upgraded: World) -> None:
    """The listeners of the old release still listen, and its birthdays are still looked for."""
    named = flows(upgraded)
    upgraded.person("fern@example.com", fields={"FNAME": "Fern", "BIRTHDAY": "05/20"})
    upgraded.event("fern@example.com", "trial_started", {"plan": "pro"})
    upgraded.later(days=13)
    assert upgraded.subjects("fern@example.com")[0] == "Hello Fern"
    assert "Happy birthday" in upgraded.subjects("fern@example.com")
    assert upgraded.path(named["Birthday"], "fern@example.com")[-1] == "X00"
