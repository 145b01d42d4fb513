"""Errors as problem documents (RFC 9457): the one table from an error's code to status and title (spec/api.md 1.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from relance.audience.fields import BadFields
from relance.kernel.errors import Conflict, Denied, Invalid, NotFound, RelanceError, Unavailable

GLOSSARY = "https://mailchimp.com/developer/marketing/docs/errors/"
"""What existing clients find under ``type``: the glossary of the titles below."""

CONTENT_TYPE = "application/problem+json; charset=utf-8"


class Title(NamedTuple):
    status: int
    title: str


TITLES: dict[str, Title] = {
    "invalid": Title(400, "Invalid Resource"),
    "malformed": Title(400, "JSON Parse Error"),
    "bad_request": Title(400, "Bad Request"),
    "member_exists": Title(400, "Member Exists"),
    "address_taken": Title(400, "Member Exists"),
    "compliance_state": Title(400, "Member In Compliance State"),
    "forgotten": Title(400, "Forgotten Email Not Subscribed"),
    "flow_not_live": Title(400, "Journey Not Live"),
    "conflict": Title(400, "Invalid Resource"),
    "key_missing": Title(401, "API Key Missing"),
    "key_invalid": Title(401, "API Key Invalid"),
    "denied": Title(403, "User Does Not Have Access"),
    "not_found": Title(404, "Resource Not Found"),
    "method": Title(405, "Method Not Allowed"),
    "slow": Title(408, "Request Timeout"),
    "too_large": Title(413, "Request Too Large"),
    "override": Title(422, "Method Override Not Allowed"),
    "too_many": Title(429, "Too Many Requests"),
    "error": Title(500, "Internal Server Error"),
    "unavailable": Title(503, "Service Unavailable"),
}
"""The compatible API answers 400 where others would say 409."""


class FieldError(NamedTuple):
    """``field`` is a path into the body, or a merge tag; empty: the body as a whole."""

    field: str
    message: str


class Refused(Invalid):
    """A call that does not fit, with what is wrong field by field."""

    def __init__(self, what: str, errors: Iterable[FieldError], *, code: str = "") -> None:
        super().__init__(what, code=code)
        self.errors = tuple(errors)


SEE_ERRORS = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."


def refused(*errors: tuple[str, str]) -> Refused:
    """The usual answer to a body that does not fit: each error is (field, message)."""
    return Refused(SEE_ERRORS, [FieldError(*error) for error in errors])


class WrongMethod(RelanceError):
    """The address exists, the method does not. ``allowed`` goes into the Allow header."""

    code = "method"

    def __init__(self, allowed: Iterable[str], what: str = "") -> None:
        self.allowed = ", ".join(allowed)
        super().__init__(what or f"The requested method is not allowed here. Allowed: {self.allowed}.")


@dataclass(frozen=True, slots=True)
class Problem:
    """A document with its status and headers."""

    status: int
    document: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = ()


def describe(error: RelanceError, reference: str) -> Problem:
    """The problem document of an expected error. ``reference`` is the request's id."""
    status, title = TITLES.get(error.code) or _by_class(error)
    document: dict[str, Any] = {
        "type": GLOSSARY,
        "title": title,
        "status": status,
        "detail": _sentence(error),
        "instance": reference,
    }
    if errors := _errors(error):
        document["errors"] = [{"field": field, "message": message} for field, message in errors]
    return Problem(status, document, _headers(error, status))


def unexpected(reference: str) -> Problem:
    """What a caller learns of a mistake of ours: where the log tells more."""
    detail = f"An unexpected error occurred. The server's log has its details under the reference {reference}."
    status, title = TITLES["error"]
    document = {"type": GLOSSARY, "title": title, "status": status, "detail": detail, "instance": reference}
    return Problem(status, document)


def _by_class(error: RelanceError) -> Title:
    for kind in (NotFound, Denied, Unavailable, Conflict, Invalid):
        if isinstance(error, kind):
            return TITLES[kind.code]
    return TITLES["error"]


def _sentence(error: RelanceError) -> str:
    if isinstance(error, BadFields):
        return "Your merge fields were invalid."
    text = error.sentences
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _errors(error: RelanceError) -> tuple[FieldError, ...]:
    if isinstance(error, Refused):
        return error.errors
    if isinstance(error, BadFields):
        return tuple(FieldError(*each) for each in error.errors)
    if isinstance(error, (Invalid, Conflict)) and error.where:
        return (FieldError(error.where, error.what),)
    return ()


def _headers(error: RelanceError, status: int) -> tuple[tuple[str, str], ...]:
    if isinstance(error, WrongMethod):
        return (("allow", error.allowed),)
    if status == 401:
        return (("www-authenticate", 'Basic realm="Relance API"'),)
    if status in (429, 503):
        return (("retry-after", "5"),)
    return ()
