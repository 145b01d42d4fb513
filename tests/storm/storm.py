"""A storm: a shop's program feeds web processes over HTTP, workers move people and send, and anything may be hit.

Processes are killed, stopped and cut off, PostgreSQL dies, is silent, out of reach, or has no disk left, the mail server
and the webhook's receiver misbehave: in any mixture, drawn from a seed (faults.py). Afterwards the weather is fine, what
is there goes on by itself, and the books must close (accounts.py).
"""

from __future__ import annotations

import heapq
import itertools
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from relance.db.embedded import EmbeddedServer, throwaway_server
from relance.db.migrate import migrate
from relance.db.pool import Database, Stretch
from relance.kernel import clock
from tests.storm.accounts import close_books
from tests.storm.callers import Caller, Told
from tests.storm.crm import Crm
from tests.storm.disk import NoMounts, SmallDisk, small_disk
from tests.storm.faults import FAULTS, Bag
from tests.storm.mail import Sink
from tests.storm.network import Net
from tests.storm.parts import Part, free_port
from tests.storm.shop import open_shop
from tests.storm.tally import Tally

CALLERS = 3
LOOK = 0.1
LONGEST_REST = 15.0
"""Seconds without a strike that processes have to come up again."""
HURRY = 2.0
"""Seconds between two cuts of the pauses after the storm: long enough for a call that is in hand."""
TAKE_OVER = 10.0
"""Seconds after which a dead worker's slots have another owner, when somebody is there to take them."""
SILENCE = 12.0
"""The same for one that stands still or is cut off: its connection looks alive, so it takes eight more to know."""


@dataclass
class Suspect:
    """A worker that is dead, stopped or cut off: what it has in hand may become unknown."""

    since: float
    part: Part
    dead: bool
    owned: bool = False
    told: bool = False


