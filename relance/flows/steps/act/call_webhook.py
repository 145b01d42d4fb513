"""Call a webhook (spec/flows.md 6.2): queue one call per (run, step); the run goes on when it is answered or not."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from relance.flows.definition.settings_types import FieldRef, Settings
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.webhooks.queue import queue_calls
from relance.flows.words import Label

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,60}$")]


class Mapped(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``path`` into the JSON answer, as in EVENT: tags; its value goes to a field, or to ``WEBHOOK:key``."""

    path: Annotated[str, Meta(min_length=1, max_length=200)]
    field: FieldRef | None = None
    key: Annotated[str, Meta(pattern=r"^([A-Za-z][A-Za-z0-9_]{0,39})?$")] = ""


class CallWebhookSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``body`` "" says the usual facts. ``sign``: the name of one of the operator's secrets."""

    url: Annotated[str, Meta(min_length=8, max_length=2000)]
    method: Literal["POST", "PUT", "PATCH", "GET", "DELETE"] = "POST"
    headers: Annotated[dict[str, str], Meta(max_length=20)] = msgspec.field(default_factory=dict)
    body: Annotated[str, Meta(max_length=16_384)] = ""
    sign: Name = ""
    map: Annotated[list[Mapped], Meta(max_length=20)] = msgspec.field(default_factory=list)


def args(settings: CallWebhookSettings, _: StepPlace) -> dict[str, Any]:
    return {
        "url": settings.url.strip(),
        "method": settings.method,
        "headers": settings.headers,
        "body": settings.body,
        "sign": settings.sign,
        "map": [{"path": one.path, "field": one.field, "key": one.key} for one in settings.map],
    }


def arrive(here: Arrivals) -> None:
    """Who was led here again by an edit does not call again."""
    before = queue_calls(here.tx, here.now, here.movers)
    here.tx.wake("webhooks")
    for _, movers in here.by_step():
        here.rest([mover for mover in movers if mover.run_id not in before], None, "W10", state="sending")
        for mover in movers:
            if mover.run_id in before:
                here.cross([mover], before[mover.run_id], "B12")


CALL_WEBHOOK = StepKind(
    key="call_webhook",
    label=Label("Call a webhook", "Appeler un webhook"),
    family="action",
    settings=CallWebhookSettings,
    outcomes=lambda _: ("ok", "failed"),
    args=args,
    arrive=arrive,
)
