"""Is this form ours? A signed token tied to the session, and the browser's own word on where a request comes from."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from relance.kernel.errors import Denied, Invalid

FIELD = "form_token"
LARGEST_FORM = 64 * 1024
"""Bytes."""


def read_form(raw: bytes, content_type: str) -> dict[str, str]:
    """Fields of an urlencoded body, the last of each name. Raises Invalid for anything else."""
    if not raw:
        return {}
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Invalid("a form was expected", code="bad_form")
    try:
        return dict(parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=50, errors="strict"))
    except (UnicodeError, ValueError):
        raise Invalid("the form could not be read", code="bad_form") from None


def token(secret: str, session: str) -> str:
    """What a form of this session carries."""
    return hmac.new(secret.encode(), b"form:" + session.encode(), hashlib.sha256).hexdigest()


def check(headers: Mapping[str, str], public_url: str) -> None:
    """Refuse what another site made the browser send. Raises Denied.

    Every browser of today sends Origin with a POST; a program that sends none carries no cookie of a person's browser
    with it, so there is nobody to protect.
    """
    origin = headers.get("origin", "")
    if origin and urlsplit(origin).netloc not in (headers.get("host", ""), urlsplit(public_url).netloc):
        raise Denied("the form came from another site", code="foreign_form")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Denied("the form came from another site", code="foreign_form")


def check_token(form: Mapping[str, str], secret: str, session: str) -> None:
    """Raises Denied when the form was not made for this session."""
    if not hmac.compare_digest(form.get(FIELD, "").encode(), token(secret, session).encode()):
        raise Denied("the form is out of date", code="old_form")
