"""The thin ASGI adapter: who is it, is the form theirs, one transaction, a synchronous handler in a thread, HTML.

Every error becomes a page that says what happened and what still works.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

import anyio.to_thread
from starlette.datastructures import Headers, QueryParams
from starlette.requests import cookie_parser
from starlette.types import Receive, Scope, Send

from relance.accounts.model import SignedIn
from relance.accounts.sign_in import signed_in
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Denied, Invalid, NotFound, RelanceError
from relance.web import faults, forms, language, shell
from relance.web.context import WebContext
from relance.web.render import query, render
from relance.web.visit import Answer, Handler, Later, Page, Raw, Redirect, SlowHandler, Visit

COOKIE = "relance_session"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""No script runs on any page, and no style but ours."""

HTML = "text/html; charset=utf-8"

log = logging.getLogger("relance.web")


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    headers: Headers
    path: Mapping[str, str]
    query: QueryParams
    target: str
    body: bytes
    address: str
    reference: str


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    later: Later | None = None


@dataclass(slots=True)
class _Seat:
    """The visit as far as it is known, so that an error speaks the person's language."""

    visit: Visit


class Address:
    """An ASGI application for one address. ``slow``: handlers that open their own transactions. ``public``: also for
    people who are not signed in."""

    def __init__(
        self, context: WebContext, *, get: Handler | None = None, post: Handler | None = None,
        slow: Mapping[str, SlowHandler] | None = None, public: bool = False,
    ) -> None:  # fmt: skip
        self.context = context
        self.handlers = {method: handler for method, handler in (("GET", get), ("POST", post)) if handler}
        self.slow = slow or {}
        self.public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _asked(scope, receive)
        reply = await anyio.to_thread.run_sync(self._reply, asked, limiter=self.context.limiter)
        await _send(send, reply, head=scope["method"] == "HEAD")
        if reply.later is not None:
            await anyio.to_thread.run_sync(self._after, reply.later, asked.reference, limiter=self.context.limiter)

    def _reply(self, asked: _Asked) -> _Reply:
        seat = _Seat(self._stranger(asked))
        try:
            seat.visit = replace(seat.visit, form=_form(asked))
            return self._written(self._answer(asked, seat), seat.visit)
        except RelanceError as error:
            if not isinstance(error, (NotFound, Denied, Conflict, Invalid)):
                log.error("page.unavailable", extra={"page": asked.reference, "trouble": str(error)})
            return _fault(faults.page_of(error), seat.visit)
        except Exception:
            log.exception("page.failed", extra={"page": asked.reference})
            return _fault(faults.unexpected(), seat.visit)

    def _answer(self, asked: _Asked, seat: _Seat) -> Answer:
        method = "GET" if asked.method == "HEAD" else asked.method
        visit = seat.visit
        _without_nul(*visit.path.values(), *visit.query.keys(), *visit.query.values(), *visit.form.values())
        if method not in self.handlers and method not in self.slow:
            raise NotFound("there is no such page")
        if method == "POST":
            forms.check(asked.headers, self.context.public_url)
        if method in self.slow:
            return self.slow[method](visit)
        with self.context.database.transaction() as tx:
            who = signed_in(tx, visit.now, visit.session) if visit.session else None
            if who is None and not self.public:
                return _sign_in_first(asked)
            if who is not None:
                visit = seat.visit = self._known(visit, who)
                if method == "POST":
                    forms.check_token(visit.form, self.context.secret, visit.session)
            answer = self.handlers[method](visit, tx)
            return _with_shell(answer, visit, tx)

    def _stranger(self, asked: _Asked) -> Visit:
        session = cookie_parser(asked.headers.get("cookie", "")).get(COOKIE, "")
        wanted = asked.query.get("lang", "")
        spoken = wanted if wanted in language.LANGUAGES else language.choose(asked.headers.get("accept-language", ""))
        return Visit(
            context=self.context, who=None, session=session, now=self.context.clock.now(),
            reference=asked.reference, speaker=language.Speaker(spoken), path=asked.path, query=asked.query, form={},
            address=asked.address, target=asked.target,
        )  # fmt: skip

    def _known(self, visit: Visit, who: SignedIn) -> Visit:
        speaker = language.Speaker(who.person.language[:2], who.account.zone)
        return replace(visit, who=who, speaker=speaker, form_token=forms.token(self.context.secret, visit.session))

    def _written(self, answer: Answer, visit: Visit) -> _Reply:
        if isinstance(answer, Later):
            return replace(self._written(answer.answer, visit), later=answer)
        if isinstance(answer, Raw):
            headers = (("content-type", answer.content_type), ("content-security-policy", answer.policy))
            return _Reply(200, headers + answer.headers, answer.body)
        if isinstance(answer, Redirect):
            return _Reply(303, (("location", answer.to), *self._cookie(answer)), b"")
        body = render(answer.template, visit.speaker, {"visit": visit, **answer.values})
        again = (("refresh", str(answer.refresh)),) if answer.refresh else ()
        return _Reply(answer.status, (("content-type", HTML), ("content-security-policy", POLICY), *again), body)

    def _cookie(self, answer: Redirect) -> tuple[tuple[str, str], ...]:
        if answer.session is None:
            return ()
        secure = "; Secure" if self.context.public_url.startswith("https:") else ""
        keep = "; Max-Age=0" if not answer.session else f"; Max-Age={answer.keep}" if answer.keep else ""
        return (("set-cookie", f"{COOKIE}={answer.session}; Path=/; HttpOnly; SameSite=Lax{keep}{secure}"),)

    @staticmethod
    def _after(later: Later, reference: str) -> None:
        try:
            later.after()
        except Exception:
            log.exception("page.after_failed", extra={"page": reference})


