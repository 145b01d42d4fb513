"""Who receives what by email (spec/flows.md section 9, the table): pure."""

from __future__ import annotations

from typing import Final

CLASSES: Final = ("marketing", "transactional", "reply", "system")

_NEVER: Final = {"pending": "S04", "cleaned": "S03"}
_MARKETING: Final = {"non_subscribed": "S01", "unsubscribed": "S02"} | _NEVER
_REFUSALS: Final = {"marketing": _MARKETING, "transactional": _NEVER, "reply": _NEVER}


def refusal(message_class: str, email: str | None, status: str | None, *, archived: bool = False) -> str | None:
    """Why an email of a class must not leave to a contact, as an S code; None: it may.

    ``status`` is the contact's email status. An archived contact is out of all flows: S20. A ``system`` message asks
    for a confirmation, so it goes to pending people only; anybody else has decided meanwhile (S20).
    """
    if archived:
        return "S20"
    if not email or status is None:
        return "S05"
    if message_class == "system":
        return None if status == "pending" else _NEVER.get(status, "S20")
    return _REFUSALS[message_class].get(status)
