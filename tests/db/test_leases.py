"""Two workers on one database: they share the slots, and one takes over when the other is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from relance.db.pool import Database
from relance.db.share import LeaseLost, Share
from relance.kernel.clock import monotonic, pause
from relance.kernel.slots import SLOTS
from relance.worker.leases import Leases


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


def test_a_worker_whose_connection_is_gone_is_followed_at_once(database: Database) -> None:
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
            pause(1.5)
            assert 0 not in ben.slots
        until(lambda: 0 in ben.slots)


def test_a_notification_wakes_the_loop_it_names(database: Database) -> None:
    with working(database) as ana:
        until(lambda: len(ana.slots) == SLOTS)
        with database.transaction() as tx:
            tx.wake("dispatch")
        until(lambda: "dispatch" in ana.woken)
