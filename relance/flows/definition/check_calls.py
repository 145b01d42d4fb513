"""What is wrong with the calls of a flow: where they lead, what they say (V10, V11), what becomes of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec

from relance.flows.definition.model import Step
from relance.flows.definition.problems import Problem, problem
from relance.flows.webhooks.headers import OWN
from relance.flows.webhooks.private_hosts import is_public
from relance.messages.merge import CannotRender, Known, Place, Values, compile_template, parse, review

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SOMETIME = datetime(2026, 1, 1, tzinfo=UTC)


def check_call(step: Step, number: int, known: Known) -> Iterator[Problem]:
    where = f"step {number} ({step.kind})"
    yield from _address(step, where)
    yield from _headers(step, where)
    yield from _body(step, where, known)
    for nth, one in enumerate(step.settings.get("map") or [], 1):
        if isinstance(one, dict) and (one.get("field") is None) == (not one.get("key")):
            what, mend = (
                "a value goes to a field or to a key",
                "Write {path: PATH, field: TAG} or {…, key: WORD}.",
            )
            yield problem("invalid", what, where=f"{where}, map {nth}", mend=mend, point=step.id)


def keys_of(step: Step) -> list[str]:
    """What WEBHOOK: tags may name after this step."""
    return [str(one["key"]) for one in step.settings.get("map") or [] if isinstance(one, dict) and one.get("key")]


def _address(step: Step, where: str) -> Iterator[Problem]:
    url = str(step.settings.get("url") or "").strip()
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, named, _ = (parts.hostname or "").encode("idna").decode(), parts.username is not None, parts.port
    except ValueError:
        host, named, parts = "", False, urlsplit("")
    if not host or parts.scheme not in ("https", "http") or any(sign <= " " for sign in url):
        what, mend = f"{url!r} is no address of a webhook", "Write https://shop.example.com/hook"
        yield problem("invalid", what, where=where, mend=mend, point=step.id)
    elif named:
        mend = "Use a header: Authorization: Basic {secret:NAME}."
        yield problem("invalid", "the address holds a password", where=where, mend=mend, point=step.id)
    elif parts.scheme == "http" and not _private(host):
        what, mend = "a public address is called by https", "Write https://"
        yield problem("invalid", what, where=where, mend=mend, point=step.id)


def _private(host: str) -> bool:
    """Whether the host looks like one of the operator's own network: only the operator can allow it (at the call)."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local", ".lan", ".test"))


def _headers(step: Step, where: str) -> Iterator[Problem]:
    headers = step.settings.get("headers") or {}
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if not _NAME.fullmatch(str(name)) or any(ord(sign) < 32 or ord(sign) > 126 for sign in str(value)):
            yield problem("invalid", f"{name!r} is no header", where=where, mend="Use plain letters.", point=step.id)
        elif str(name).lower() in OWN:
            yield problem("invalid", f"{name} is set by Relance", where=where, mend="Take it out.", point=step.id)


def _body(step: Step, where: str, known: Known) -> Iterator[Problem]:
    text = step.settings.get("body")
    if not isinstance(text, str) or not text:
        return
    found = list(review(text, place=Place.JSON, known=known))
    for one in found:
        code = "note" if one.code == "warning" else one.code
        yield problem(code, one.message, where=f"{where}, body", point=step.id)
    if all(one.code == "warning" for one in found) and not _comes_out(text, known):
        mend = 'Put tags in quotes, as in {"name": "*|FNAME|*"}; a number needs a default: *|POINTS:0|*.'
        yield problem("invalid", "the body does not come out as JSON", where=f"{where}, body", mend=mend, point=step.id)


def _comes_out(text: str, known: Known) -> bool:
    """For somebody of whom nothing is known."""
    try:
        written: Any = compile_template(parse(text, address_fields=known.address_fields), Place.JSON)
        msgspec.json.decode(written.render(Values(_SOMETIME)))
    except (CannotRender, msgspec.DecodeError):
        return False
    return True
