"""What became of a delivery, as events (spec/flows.md section 10). They release the send step of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relance.events.model import Cause, EventKind, NewEvent, Payload
from relance.messages import events
from relance.messages.rules import FAILED_CODES


def sent(row: Any) -> NewEvent:
    """``row``: a delivery as claim reads it."""
    payload = events.Sent(
        delivery_id=row.delivery_id,
        message_id=row.message_id,
        message_class=row.message_class,
        flow_id=row.flow_id,
        run_id=row.run_id,
        step_id=row.step_id,
    )
    return _fact(row, events.SENT, payload)


def not_sent(row: Any, code: str, seen: Mapping[str, Any] | None = None) -> NewEvent:
    """message.failed for S12, S13, S14 and S18, message.skipped, with the values ``seen``, for every other code."""
    told: dict[str, Any] = {
        "message_id": row.message_id,
        "code": code,
        "delivery_id": row.delivery_id,
        "flow_id": row.flow_id,
        "run_id": row.run_id,
        "step_id": row.step_id,
    }
    if code in FAILED_CODES:
        return _fact(row, events.FAILED, events.Failed(**told))
    return _fact(row, events.SKIPPED, events.Skipped(**told, seen=seen))


def bounced(row: Any, hardness: str, code: str | None) -> NewEvent:
    payload = events.Bounced(delivery_id=row.delivery_id, message_id=row.message_id, hardness=hardness, code=code)
    return NewEvent(events.BOUNCED, payload, row.account_id, row.audience_id, row.contact_id, "system")


def _fact(row: Any, kind: EventKind, payload: Payload) -> NewEvent:
    cause = Cause(row.flow_id, row.run_id, row.step_id, row.depth + 1) if row.run_id else None
    source = "flow" if cause else "system"
    return NewEvent(
        kind, payload, row.account_id, row.audience_id, row.contact_id, source, cause=cause, bulk=row.lane > 0
    )
