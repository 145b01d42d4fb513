"""The thin ASGI adapter: reads a capped body, runs a plain synchronous handler in a thread, answers after commit.

A handler takes (call, transaction) and returns an Answer. The adapter authenticates, opens the one transaction of the
request, and turns every error into a problem document. Handlers know nothing of ASGI.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import anyio
import anyio.to_thread
import msgspec
import psycopg
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from relance.accounts.keys import key_digits
from relance.accounts.model import KeyHolder
from relance.api import auth, problems
from relance.api.body import parse_object
from relance.api.problems import Problem, WrongMethod
from relance.audience.conditions import SUBJECTS as AUDIENCE_SUBJECTS
from relance.audience.conditions import Subjects
from relance.db.pool import Database, Transaction
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.kernel.clock import Clock, clock
from relance.kernel.errors import Denied, Invalid, RelanceError
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes. A bulk call of 500 members with long fields stays under 5 MB."""

SEATS_PER_KEY = 10
"""Concurrent calls of one key (spec/api.md 1.4), counted in each process."""

THREADS = 16
"""Handlers at work at a time in one process: as many as the pool has connections."""

BODY_SECONDS = 60.0
"""How long a body may take to arrive."""

JSON_TYPE = "application/json; charset=utf-8"

log = logging.getLogger("relance.api")

