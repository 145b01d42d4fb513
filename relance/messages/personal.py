"""What merge tags read: one contact's data as values, built once a message (spec/flows.md 8.1). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from relance.audience.fields import Field, display
from relance.messages.merge import Event, Shown, Values
from relance.messages.track.addresses import Addresses


def personal(
    now: datetime,
    row: Any,
    fields: Iterable[Field],
    *,
    addresses: Addresses,
    token: str,
    context: Mapping[str, Any] | None = None,
    groups: frozenset[tuple[str, str]] = frozenset(),
    position: tuple[int, int] = (1, 1),
) -> tuple[Values, dict[str, Any]]:
    """The values, and the dict behind ``values.system``, which the rendering adds to.

    ``row``: a row of read_recipients (messages/queries.sql). ``context``: of the run: the properties of the triggering
    event (``event``), its ``name`` and ``date``; ``flow_name``, ``flow_zone`` and ``entered`` if known. Dates are those
    of the account's zone, or, where ``flow_zone`` is "contact", of the contact's own, if they have one.
    """
    context = context or {}
    language = row.contact_language or row.audience_language or "en"
    system = _system(row, addresses, token, context)
    shown: dict[str, object] = {"EMAIL": row.email}
    defaults = {}
    for field in fields:
        shown[field.tag] = value_of(field, row.fields.get(field.key), language)
        if field.default_value:
            defaults[field.tag] = field.default_value
    values = Values(
        now,
        zone=_zone((context.get("flow_zone") == "contact" and row.contact_zone) or row.zone),
        language=language,
        fields=shown,
        defaults=defaults,
        system=system,
        position=position,
        groups=groups,
        events=_events(context),
        webhook=context.get("webhook") or {},
        coupons=context.get("coupons") or {},
    )
    return values, system


def value_of(field: Field, value: Any, language: str) -> object:
    """A stored value as merge tags take it: dates in the field's format with the day behind, the rest as it is."""
    if value is None:
        return None
    if field.type == "date":
        return Shown(display(field, value, language), date.fromisoformat(value))
    if field.type == "birthday":
        return Shown(display(field, value, language), value)
    return value


def name_of(row: Any, fields: Iterable[Field]) -> str:
    """The contact's name, for the To header: '' if it has none."""
    by_tag = {field.tag: row.fields.get(field.key) for field in fields if field.tag in ("FNAME", "LNAME")}
    parts = (by_tag.get("FNAME"), by_tag.get("LNAME"))
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())[:100]


def _system(row: Any, addresses: Addresses, token: str, context: Mapping[str, Any]) -> dict[str, Any]:
    sender = row.sender
    leave, view = addresses.unsubscribe(token), addresses.view(token)
    return {
        "UNSUB": leave,
        "UPDATE_PROFILE": leave,
        "ARCHIVE": view,
        "FORWARD": view,
        "CONTACT_ID": str(row.contact_id),
        "LIST:NAME": row.audience_name,
        "LIST:COMPANY": sender.get("company") or sender.get("from_name") or row.audience_name,
        "LIST:ADDRESS": sender.get("address"),
        "LIST:PHONE": sender.get("phone"),
        "LIST:EMAIL": sender.get("from_email"),
        "LIST:URL": sender.get("url"),
        "FLOW:NAME": context.get("flow_name"),
        "FLOW:ENTERED": _instant(context.get("entered")),
    }


def _events(context: Mapping[str, Any]) -> tuple[Event, ...]:
    """Keys of ``event`` are those of the newest event, then of older ones: waits add theirs on top."""
    properties = context.get("event")
    if not isinstance(properties, Mapping):
        return ()
    return (Event(str(context.get("name") or ""), _instant(context.get("date")), properties),)


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        return ZoneInfo("UTC")