class NotHere:
    """The ASGI application behind every address that does not exist."""

    def __init__(self, context: WebContext) -> None:
        self._address = Address(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._address(scope, receive, send)


def _with_shell(answer: Answer, visit: Visit, tx: Transaction) -> Answer:
    if isinstance(answer, Later) or visit.who is None or not isinstance(answer, Page):
        return answer
    return replace(answer, values={**shell.values(visit, tx), **answer.values})


def _sign_in_first(asked: _Asked) -> Redirect:
    wanted = asked.target if asked.method in ("GET", "HEAD") and asked.target != "/" else ""
    return Redirect("/signin" + (query(next=wanted) if wanted else ""))


def _form(asked: _Asked) -> dict[str, str]:
    if len(asked.body) > forms.LARGEST_FORM:
        raise Invalid("the form is too large", code="bad_form")
    return forms.read_form(asked.body, asked.headers.get("content-type", ""))


def _without_nul(*texts: str) -> None:
    if any("\x00" in text for text in texts):
        raise NotFound("there is no such page")


def _fault(fault: faults.Fault, visit: Visit) -> _Reply:
    values = {"visit": visit, "fault": fault, "reference": visit.reference}
    body = render("fault.html", visit.speaker, values)
    headers = (("content-type", HTML), ("content-security-policy", POLICY))
    return _Reply(fault.status, headers + ((("retry-after", "5"),) if fault.status == 503 else ()), body)


async def _asked(scope: Scope, receive: Receive) -> _Asked:
    headers = Headers(scope=scope)
    body = b""
    while scope["method"] not in ("GET", "HEAD"):
        message = await receive()
        # What is beyond the limit is read and dropped: the person is to see a page, not a broken connection.
        body = (body + message.get("body", b""))[: forms.LARGEST_FORM + 1]
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            break
    raw_query = scope["query_string"].decode("latin-1")
    target = scope["path"] + (f"?{raw_query}" if raw_query else "")
    client = scope.get("client")
    return _Asked(
        scope["method"], headers, scope.get("path_params", {}), QueryParams(scope["query_string"]), target, body,
        client[0] if client else "", str(uuid4()),
    )  # fmt: skip


async def _send(send: Send, reply: _Reply, *, head: bool) -> None:
    headers = [
        *reply.headers,
        ("content-length", str(len(reply.body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ]
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})
