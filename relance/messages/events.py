"""Event kinds about messages (spec/flows.md section 10). ``run_id`` and ``step_id`` release the send step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from relance.events.model import EventKind, Payload


class Sent(Payload, frozen=True, kw_only=True):
    """The transport accepted the delivery (M2)."""

    delivery_id: UUID
    message_id: int
    channel: str = "email"
    message_class: str = "marketing"
    flow_id: int | None = None
    run_id: UUID | None = None
    step_id: int | None = None
    campaign_id: int | None = None


class Delivered(Payload, frozen=True, kw_only=True):
    delivery_id: UUID
    message_id: int


class Opened(Payload, frozen=True, kw_only=True):
    """``machine``: fetched by a proxy or scanner (M4)."""

    delivery_id: UUID
    message_id: int
    machine: bool = False
    client: str | None = None


class Clicked(Payload, frozen=True, kw_only=True):
    """``url`` without tracking parameters. ``opens``: no open was recorded before, so that this click counts as the
    open; clicks of earlier releases do not say, and count as they did."""

    delivery_id: UUID
    message_id: int
    link_id: int
    url: str
    machine: bool = False
    opens: bool = True


class Bounced(Payload, frozen=True, kw_only=True):
    """``hardness``: hard or soft. ``code``: the enhanced status, or the SMTP reply."""

    delivery_id: UUID
    message_id: int
    hardness: str
    code: str | None = None


class Complained(Payload, frozen=True, kw_only=True):
    delivery_id: UUID
    message_id: int


class Skipped(Payload, frozen=True, kw_only=True):
    """``code``: S01-S22. ``seen``: the values looked at."""

    message_id: int
    code: str
    delivery_id: UUID
    flow_id: int | None = None
    run_id: UUID | None = None
    step_id: int | None = None
    seen: Mapping[str, Any] | None = None


class Failed(Payload, frozen=True, kw_only=True):
    """``code``: S12, S13, S14 or S18."""

    message_id: int
    code: str
    delivery_id: UUID
    flow_id: int | None = None
    run_id: UUID | None = None
    step_id: int | None = None


SENT = EventKind("message.sent", Sent, match="message_id", moves_runs=True)
DELIVERED = EventKind("message.delivered", Delivered, match="message_id")
OPENED = EventKind("message.opened", Opened, match="message_id")
CLICKED = EventKind("message.clicked", Clicked, match="message_id")
BOUNCED = EventKind("message.bounced", Bounced, match="message_id")
COMPLAINED = EventKind("message.complained", Complained, match="message_id")
SKIPPED = EventKind("message.skipped", Skipped, match="message_id", moves_runs=True)
FAILED = EventKind("message.failed", Failed, match="message_id", moves_runs=True)

KINDS = (SENT, DELIVERED, OPENED, CLICKED, BOUNCED, COMPLAINED, SKIPPED, FAILED)
