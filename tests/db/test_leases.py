"""Two workers on one database: they share the slots, and one takes over when the other is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest

from relance.app import ENGINE
from relance.db.pool import Database, Stretch
from relance.db.share import LeaseLost, Share
from relance.kernel.clock import monotonic, pause
from relance.kernel.errors import Unavailable
from relance.kernel.slots import SLOTS
from relance.worker import leases
from relance.worker.leases import APPLICATION, Leases, Watch, queries


def test_when_everything_stood_still_nobody_was_silent() -> None:
    """The database, or this very machine, was stopped for a minute: nobody has died of it."""

    @dataclass
    class Seen:
        backend: str
        pulse: str = ""
        mine: bool = False
        owner: UUID | None = None

    ben, watch = uuid4(), Watch()
    for turn in range(20):
        alive, dead = watch.look([Seen("a", str(turn), mine=True), Seen("b", str(turn))], [Seen("b", owner=ben)], turn)
        assert (alive, dead) == (2, set())
    assert watch.look([Seen("a", "20", mine=True), Seen("b", "19")], [Seen("b", owner=ben)], 79) == (2, set())
    assert watch.look([Seen("a", "21", mine=True), Seen("b", "19")], [Seen("b", owner=ben)], 80) == (2, set())
    for turn in range(81, 90):
        found = watch.look([Seen("a", str(turn), mine=True), Seen("b", "19")], [Seen("b", owner=ben)], turn)
    assert found == (1, {ben}), "silence that we have listened to counts"


class Member:
    """A worker's leases, without its loops."""

    def __init__(self, database: Database) -> None:
        self.worker_id = uuid4()
        self.woken: list[str] = []
        self.buried: list[UUID] = []
        self.leases = Leases(database.conninfo, self.worker_id, self.woken.append, self.buried.append)

    @property
    def slots(self) -> tuple[int, ...]:
        return self.leases.share().slots


@contextmanager
def working(database: Database) -> Iterator[Member]:
    member = Member(database)
    member.leases.start()
    try:
        yield member
    finally:
        member.leases.stop()


def until(done: object, patience: float = 12) -> None:
    end = monotonic() + patience
    while not done():  # type: ignore[operator]
        assert monotonic() < end, "it did not happen in time"
        pause(0.05)


