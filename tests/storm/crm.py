"""Who is called by webhooks. Knows each call by its key, and misbehaves when it is told to."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOODS = ("busy", "hangs up", "takes it and hangs up")


class Crm:
    """``heard``: how often each Idempotency-Key came and was taken."""

    def __init__(self) -> None:
        self.mood = ""
        self.heard: Counter[str] = Counter()
        self._times = 0
        self._lock = threading.Lock()
        crm = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                mood = crm.behave()
                if mood in ("", MOODS[2]):
                    with crm._lock:
                        crm.heard[self.headers["Idempotency-Key"]] += 1
                if mood in MOODS[1:]:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(503 if mood else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                """Nothing."""

            def handle(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().handle()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, name="crm", daemon=True).start()

    def misbehave(self, mood: str, times: int) -> None:
        """For so many calls."""
        with self._lock:
            self.mood, self._times = mood, times

    def be_well(self) -> None:
        self.mood = ""

    def behave(self) -> str:
        """The mood in which the next call is met."""
        with self._lock:
            mood = self.mood
            self._times -= 1
            if self._times <= 0:
                self.mood = ""
            return mood

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
