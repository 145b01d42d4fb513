"""Keeps one PostgreSQL running for as long as this program lives."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from relance.db.embedded import binaries, place
from relance.db.embedded.account import Account
from relance.db.embedded.cluster import clear_the_way, conninfo, hold
from relance.db.embedded.faults import told
from relance.db.embedded.process import Run, check_version, make_cluster
from relance.db.embedded.settings import settings
from relance.kernel.clock import monotonic
from relance.kernel.errors import Conflict, RelanceError

_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds before each further attempt to bring it back; everybody waits for it
_STEADY = 60.0  # a server that ran so long starts again at the first of them
_RETRY_FOR = 30.0  # seconds that leftovers of a crash may stand in the way of a start


class EmbeddedServer:
    """A PostgreSQL in ``folder`` (see place.py), reached by its socket alone.

    ``port`` only names the socket, nothing listens on the network. ``settings`` are PostgreSQL's and win over ours.
    ``report`` gets short sentences for a person, also from the supervisor's thread.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        report: Callable[[str], None] = place.quiet,
    ) -> None:
        self.folder = Path(os.path.abspath(folder)).resolve()  # noqa: PTH100 - as resolve_folder() does
        self._port = port or 5432
        self._own = dict(settings or {})
        self._report = report
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._run: Run | None = None
        self._change = threading.Lock()  # between a stop and the start of the next run
        self._conninfo = ""

    @property
    def conninfo(self) -> str:
        """For psycopg. The same over restarts; empty before start()."""
        return self._conninfo

    @property
    def pid(self) -> int | None:
        """The process number of the postgres that runs now."""
        run = self._run
        return run.child.pid if run is not None and run.child.returncode is None else None

    def start(self) -> None:
        """Return when the server takes connections, however long its recovery lasts; from then on it is watched.

        Raises Conflict (another Relance has the folder, another PostgreSQL version wrote it), Denied, Invalid,
        Unavailable. After an error nothing is left running.
        """
        if self._thread is not None:
            raise Conflict("this server has been started already.", where=str(self.folder))
        self._stopping.clear()
        first: Future[None] = Future()
        # One thread for its whole life: the kernel ties the server's end to the thread that started it.
        self._thread = threading.Thread(target=self._supervise, args=(first,), name="postgres", daemon=True)
        self._thread.start()
        try:
            first.result()
        except BaseException:  # Ctrl-C during a long recovery too
            self.stop()
            raise

    def stop(self) -> None:
        """End the server with a clean fast shutdown, at once if that takes over a minute. Harmless when stopped."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        with self._change:
            self._stopping.set()
        for name, seconds in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, None)):
            run = self._run
            if run is not None:
                run.send(name)
            thread.join(seconds)
            if not thread.is_alive():
                return

    def _supervise(self, first: Future[None]) -> None:
        try:
            with told(self.folder):
                lock = self._begin()
        except BaseException as error:
            first.set_exception(error)
            return
        try:
            self._start_run()
        except BaseException as error:
            os.close(lock)
            first.set_exception(error)
            return
        first.set_result(None)
        self._watch()
        os.close(lock)

    def _begin(self) -> int:
        """Everything before the server itself. Returns the folder's lock."""
        self._account: Account = place.prepare_folder(self.folder)
        version = binaries.wheel_version()
        check_version(self.folder, version.split(".")[0])
        self._programs = binaries.find(self._account, place.STATE, self._report)
        lock = hold(self.folder)
        try:
            if not place.has_cluster(self.folder):
                self._report(f"making a new database in {self.folder}")
                make_cluster(self.folder, self._programs, self._account, self._own.get("fsync") != "off")
        except BaseException:
            os.close(lock)
            raise
        return lock

    def _start_run(self) -> None:
        """Start the server and wait until it is ready; what a crash left behind may take a while to go."""
        home = self.folder / "postgres"
        end = monotonic() + _RETRY_FOR
        while True:
            with told(self.folder):
                sockets = place.socket_folder(self.folder, self._account)
                clear_the_way(home / "data", sockets, self._report)
                with self._change:
                    if self._stopping.is_set():
                        raise Conflict("the start was called off.", where=str(self.folder))
                    wanted = settings(home / "data", home / "log", sockets, self._port, self._own)
                    run = self._run = Run(self.folder, self._programs, self._account, wanted)
            try:
                run.until_ready(self._report)
            except BaseException as error:
                self._end(run)
                if not isinstance(error, RelanceError) or not error.retry or monotonic() > end:
                    raise
                self._stopping.wait(0.2)
                continue
            self._conninfo = conninfo(sockets, self._port)
            return

    def _end(self, run: Run) -> None:
        if run.child.poll() is None:
            run.send(signal.SIGQUIT)
            run.child.wait()
        run.close()
        self._run = None

    def _watch(self) -> None:
        """Until stop(): whenever the server ends, bring it back, with growing pauses."""
        failures = 0
        while True:
            run = self._run
            if run is not None:
                code = run.child.wait()
                if monotonic() - run.started > _STEADY:
                    failures = 0
                self._end(run)
                if self._stopping.is_set():
                    return
                how = f"by signal {-code}" if code < 0 else f"with code {code}"
                self._report(f"PostgreSQL ended {how}, starting it again")
            if self._stopping.wait(_PAUSES[min(failures, len(_PAUSES) - 1)]):
                return
            failures += 1
            try:
                self._start_run()
            except Exception as error:  # whatever it is, the next attempt may do better
                if self._stopping.is_set():
                    return
                self._report(f"PostgreSQL is not back yet: {error}")
            else:
                self._report("PostgreSQL is back")
