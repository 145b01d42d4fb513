"""The processes that a storm hits, each with a wire to the database and a log of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from relance.kernel.clock import monotonic
from tests.storm.network import Net, Wire

STARTED = ("worker.started", "web.started")
PATIENCE = 1.0
"""Seconds after which a process that ended by itself is started again, as a service manager does."""

MISTAKES = frozenset(
    {"loop.failed", "engine.set_aside", "request.failed", "answers.failed", "answer.failed", "transport.failed",
     "transport.letter_failed", "transport.connection_failed", "message.write_failed", "page.failed"}
)  # fmt: skip
"""What the logs may not say whatever the weather: mistakes of Relance."""


class Part:
    """One process that is kept running. Thread-safe: the mail server strikes too."""

    def __init__(self, name: str, command: str, net: Net, sockets: str, logs: Path, more: Mapping[str, str]) -> None:
        self.name, self._command, self._more = name, command, more
        self.wire = Wire(net, sockets)
        self.log = logs / f"{name}.log"
        self.lock = threading.RLock()
        self.paused = self.cut_off = False
        self.ended_by_itself = 0
        self.wants_start_at = 0.0
        self._read_to = 0
        self._worker: str | None = None
        self._started = False
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def able(self) -> bool:
        """At work, and neither stopped nor cut off."""
        return self.ready and not self.paused and not self.cut_off

    def start(self) -> None:
        with self.lock:
            if self.up:
                return
            environment = {
                **os.environ,
                "RELANCE_DATABASE_URL": f"postgresql://relance@127.0.0.1:{self.wire.port}/relance",
                "RELANCE_SECRET": "a secret for storms, 32 characters",
                "RELANCE_LOG": "json",
                "RELANCE_DEBUG": "1",
                "RELANCE_PRIVATE_HOSTS": "127.0.0.1",
                **self._more,
            }
            self._read_to = self.log.stat().st_size if self.log.exists() else 0
            self._worker, self._started = None, False
            with self.log.open("ab") as log:
                command = [sys.executable, "-m", "relance", self._command]
                self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def kill(self) -> None:
        with self.lock:
            if self.process is not None:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
            self.paused = False

    def pause(self) -> None:
        with self.lock:
            if self.up and self.process is not None:
                self.process.send_signal(signal.SIGSTOP)
                self.paused = True

    def resume(self) -> None:
        with self.lock:
            if self.paused and self.process is not None:
                self.process.send_signal(signal.SIGCONT)
                self.paused = False

    def end(self, patience: float = 60) -> int | None:
        """Asked to stop; its exit code, None when it did not."""
        with self.lock:
            if self.process is None:
                return 0
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()
                return None

    def keep(self) -> None:
        """Start it again if it has ended by itself: it may have found no database."""
        with self.lock:
            if self.process is None or self.process.poll() is None:
                return
            if not self.wants_start_at:
                self.ended_by_itself += 1
                self.wants_start_at = monotonic() + PATIENCE
            elif monotonic() > self.wants_start_at:
                self.wants_start_at = 0.0
                self.start()

    @property
    def worker(self) -> str | None:
        """The worker id of this run of the process, once it has told it."""
        if self._worker is None:
            for line in self._lines(self._read_to):
                if line.get("action") == "worker.started":
                    self._worker = line.get("worker")
        return self._worker

    @property
    def ready(self) -> bool:
        """Up, and past its start."""
        if not self._started:
            self._started = any(line.get("action") in STARTED for line in self._lines(self._read_to))
        return self.up and self._started

    def mistakes(self) -> list[str]:
        """Whatever Relance should never have to say, and tracebacks."""
        found = []
        for line in self._lines(0):
            if line["action"] in MISTAKES:
                at = " · ".join(line.get("trace", [])[-3:])
                found.append(f"{self.name}: {line['action']} {line.get('error', '')} {line.get('message', '')} {at}")
            elif line["action"] == "" and "Traceback" in line["text"]:
                found.append(f"{self.name}: {line['text']}")
        return found

    def _lines(self, start: int) -> Iterator[dict[str, Any]]:
        if not self.log.exists():
            return
        with self.log.open("rb") as file:
            file.seek(start)
            for raw in file:
                try:
                    line = json.loads(raw)
                    yield line if isinstance(line, dict) and "action" in line else {"action": "", "text": str(line)}
                except ValueError:
                    yield {"action": "", "text": raw.decode("utf-8", "replace").strip()}


def free_port() -> int:
    """Below the range from which connections take theirs, so that none sits on it while a process is away."""
    for port in range(20_000 + os.getpid() % 9_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in _GIVEN:
                _GIVEN.add(port)
                return port
    raise AssertionError("no port is free")


_GIVEN: set[int] = set()
