"""What can happen. Each kind of fault is a function that does it to a storm, and has it undone later where it lasts.

Kinds are drawn from a bag, so that a short storm has met all of them and a long one has their shares.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.storm import crm, mail

if TYPE_CHECKING:
    from tests.storm.storm import Storm

Strike = Callable[["Storm"], None]


@dataclass(frozen=True)
class Fault:
    """``share``: how many of it are in the bag of a long storm."""

    name: str
    share: int
    strike: Strike


FAULTS: list[Fault] = []


def fault(name: str, share: int) -> Callable[[Strike], Strike]:
    def declare(strike: Strike) -> Strike:
        FAULTS.append(Fault(name, share, strike))
        return strike

    return declare


class Bag:
    """All kinds, each as often as it has shares, in the seed's order; filled again when it is empty."""

    def __init__(self, drawn_by: random.Random, faults: list[Fault], *, once: bool) -> None:
        self._random, self._faults, self._once = drawn_by, faults, once
        self._left: list[Fault] = []

    def draw(self) -> Fault:
        if not self._left:
            self._left = [one for one in self._faults for _ in range(1 if self._once else one.share)]
            self._random.shuffle(self._left)
        return self._left.pop()


# ── Processes ──


@fault("worker killed", 8)
def worker_killed(storm: Storm) -> None:
    storm.kill_worker(storm.any_one(storm.workers))


@fault("worker killed between hand-over and answer", 4)
def worker_killed_in_hand(storm: Storm) -> None:
    """By the mail server, when the next message of that worker has arrived: kept for half of them."""
    storm.sink.victim = (storm.random.randrange(len(storm.workers)), storm.random.random() < 0.5)


@fault("web killed", 5)
def web_killed(storm: Storm) -> None:
    one = storm.any_one(storm.webs)
    one.kill()
    storm.tally.kills += 1
    storm.later(storm.random.uniform(0, 1), one.start)


@fault("worker stopped for a moment", 3)
def worker_stopped(storm: Storm) -> None:
    storm.pause_worker(storm.any_one(storm.workers), storm.random.uniform(0.3, 3))


@fault("worker stopped until another has its slots", 3)
def worker_stopped_long(storm: Storm) -> None:
    """It wakes up believing that they are its own."""
    storm.pause_worker(storm.any_one(storm.workers), storm.random.uniform(12, 15))
    storm.spare(14)


@fault("web stopped", 3)
def web_stopped(storm: Storm) -> None:
    one = storm.any_one(storm.webs)
    one.pause()
    storm.later(storm.random.uniform(0.5, 6), one.resume)


# ── The wires ──


@fault("worker cut off until another has its slots", 3)
def worker_cut_off(storm: Storm) -> None:
    storm.cut_off_worker(storm.any_one(storm.workers), storm.random.uniform(12, 15))
    storm.spare(14)


@fault("lease connection cut", 3)
def lease_cut(storm: Storm) -> None:
    storm.look(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'relance lease' limit 1"
    )


@fault("all connections cut", 2)
def all_cut(storm: Storm) -> None:
    storm.hurt()
    for part in storm.parts:
        part.wire.cut()


@fault("database out of reach", 2)
def database_out_of_reach(storm: Storm) -> None:
    storm.lose_database(storm.random.uniform(2, 4) if storm.short else storm.random.uniform(2, 60))


@fault("database silent", 2)
def database_silent(storm: Storm) -> None:
    storm.silence_database(storm.random.uniform(1, 4) if storm.short else storm.random.uniform(1, 12))


# ── PostgreSQL ──


@fault("server process ended", 2)
def backend_ended(storm: Storm) -> None:
    storm.look(
        "select pg_terminate_backend(pid) from (select pid from pg_stat_activity where application_name = 'relance' "
        "order by md5(pid::text || %s) limit 3) a",
        str(storm.random.random()),
    )


@fault("server process killed", 3)
def backend_killed(storm: Storm) -> None:
    """PostgreSQL then ends all others and recovers."""
    found = storm.look(
        "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() "
        "order by md5(pid::text || %s) limit 1",
        str(storm.random.random()),
    )
    if found:
        storm.hurt()
        storm.tally.kills += 1
        os.kill(found[0][0], signal.SIGKILL)


@fault("postmaster killed", 3)
def postmaster_killed(storm: Storm) -> None:
    pid = storm.server.pid
    if pid is not None:
        storm.hurt()
        storm.tally.kills += 1
        os.kill(pid, signal.SIGKILL)


@fault("disk full", 2)
def disk_full(storm: Storm) -> None:
    if storm.disk is not None and not storm.full:
        storm.fill_disk(storm.random.uniform(2, 4) if storm.short else storm.random.uniform(2, 20))


@fault("everything killed at once", 2)
def everything_killed(storm: Storm) -> None:
    """As when the power fails, or somebody ends `relance up` the hard way."""
    for one in storm.workers:
        storm.kill_worker(one)
    for one in storm.webs:
        one.kill()
        storm.later(0.5, one.start)
    storm.tally.kills += len(storm.webs)
    postmaster_killed(storm)


# ── Those outside ──


@fault("mail server misbehaves", 4)
def mail_misbehaves(storm: Storm) -> None:
    storm.sink.misbehave(storm.random.choice(mail.MOODS), storm.random.randint(1, 5))
    storm.later(30, storm.sink.be_well)


@fault("webhook receiver misbehaves", 2)
def crm_misbehaves(storm: Storm) -> None:
    storm.crm.misbehave(storm.random.choice(crm.MOODS), storm.random.randint(1, 5))
    storm.later(30, storm.crm.be_well)
