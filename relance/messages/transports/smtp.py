"""Mail out by SMTP: a pool of reused connections, one thread each (spec/flows.md 5.9, RFC 5321)."""

from __future__ import annotations

import ssl
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from relance.kernel import clock
from relance.kernel.errors import Denied, Invalid, Unavailable
from relance.messages.transports.model import Answer, AnswerKind, Letter
from relance.messages.transports.smtp_line import Line, Unreachable, connect
from relance.messages.transports.smtp_url import SmtpUrl, parse_smtp_url

_ASK_AFTER: Final = 5.0
_LOSSES_IN_A_ROW: Final = 3


class SmtpTransport:
    """Thread-safe. Times are in seconds.

    ``timeout`` bounds the connection and each reply, ``final_timeout`` the reply to the final dot, which is worth
    waiting for: without it a message is UNKNOWN for ever. A connection is closed after ``per_connection`` messages
    or ``idle`` seconds without use.
    """

    def __init__(
        self,
        url: str,
        *,
        connections: int = 4,
        timeout: float = 30,
        final_timeout: float = 120,
        per_connection: int = 100,
        idle: float = 60,
    ) -> None:
        """Raises Invalid when the URL does not fit (see ``parse_smtp_url``) or its ``ca`` cannot be read."""
        self._url = parse_smtp_url(url)
        self._context = _tls(self._url)
        self._connections = connections
        self._timeout, self._final_timeout = timeout, max(timeout, final_timeout)
        self._per_connection, self._idle = per_connection, idle
        self._lock = threading.Lock()
        self._free: list[Line] = []
        self._closed = False
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="smtp")

    def __repr__(self) -> str:
        return f"SmtpTransport({self._url})"

    @property
    def risks_login(self) -> bool:
        """See SmtpUrl."""
        return self._url.risks_login

    def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
        """Send the letters, in parallel over the connections, and answer each one, in the order of the batch.

        Blocks until every letter has its answer. When the server stops talking, the letters not begun are TRANSIENT
        (or SENDER_BLOCKED when it refuses the login) with the reason, without a try each. Raises Unavailable after
        ``close``.
        """
        if self._closed:
            raise Unavailable("This mail transport is closed.")
        answers: dict[int, Answer] = {}
        waiting = deque(enumerate(batch))
        lanes = [self._threads.submit(self._lane, waiting, answers) for _ in range(min(self._connections, len(batch)))]
        troubles = [trouble for lane in lanes if (trouble := lane.result())]
        for place, letter in waiting:
            answers[place] = troubles[-1].answer(letter.key)
        return [answers[place] for place in range(len(batch))]

    def check(self) -> str:
        """Connect, log in, leave again, and say in one line what was found. Raises Unavailable or Denied."""
        try:
            line = connect(self._url, self._context, self._timeout, self._final_timeout)
        except Unreachable as trouble:
            kind = Denied if trouble.kind is AnswerKind.SENDER_BLOCKED else Unavailable
            mend = "Check the mail server URL: host, port, TLS, user and password."
            raise kind(f"{trouble.text.rstrip('.')}.", where="mail server", mend=mend) from None
        said = _describe(self._url, line)
        line.quit()
        return said

    def close(self) -> None:
        """Wait for letters under way, then say goodbye on every connection."""
        self._closed = True
        self._threads.shutdown(wait=True)
        with self._lock:
            lines, self._free = self._free, []
        for line in lines:
            line.quit()

    def _lane(self, waiting: deque[tuple[int, Letter]], answers: dict[int, Answer]) -> Unreachable | None:
        """Send waiting letters one after the other. Returns why, when it stops before the end."""
        lost = 0
        while True:
            try:
                place, letter = waiting.popleft()
            except IndexError:
                return None
            try:
                line, answer = self._send(letter)
            except Unreachable as trouble:
                waiting.appendleft((place, letter))
                return trouble
            answers[place] = answer
            lost = lost + 1 if answer.code is None and not line.open else 0
            if answer.kind is AnswerKind.UNKNOWN or lost == _LOSSES_IN_A_ROW:
                # A server in this state would make the rest unknown, or late, one by one.
                return Unreachable.after(answer)
            self._give_back(line)

    def _send(self, letter: Letter) -> tuple[Line, Answer]:
        line = self._take()
        if line:
            answer = line.send(letter)
            if line.open or answer.kind is not AnswerKind.TRANSIENT:
                return line, answer
            # The server has hung up on a connection that it found old: nothing was accepted, a new one may do.
        line = connect(self._url, self._context, self._timeout, self._final_timeout)
        return line, line.send(letter)

    def _take(self) -> Line | None:
        while True:
            with self._lock:
                line = self._free.pop() if self._free else None
            if line is None:
                return None
            rest = clock.monotonic() - line.used_at
            if rest < self._idle and (rest < _ASK_AFTER or line.alive()):
                return line
            line.quit()

    def _give_back(self, line: Line) -> None:
        if line.sent >= self._per_connection:
            line.quit()
        elif line.open:
            line.used_at = clock.monotonic()
            with self._lock:
                self._free.append(line)


def _tls(url: SmtpUrl) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not url.checks:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif url.ca:
        try:
            context.load_verify_locations(url.ca)
        except OSError:
            raise Invalid(
                "The certificate file cannot be read.", where="mail server URL, ca", mend="Name a readable PEM file."
            ) from None
    return context


def _describe(url: SmtpUrl, line: Line) -> str:
    socket = line.smtp.sock
    checked = "certificate checked" if url.checks else "certificate not checked"
    parts = [
        f"{url} answers",
        f"{socket.version()}, {checked}" if isinstance(socket, ssl.SSLSocket) else "no TLS",
        "signed in" if url.user else "no login",
    ]
    if line.size_limit:
        parts.append(f"messages up to {line.size_limit // 1_000_000} MB")
    return "; ".join(parts)