JudgeNow = Callable[[UUID, int, float], "str | None"]
"""(event id, bucket, longest wait in seconds) → the reason's name (entered, already_inside …); None: not judged yet."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the composition root hands in. ``public_url`` has no slash at its end."""

    database: Database
    public_url: str = "http://127.0.0.1:8700"
    judge_now: JudgeNow | None = None
    clock: Clock = clock
    subjects: Subjects = field(
        default_factory=lambda: Subjects([*AUDIENCE_SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS])
    )
    largest_body: int = LARGEST_BODY
    limiter: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(THREADS))
    seats: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request. ``reference`` is its id, in the answer's headers and in the log."""

    context: Context
    holder: KeyHolder
    now: datetime
    reference: str
    method: str
    path: Mapping[str, str]
    query: QueryParams
    headers: Headers
    raw: bytes

    @property
    def account_id(self) -> int:
        return self.holder.account.account_id

    def body(self) -> dict[str, Any]:
        """The body's JSON object; nothing and ``null`` are the empty one. Raises Invalid naming the place."""
        return parse_object(self.raw)

    def url(self, *segments: object) -> str:
        """The absolute address of something in the compatible API."""
        return "/".join([self.context.public_url, "3.0", *(quote(str(segment), safe="") for segment in segments)])

    def idempotency_key(self) -> str | None:
        return self.headers.get("idempotency-key") or None


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` None: 204. ``then`` runs after the commit, outside of any transaction, and may add headers."""

    body: Any = None
    then: Callable[[], Mapping[str, str]] | None = None


Handler = Callable[[Call, Transaction], Answer]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Resource:
    """An ASGI application for one address: a handler for each method.

    ``write_scope`` is the scope that a key needs for every method but GET.
    """

    def __init__(self, context: Context, handlers: Mapping[str, Handler], *, write_scope: str = "all") -> None:
        self.context = context
        self.handlers = handlers
        self.write_scope = write_scope

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reference = str(uuid4())
        reply = await guarded(lambda: self._reply(scope, receive, reference), reference)
        if reply is not None:
            await _send(send, reply, reference, head=scope["method"] == "HEAD")

    async def _reply(self, scope: Scope, receive: Receive, reference: str) -> Reply:
        headers = Headers(scope=scope)
        key = auth.presented_key(headers.get("authorization"))
        with _seat(self.context, key):
            raw = await _read(receive, headers, self.context.largest_body)
            return await anyio.to_thread.run_sync(
                self._work, scope, headers, raw, reference, limiter=self.context.limiter
            )

    def _work(self, scope: Scope, headers: Headers, raw: bytes, reference: str) -> Reply:
        method = _method(scope["method"], headers)
        with self.context.database.transaction() as tx:
            holder = auth.authenticate(tx, headers.get("authorization"))
            handler = self.handlers.get("GET" if method == "HEAD" else method)
            if handler is None:
                raise WrongMethod(self.handlers)
            _permit(holder, "read" if method in ("GET", "HEAD") else self.write_scope)
            query, path = QueryParams(scope["query_string"]), scope.get("path_params", {})
            _without_nul(*path.values(), *query.keys(), *query.values())
            now = self.context.clock.now()
            answer = handler(Call(self.context, holder, now, reference, method, path, query, headers, raw), tx)
        extra = answer.then() if answer.then else {}
        body = b"" if answer.body is None else msgspec.json.encode(answer.body)
        return Reply(204 if answer.body is None else 200, (("content-type", JSON_TYPE), *extra.items()), body)


async def guarded(work: Callable[[], Awaitable[Reply]], reference: str) -> Reply | None:
    """Run ``work`` and turn its errors into problem documents; None when the caller has gone."""
    try:
        return await work()
    except _CallerGone:
        return None
    except RelanceError as error:
        problem = problems.describe(error, reference)
        if problem.status >= 500:
            log.error("request.unavailable", extra={"request": reference, "trouble": str(error)})
    except psycopg.DataError as error:
        # A number beyond what a column holds, a date before the calendar: the caller's value, wherever it got past us.
        log.warning("request.out_of_range", extra={"request": reference, "kind": type(error).__name__})
        problem = problems.describe(Invalid("a value in the request is out of range", code="bad_request"), reference)
    except Exception:
        log.exception("request.failed", extra={"request": reference})
        problem = problems.unexpected(reference)
    return _problem_reply(problem)


async def not_here(scope: Scope, _receive: Receive, send: Send) -> None:
    """The ASGI application behind every address that does not exist."""
    reference = str(uuid4())
    error = RelanceError("the requested resource could not be found", code="not_found")
    await _send(send, _problem_reply(problems.describe(error, reference)), reference, head=scope["method"] == "HEAD")


class _CallerGone(Exception):
    """The connection was closed before the body was complete."""


def _problem_reply(problem: Problem) -> Reply:
    headers = (("content-type", problems.CONTENT_TYPE), *problem.headers)
    return Reply(problem.status, headers, msgspec.json.encode(problem.document))


def _permit(holder: KeyHolder, scope: str) -> None:
    if not holder.may(scope):
        raise Denied(
            "your API key may not do this", mend=f"It needs the scope {scope!r} and a person who may change things."
        )


def _method(method: str, headers: Headers) -> str:
    override = headers.get("x-http-method-override")
    if not override:
        return method
    if method != "POST":
        raise Invalid("X-HTTP-Method-Override only goes with POST", code="override")
    return override.upper()


def _without_nul(*texts: str) -> None:
    if any("\x00" in text for text in texts):
        raise Invalid("the address contains a NUL character (%00)", code="bad_request")


@contextmanager
def _seat(context: Context, key: str) -> Iterator[None]:
    """One of the key's ten places. Runs in the event loop alone, so plain counting is safe."""
    name = key_digits(key)
    if name is None:
        yield
        return
    if context.seats[name] >= SEATS_PER_KEY:
        raise RelanceError(f"you have exceeded the limit of {SEATS_PER_KEY} simultaneous connections", code="too_many")
    context.seats[name] += 1
    try:
        yield
    finally:
        context.seats[name] -= 1
        if not context.seats[name]:
            del context.seats[name]


async def _read(receive: Receive, headers: Headers, largest: int) -> bytes:
    if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")) > largest:
        raise _too_large(largest)
    chunks, size = [], 0
    with anyio.move_on_after(BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _CallerGone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > largest:
                raise _too_large(largest)
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)
    raise RelanceError(f"the body took longer than {BODY_SECONDS:.0f} s to arrive", code="slow")


def _too_large(largest: int) -> RelanceError:
    limit = f"{largest / 1024 / 1024:.0f} MB"
    return Invalid(f"the body is larger than {limit}.", code="too_large", mend="Send it in several calls.")


async def _send(send: Send, reply: Reply, reference: str, *, head: bool) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in reply.headers]
    headers += [(b"x-request-id", reference.encode()), (b"cache-control", b"no-store")]
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})
