"""Addresses, and who may change a status to what (spec/flows.md section 9). Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from relance.audience.contacts.model import CLEANED, NON_SUBSCRIBED, PENDING, SUBSCRIBED, UNSUBSCRIBED, By
from relance.kernel.errors import Conflict, Invalid

WANTABLE = (SUBSCRIBED, PENDING, NON_SUBSCRIBED, UNSUBSCRIBED)
OWN_WISH = ("self", "complaint")
"""Opt-outs that only the contact can take back."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_HASH = re.compile(r"[0-9a-f]{32}")


def check_address(email: str) -> str:
    """The address, trimmed. Raises Invalid (code bad_address).

    Plain ASCII is checked by RFC 5321's shape here, because imports check many; the rest by email-validator.
    """
    email = email.strip()
    if _PLAIN.fullmatch(email) and len(email) <= 254 and email.index("@") <= 64:
        return email
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise Invalid(
            f"{email[:100]!r} is not an email address.",
            where="email_address",
            mend="Please provide a valid email address.",
            code="bad_address",
        ) from None


def key_of(email: str) -> str:
    """The identity key: MD5 of the lower-cased address, as hash-only API paths name it."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def is_key(name: str) -> bool:
    return _HASH.fullmatch(name) is not None


def forgotten_key(secret: str, audience_id: int, key: str) -> str:
    """What stays of an erased address: a keyed hash."""
    return hmac.digest(secret.encode(), f"{audience_id}:{key}".encode(), "sha256").hex()


def check_zone(zone: str) -> str | None:
    """An IANA name, or None for ''. Raises Invalid; a fixed offset is refused (section 11)."""
    if not zone:
        return None
    try:
        ZoneInfo(zone)
    except (ValueError, OSError):
        raise Invalid(f"{zone!r} is no time zone.", where="timezone", mend="Write it as Europe/Paris.") from None
    return zone


def next_status(
    status: str | None, out_by: str | None, wanted: str, by: By, *, double_opt_in: bool, confirmed: bool, proof: bool
) -> str:
    """The status that comes of wanting ``wanted``. ``status`` None: the channel is new to the contact.

    People and stores are answered quietly: a form or shop that asks for what cannot be gets what can. Programs and the
    team are told. Raises Conflict (compliance_state) and Invalid (a word that is no wish).
    """
    if by == "bounce" and wanted == CLEANED:
        return CLEANED
    if wanted not in WANTABLE:
        raise Invalid(f"{wanted!r} is no status to ask for.", where="status", mend=f"One of {', '.join(WANTABLE)}.")
    if by == "store":
        return _asked_by_store(status, wanted, double_opt_in=double_opt_in)
    if wanted in (status, UNSUBSCRIBED):
        return wanted
    if by in OWN_WISH:
        return _asked_by_contact(status, wanted, double_opt_in=double_opt_in, confirmed=confirmed)
    if status is None:
        return wanted
    if status == SUBSCRIBED and wanted == PENDING:
        return SUBSCRIBED  # nothing is left to confirm
    if refusal := _refusal(status, out_by, wanted, by, proof=proof):
        raise Conflict(refusal, where="status", mend=_MEND, code="compliance_state")
    return wanted


_MEND = "Ask for pending: the contact confirms by email."


def _asked_by_store(status: str | None, wanted: str, *, double_opt_in: bool) -> str:
    """Only raises, never lowers, never overrides (R2)."""
    raised = PENDING if wanted == SUBSCRIBED and double_opt_in else wanted
    if status is None:
        return raised
    return raised if status == NON_SUBSCRIBED and wanted in (SUBSCRIBED, PENDING) else status


def _asked_by_contact(status: str | None, wanted: str, *, double_opt_in: bool, confirmed: bool) -> str:
    if wanted == NON_SUBSCRIBED:
        return wanted if status is None else status
    if status == SUBSCRIBED:
        return SUBSCRIBED
    if confirmed and wanted == SUBSCRIBED:
        return SUBSCRIBED
    if status in (PENDING, UNSUBSCRIBED, CLEANED) or wanted == PENDING or double_opt_in:
        return PENDING
    return SUBSCRIBED


def _refusal(status: str, out_by: str | None, wanted: str, by: By, *, proof: bool) -> str:
    """Why a program or the team may not; '' if they may."""
    if wanted == NON_SUBSCRIBED:
        return f"a contact who is {status} cannot become non_subscribed."
    if status == PENDING:
        return "this contact has not confirmed yet, and nobody else can."
    if by == "import" and status != NON_SUBSCRIBED:
        return f"this contact is {status}; an import does not bring anybody back."
    if wanted == PENDING:
        return "a flow sends no confirmations." if by == "flow" else ""
    if status == CLEANED:
        return "this address bounced; only the contact can sign up again."
    if status == UNSUBSCRIBED and out_by in OWN_WISH:
        return "this contact unsubscribed; only the contact can sign up again."
    if by in ("app", "flow") and not proof:
        return "the contact's agreement is missing: say what the contact agreed to."
    return ""


def next_out_by(status: str | None, out_by: str | None, new: str, by: By) -> str | None:
    """Who unsubscribed. The contact's own wish outlives whatever others do, until the contact returns."""
    if new == SUBSCRIBED:
        return None
    if new == UNSUBSCRIBED and out_by not in OWN_WISH and (by in OWN_WISH or status != UNSUBSCRIBED):
        return by
    return out_by