class Storm:
    """One storm on one server. ``run`` returns the tally. ``short``: gusts follow closely, and none lasts."""

    def __init__(
        self, server: EmbeddedServer, seed: int, *, workers: int = 2, webs: int = 2, short: bool = False,
        disk: SmallDisk | None = None, without_disk: str = "",
    ) -> None:  # fmt: skip
        self.server, self.seed, self.short, self.disk = server, seed, short, disk
        self.random = random.Random(seed)
        self.tally = Tally(seed)
        self.told = Told()
        self.full = False
        self.hurt_at = self._again = 0.0
        self.in_hand: set[str] = set()
        self.suspects: dict[str, Suspect] = {}
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._direct: psycopg.Connection[Any] | None = None
        self._direct_lock = threading.Lock()
        self.net = Net()
        self.sink = Sink(workers, self._struck_in_hand)
        self.crm = Crm()
        logs = Path(tempfile.mkdtemp(prefix="relance-storm-"))
        self.logs = logs
        sockets = psycopg.conninfo.conninfo_to_dict(server.conninfo)
        path = f"{sockets['host']}/.s.PGSQL.{sockets['port']}"
        self.workers = [
            Part(f"worker-{n}", "worker", self.net, path, logs, {
                "RELANCE_SMTP_URL": f"smtp://127.0.0.1:{self.sink.ports[n]}?tls=off"
            }) for n in range(workers)
        ]  # fmt: skip
        ports = [free_port() for _ in range(webs)]
        self.webs = [
            Part(f"web-{n}", "serve", self.net, path, logs, {"RELANCE_PORT": str(port)}) for n, port in enumerate(ports)
        ]
        self.urls = [f"http://127.0.0.1:{port}" for port in ports]
        self.parts = [*self.workers, *self.webs]
        if without_disk:
            self.tally.not_struck.append(f"disk full: {without_disk}")

    def run(self, seconds: float, *, settle: float = 90) -> Tally:
        with self.standing() as database:
            self.blow(seconds, settle=settle)
            self.close_books(database)
        return self.tally

    def blow(self, seconds: float, *, settle: float) -> None:
        """The storm itself, and the calm after it: at the end everybody has finished."""
        stop = threading.Event()
        callers = [Caller(place, self.seed, self.shop, self.urls, self.told, stop) for place in range(CALLERS)]
        began = clock.monotonic()
        for one in callers:
            one.start()
        try:
            self._rage(began + seconds)
        finally:
            stop.set()
        self.tally.minutes = (clock.monotonic() - began) / 60
        self.calm()
        self.settle(callers, settle)

    @contextmanager
    def standing(self) -> Iterator[Database]:
        """The shop is open and every process works. At the end nothing of it is left."""
        migrate(self.server.conninfo)
        watch = threading.Thread(target=self._watch, name="watch", daemon=True)
        with Database(self.server.conninfo, Stretch(1, 4)) as database:
            self.shop = open_shop(database, self.crm.url)
            try:
                for part in self.parts:
                    part.start()
                self._wait_for_everybody()
                watch.start()
                yield database
            finally:
                self._over.set()
                for part in self.parts:
                    part.kill()
                for one in (self.sink, self.crm, self.net):
                    one.close()

    def close_books(self, database: Database) -> None:
        if self._over.is_set():
            return
        self._over.set()
        close_books(
            database, self.shop, self.told, self.tally, self.sink.caught, self.crm.heard, self.in_hand,
            self.sink.unanswered,
        )  # fmt: skip
        self._judge()

    # ── Strikes, by the thread of the storm; those in hand by the mail server's ──
    def any_one(self, parts: Sequence[Part]) -> Part:
        """Mostly one that is at work, at times one that is only starting, or down."""
        able = [part for part in parts if part.able]
        return self.random.choice(able if able and self.random.random() < 0.9 else parts)

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        with self._lock:
            heapq.heappush(self._later, (clock.monotonic() + seconds, next(self._order), act))

    def kill_worker(self, part: Part) -> None:
        with part.lock:
            if part.up:
                self._suspect(part, dead=True)
                part.kill()
                self._look_in_hand(blind=True)
        self.later(self.random.choice([0, 0, 0.5, 4]), part.start)

    def pause_worker(self, part: Part, seconds: float) -> None:
        if part.able:
            part.pause()
            self._suspect(part, dead=False)
            self.later(seconds, lambda: self._wake(part))

    def cut_off_worker(self, part: Part, seconds: float) -> None:
        if part.able:
            part.cut_off = True
            part.wire.hang()
            self._suspect(part, dead=False)
            self.later(seconds, lambda: self._join_again(part))

    def lose_database(self, seconds: float) -> None:
        self.hurt()
        for part in self.parts:
            part.wire.refuse()
        self.later(seconds, self._heal_wires)

    def silence_database(self, seconds: float) -> None:
        self.hurt()
        for part in self.parts:
            part.wire.hang()
        self.later(seconds, self._heal_wires)

    def fill_disk(self, seconds: float) -> None:
        if self.disk is not None:
            self.full = True
            self.hurt()
            self.disk.fill()
            self.later(seconds, self._free_disk)

    def spare(self, seconds: float) -> None:
        """In a long storm, half of the time, nothing else happens meanwhile: that is how long a take-over lasts."""
        if not self.short and self.random.random() < 0.5:
            self._again = clock.monotonic() + seconds

    def hurt(self) -> None:
        """The database is hit: how long take-overs last says nothing now."""
        self.hurt_at = clock.monotonic()

    def look(self, statement: str, *values: Any) -> list[Any] | None:
        """Ask the server itself, past all wires; None when it does not answer."""
        with self._direct_lock:
            try:
                if self._direct is None or self._direct.closed:
                    self._direct = psycopg.connect(self.server.conninfo, autocommit=True, connect_timeout=2)
                return self._direct.execute(statement, values or None).fetchall()
            except psycopg.Error:
                if self._direct is not None:
                    self._direct.close()
                self._direct = None
                return None

    # ── And their ends ──
    def _wake(self, part: Part) -> None:
        part.resume()
        self._clear(part)

    def _join_again(self, part: Part) -> None:
        part.wire.heal()
        part.cut_off = False
        self._clear(part)

    def _heal_wires(self) -> None:
        self.hurt()
        for part in self.parts:
            if not part.cut_off:
                part.wire.heal()

    def _free_disk(self) -> None:
        if self.disk is not None and self.full:
            self.hurt()
            self.disk.free()
            self.full = False

    def _struck_in_hand(self, place: int) -> None:
        """In a thread of the mail server: the answer must not be given before the worker is dead."""
        part = self.workers[place]
        self._suspect(part, dead=True)
        part.kill()
        self._look_in_hand(blind=True)
        self.later(0.2, part.start)

    # ── What goes on all the time ──
    def _wait_for_everybody(self) -> None:
        """Until every process has its first sign of life behind it."""
        end = clock.monotonic() + 180
        while not all(part.ready for part in self.parts):
            if clock.monotonic() > end:
                raise AssertionError(f"the processes did not start: see {self.logs}")
            time.sleep(0.05)
            self._do_what_is_due()

    def _rage(self, until: float) -> None:
        kinds = [one for one in FAULTS if self.disk is not None or one.name != "disk full"]
        bag = Bag(self.random, kinds, once=self.short)
        self._again = clock.monotonic() + 1
        while clock.monotonic() < until:
            time.sleep(0.05)
            self._do_what_is_due()
            if clock.monotonic() > self._again and (
                self._somebody_works() or clock.monotonic() > self._again + LONGEST_REST
            ):
                drawn = bag.draw()
                self.tally.struck[drawn.name] += 1
                self._again = clock.monotonic() + self.random.uniform(0.3, 1.0 if self.short else 3.5)
                drawn.strike(self)

    def _somebody_works(self) -> bool:
        """On a slow machine processes take long to start: what is hit again and again while it starts proves little."""
        return any(part.ready for part in self.workers) and any(part.ready for part in self.webs)

    def _do_what_is_due(self, *, everything: bool = False) -> None:
        while True:
            with self._lock:
                if not self._later or (not everything and self._later[0][0] > clock.monotonic()):
                    break
                _, _, act = heapq.heappop(self._later)
            act()
        for part in self.parts:
            if not part.up and not self._is_planned(part):
                part.keep()

    def _is_planned(self, part: Part) -> bool:
        with self._lock:
            return any(act == part.start for _, _, act in self._later)

    def _suspect(self, part: Part, *, dead: bool) -> None:
        if part.worker is not None:
            with self._lock:
                self.suspects[part.worker] = Suspect(clock.monotonic(), part, dead)
        self.tally.kills += dead
        self._look_in_hand()

    def _clear(self, part: Part) -> None:
        """It goes on. What it had in hand is its own again, unless somebody has seen to it."""
        self._look_in_hand()
        with self._lock:
            for worker, suspect in list(self.suspects.items()):
                if suspect.part is part and not suspect.dead:
                    del self.suspects[worker]

    def _look_in_hand(self, *, blind: bool = False) -> None:
        """What suspects have between mark and answer: nothing else may become unknown."""
        with self._lock:
            workers = list(self.suspects)
        rows = self.look(
            "select delivery_id::text from delivery where state = 'handed' and worker = any(%s::uuid[])", workers
        )
        if rows is not None:
            self.in_hand |= {row[0] for row in rows}
        elif blind:
            self.tally.blind += 1

    def _watch(self) -> None:
        """Until the end: what is in hand, who owns which slots, how long the database is away."""
        away_since, looked_at = 0.0, clock.monotonic()
        while not self._over.wait(LOOK):
            if clock.monotonic() - looked_at > 10 * LOOK:
                self.hurt()  # this very machine has no time: what lasts long now says nothing either
            looked_at = clock.monotonic()
            self._look_in_hand()
            rows = self.look("select owner::text from lease where owner is not null")
            now = clock.monotonic()
            if rows is None:
                away_since = away_since or now
                continue
            if away_since:
                self.hurt()
                self.tally.back.append(now - away_since)
                away_since = 0.0
            self._see_owners({row[0] for row in rows}, now)

    def _see_owners(self, owners: set[str], now: float) -> None:
        able = any(part.able for part in self.workers)
        with self._lock:
            for worker, suspect in list(self.suspects.items()):
                if worker in owners:
                    suspect.owned = True
                    if not able or self.hurt_at > suspect.since:
                        suspect.since = now  # nobody could take over: the time begins when somebody can
                    continue
                if suspect.owned and not suspect.told:
                    suspect.told = True
                    took = now - suspect.since
                    (self.tally.taken_over if suspect.dead else self.tally.woken_too_late).append(took)

    # ── Afterwards ──
    def calm(self) -> None:
        self.sink.victim = None
        self._do_what_is_due(everything=True)
        self._free_disk()
        self._heal_wires()
        for part in self.parts:
            part.resume()
            if part.cut_off:
                self._join_again(part)
        self.sink.be_well()
        self.crm.be_well()

    def settle(self, callers: Sequence[Caller], patience: float) -> None:
        """Everybody goes on by themselves. Only pauses between tries, of minutes and hours, are cut short."""
        began = hurry_at = clock.monotonic()
        while clock.monotonic() < began + patience:
            time.sleep(0.3)
            self._do_what_is_due(everything=True)
            if clock.monotonic() > hurry_at:
                self._hurry()
                hurry_at = clock.monotonic() + HURRY
            if not any(one.is_alive() for one in callers) and self._is_quiet():
                break
        self.tally.settled_in = clock.monotonic() - began
        if late := [one.name for one in callers if one.is_alive()]:
            self.tally.faults.append(f"{', '.join(late)} never got an answer")
        for part in self.parts:
            begun = part.ready
            code = part.end()
            if code != 0 and (begun or code != -signal.SIGTERM):  # one that is only starting just ends
                self.tally.faults.append(f"{part.name} was asked to stop and ended with {code}")

    def _hurry(self) -> None:
        for statement in (
            "update delivery set due = now() where state = 'queued' and due > now()",
            "update webhook_call set due = now() where state = 'waiting' and due > now()",
            "delete from webhook_host",
        ):
            self.look(f"with done as ({statement} returning 1) select count(*) from done")

    def _is_quiet(self) -> bool:
        rows = self.look(
            "select (select count(*) from inbox) + (select count(*) from run where ended_at is null) "
            "+ (select count(*) from delivery where state in ('queued', 'handed')) "
            "+ (select count(*) from webhook_call where state = 'waiting') + (select count(*) from segment_touch)"
        )
        return bool(rows) and rows is not None and rows[0][0] == 0

    def _judge(self) -> None:
        tally = self.tally
        for part in self.parts:
            tally.ended_by_themselves += part.ended_by_itself
            found = part.mistakes()
            tally.faults += found[:3] + ([f"{part.name}: … and {len(found) - 3} more"] if len(found) > 3 else [])
        for seconds, most, what in (
            (tally.taken_over, TAKE_OVER, "killed"), (tally.woken_too_late, SILENCE, "silent"),
        ):  # fmt: skip
            if slow := [one for one in seconds if one > most]:
                tally.faults.append(f"{len(slow)} take-overs of a {what} worker's slots took up to {max(slow):.1f} s")
        if tally.faults:
            tally.faults.append(f"the logs are in {self.logs}")
        else:
            for log in self.logs.iterdir():
                log.unlink()
            self.logs.rmdir()


