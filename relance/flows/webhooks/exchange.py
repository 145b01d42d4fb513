"""One HTTP call: resolved once, to an address that may be called, bounded in time and size. No redirect is followed.

http.client does not look anything up here: the connection is made to the very address that was judged, so a name that
changes its mind between the look and the call leads nowhere else.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import quote, urlsplit

from relance.flows.webhooks.private_hosts import PrivateHosts, usable
from relance.flows.webhooks.rules import LIMIT, LONGEST_ANSWER, Answer

_SAFE = "/?%:@!$&'()*+,;=~-._[]"


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


class _Pinned(HTTPConnection):
    """To one address, for ``limit`` seconds in all: then whatever it does comes to an end."""

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext | None, limit: float) -> None:
        super().__init__(host, port, timeout=limit)
        self._address, self._tls = address, tls
        self.late = threading.Event()

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        # From here on there is a socket to hang up; before, nobody could.
        if self.late.is_set():
            raise TimeoutError
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def hang_up(self) -> None:
        """A server that sends a byte now and then would never meet the time-out of a single read."""
        self.late.set()
        if self.sock is not None:
            try:
                # Not that of the encrypted socket, which would have others read and write in clear.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                return


def exchange(call: Call, private: PrivateHosts, limit: float = LIMIT) -> Answer:
    """Make the call. Raises nothing: what went wrong is the answer."""
    try:
        url = urlsplit(call.url)
        host, port = (url.hostname or "").encode("idna").decode(), url.port or (443 if url.scheme == "https" else 80)
    except ValueError:
        return Answer(words="the address cannot be read", refused=True)
    if url.scheme not in ("http", "https") or not host or url.username is not None:
        return Answer(words="the address cannot be called", refused=True)
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        return Answer(words=f"{host} is not found")
    address, private_one = usable(host, found, private)
    if address is None:
        return Answer(words=f"{host} is a private address (RELANCE_PRIVATE_HOSTS)", refused=True)
    if url.scheme == "http" and not private_one:
        return Answer(words="a public address is called by https only", refused=True)
    target = quote((url.path or "/") + (f"?{url.query}" if url.query else ""), safe=_SAFE)
    connection = _Pinned(host, port, address, ssl.create_default_context() if url.scheme == "https" else None, limit)
    return _ask(connection, call, target, limit)


def _ask(connection: _Pinned, call: Call, target: str, limit: float) -> Answer:
    watch = threading.Timer(limit, connection.hang_up)
    watch.daemon = True
    watch.start()
    try:
        connection.request(call.method, target, call.body, dict(call.headers))
        answer = _read(connection.getresponse())
        return Answer(words=f"no answer in {limit:g} s") if connection.late.is_set() else answer
    except (OSError, HTTPException, ValueError) as error:
        slow = connection.late.is_set() or isinstance(error, TimeoutError)
        return Answer(words=f"no answer in {limit:g} s" if slow else f"no answer: {type(error).__name__}")
    finally:
        watch.cancel()
        connection.close()


def _read(response: HTTPResponse) -> Answer:
    body = response.read(LONGEST_ANSWER + 1)
    after = response.getheader("Retry-After", "")
    fits = len(body) <= LONGEST_ANSWER and not response.length
    return Answer(
        response.status,
        body if fits else None,
        "" if fits else "the answer is too long, or broken off",
        retry_after=int(after) if after.isascii() and after.isdigit() and len(after) < 6 else None,
    )