def test_one_worker_has_everything_two_have_half_each(database: Database) -> None:
    with working(database) as ana:
        until(lambda: len(ana.slots) == SLOTS)
        with working(database) as ben:
            until(lambda: len(ana.slots) == len(ben.slots) == SLOTS // 2)
            assert set(ana.slots).isdisjoint(ben.slots)
        until(lambda: len(ana.slots) == SLOTS)


def test_a_worker_whose_connection_is_gone_is_followed_soon(database: Database) -> None:
    with working(database) as ana:
        until(lambda: len(ana.slots) == SLOTS)
        dead = uuid4()
        with psycopg.connect(database.conninfo, autocommit=True) as connection:
            connection.execute("update lease set owner = %s, backend = '1 2020-01-01' where slot < 4", (dead,))
        until(lambda: dead in ana.buried)
        until(lambda: len(ana.slots) == SLOTS)


def test_work_on_a_slot_that_was_taken_over_is_refused(database: Database) -> None:
    with working(database) as ana:
        until(lambda: len(ana.slots) == SLOTS)
        stranger = Share((0, 1), uuid4())
        with pytest.raises(LeaseLost), database.transaction() as tx:
            stranger.fence(tx)
        with database.transaction() as tx:
            ana.leases.share().fence(tx)


def test_a_take_over_waits_for_the_transaction_in_hand(database: Database) -> None:
    owner = uuid4()
    with database.transaction() as tx:
        tx.connection.execute("insert into lease (slot, owner, backend) values (0, %s, 'gone')", (owner,))
    with working(database) as ben:
        with database.transaction() as tx:
            Share((0,), owner).fence(tx)
            with database.transaction() as beat:  # a renewal in between changes nothing about it
                beat.connection.execute("update lease set beat = beat + 1 where slot = 0")
            pause(3.5)
            assert 0 not in ben.slots
            assert len(ben.slots) == SLOTS - 1
        until(lambda: 0 in ben.slots)


class Frozen:
    """A worker that has stopped in the middle of everything: its connection stands, and nothing is heard of it."""

    def __init__(self, database: Database, slots: int) -> None:
        self.worker_id = uuid4()
        self.connection = psycopg.connect(database.conninfo, autocommit=True, application_name=APPLICATION)
        self.connection.execute(queries.make_slots.text, {"slots": list(range(SLOTS))})
        self.connection.execute("update lease set owner = %s where slot < %s", (self.worker_id, slots))
        self.beat()

    def beat(self) -> None:
        self.connection.execute(queries.renew.text, {"owner": self.worker_id})


def test_a_worker_that_stands_still_is_followed_and_counts_again_when_it_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SILENT", 3.0)
    ana = Frozen(database, SLOTS // 2)
    with ana.connection, working(database) as ben:
        until(lambda: len(ben.slots) == SLOTS // 2)
        ana.beat()
        began = monotonic()
        until(lambda: ana.worker_id in ben.buried)
        until(lambda: len(ben.slots) == SLOTS)
        assert 3 < monotonic() - began < 6
        pause(2)
        assert len(ben.slots) == SLOTS, "whoever stands still has no share that others would leave to them"

        def ana_has_half() -> bool:
            ana.beat()
            return len(ben.slots) == SLOTS // 2

        until(ana_has_half)


def test_a_connection_that_comes_back_at_once_has_lost_nothing(database: Database) -> None:
    """As after a failure of the database: all connections are gone together, and some are back before others."""
    ana = Frozen(database, SLOTS // 2)
    with working(database) as ben:
        until(lambda: len(ben.slots) == SLOTS // 2)
        with psycopg.connect(database.conninfo, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s", (APPLICATION,)
            )
        pause(3)
        with psycopg.connect(database.conninfo, autocommit=True, application_name=APPLICATION) as connection:
            ana.connection = connection
            for _ in range(5):
                ana.beat()
                pause(0.5)
            assert ben.buried == []
            assert len(ben.slots) == SLOTS // 2


def test_a_worker_goes_on_beating_while_its_own_transaction_lasts(database: Database) -> None:
    with working(database) as ana:
        until(lambda: len(ana.slots) == SLOTS)
        with database.transaction() as tx:
            ana.leases.share().fence(tx)
            before = beats(database)
            pause(2.5)
            assert beats(database) >= before + 2


def beats(database: Database) -> int:
    with database.transaction() as tx:
        return int(tx.connection.execute("select min(beat) from lease").fetchone()[0])  # type: ignore[index]


def test_whoever_waits_for_a_slot_has_the_others_meanwhile(database: Database) -> None:
    with database.transaction() as tx:
        tx.connection.execute("insert into lease (slot, owner, backend) values (0, %s, 'gone')", (uuid4(),))
    with database.transaction() as tx:
        tx.connection.execute("select from lease where slot = 0 for key share")
        with working(database) as ben:
            until(lambda: len(ben.slots) == SLOTS - 1)
            before = beats(database)
            pause(2.5)
            assert 0 not in ben.slots
            with database.transaction() as look:
                row = look.connection.execute("select min(beat) from lease where slot > 0").fetchone()
            assert row is not None
            assert row[0] > before + 1, "and its own leases live"


def test_a_transaction_that_stands_still_holds_up_nobody_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped between two statements: PostgreSQL ends its transaction."""
    name = "idle_in_transaction_session_timeout"
    assert 0 < float(ENGINE[name].removesuffix("s")) < leases.SILENT, "before anybody wants to take over"
    monkeypatch.setattr(leases, "SILENT", 1.0)
    ana = Frozen(database, SLOTS)
    quick = Database(database.conninfo, Stretch(1, 1), settings=ENGINE | {name: "2s"})

    def stand_still(ben: Member) -> None:
        with quick.transaction() as tx:
            Share(tuple(range(SLOTS)), ana.worker_id).fence(tx)
            until(lambda: len(ben.slots) == SLOTS)
            tx.connection.execute("select")

    with ana.connection, quick, working(database) as ben:
        with pytest.raises(Unavailable):
            stand_still(ben)
        assert ana.worker_id in ben.buried


def test_a_notification_wakes_the_loop_it_names(database: Database) -> None:
    with working(database) as ana:
        until(lambda: len(ana.slots) == SLOTS)
        with database.transaction() as tx:
            tx.wake("dispatch")
        until(lambda: "dispatch" in ana.woken)