CAREFUL = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "checkpoint_timeout": "1min"}
SMALL = {"max_wal_size": "96MB", "min_wal_size": "32MB"}
"""On a small disk the write-ahead log may not take it all."""


@contextmanager
def server_on_small_disk(room: int = 4096) -> Iterator[tuple[EmbeddedServer, SmallDisk]]:
    """Raises NoMounts."""
    with small_disk(room) as disk:
        server = EmbeddedServer(disk.folder / "data", settings=CAREFUL | SMALL)
        server.start()
        try:
            yield server, disk
        finally:
            server.stop()


@contextmanager
def gathered(seed: int, *, workers: int = 2, webs: int = 2, short: bool = False) -> Iterator[Storm]:
    """On a server of its own, with a disk of its own where that is permitted."""
    with ExitStack() as stack:
        disk, why = None, ""
        try:
            server, disk = stack.enter_context(server_on_small_disk())
        except NoMounts as error:
            why = str(error)
            server = stack.enter_context(throwaway_server(CAREFUL | SMALL))
        yield Storm(server, seed, workers=workers, webs=webs, short=short, disk=disk, without_disk=why)


def storm(
    seed: int, seconds: float, *, workers: int = 2, webs: int = 2, short: bool = False, settle: float = 90
) -> Tally:
    with gathered(seed, workers=workers, webs=webs, short=short) as whole:
        return whole.run(seconds, settle=settle)
