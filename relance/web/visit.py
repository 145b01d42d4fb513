"""One request of one person, and what is answered to it. Handlers know these and nothing of ASGI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from starlette.datastructures import QueryParams

from relance.accounts.model import SignedIn
from relance.db.pool import Transaction
from relance.kernel.errors import Denied, NotFound
from relance.web.context import WebContext
from relance.web.language import Speaker


@dataclass(frozen=True, slots=True)
class Visit:
    """``who`` None: nobody is signed in. ``reference`` is the request's id, in the log and on error pages.

    ``form``: fields of a POST, the last value of each name. ``session``: the cookie's token, '' without one.
    ``target``: the address with its query.
    """

    context: WebContext
    who: SignedIn | None
    session: str
    now: datetime
    reference: str
    speaker: Speaker
    path: Mapping[str, str]
    query: QueryParams
    form: Mapping[str, str]
    address: str
    form_token: str = ""
    target: str = ""

    @property
    def person(self) -> SignedIn:
        if self.who is None:
            raise Denied("nobody is signed in", code="signed_out")
        return self.who

    @property
    def account_id(self) -> int:
        return self.person.account.account_id

    def say(self, text: str, **values: object) -> str:
        return self.speaker.say(text, **values)

    def may_change(self) -> bool:
        """A viewer only looks."""
        return self.person.role != "viewer"

    def may_administer(self) -> bool:
        return self.person.role in ("owner", "admin")

    def number(self, name: str) -> int:
        """An object's id in the address. Raises NotFound for anything else."""
        text = self.path[name]
        if not (text.isascii() and text.isdecimal() and len(text) <= 18):
            raise NotFound("there is no such page")
        return int(text)

    def uuid(self, name: str) -> UUID:
        try:
            return UUID(self.path[name])
        except ValueError:
            raise NotFound("there is no such page") from None


@dataclass(frozen=True, slots=True)
class Page:
    """A template with its values. ``refresh``: seconds after which the browser looks again."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    refresh: int | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Look there next (303). ``session``: a new token for the cookie, '' to take it away, None to leave it;
    ``keep``: seconds that the browser keeps it, None until it is closed."""

    to: str
    session: str | None = None
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are. ``policy``: their own Content-Security-Policy."""

    body: bytes
    content_type: str
    policy: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """An answer, and what is done after it has been sent."""

    answer: Page | Redirect
    after: Callable[[], None]


Answer = Page | Redirect | Raw | Later


class Handler(Protocol):
    """Runs inside the request's one transaction."""

    def __call__(self, visit: Visit, tx: Transaction, /) -> Answer: ...


class SlowHandler(Protocol):
    """Opens its own transactions: for what must not keep a connection meanwhile."""

    def __call__(self, visit: Visit, /) -> Answer: ...


def local_path(target: str) -> str:
    """Where a person wanted to go, if it is a page of ours; else the first page. Nothing may lead to another site."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    if not plain or any(ord(sign) < 33 or sign == "\\" for sign in target) or target.startswith("/signin"):
        return "/flows"
    return target
