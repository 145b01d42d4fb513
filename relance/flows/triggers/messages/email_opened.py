"""33 · Opens an email (spec/flows.md 2.4). A click without a recorded open counts as the open."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.flows.definition.settings_types import EmailRef, Settings
from relance.flows.triggers.shape import Guard, Listen, Place, TriggerKind
from relance.flows.words import Label
from relance.messages import events

NOT_OPENED_BEFORE = {"none": [{"on": "event.opens", "op": "is_no"}]}
BY_MACHINE = Guard("E24", {"on": "event.machine", "op": "is_yes"})


class EmailOpenedSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: EmailRef


def listen(settings: EmailOpenedSettings, _: Place) -> Sequence[Listen]:
    return [
        Listen(kind, str(settings.email), predicate=predicate, guard=BY_MACHINE, key_paths=("delivery_id",))
        for kind, predicate in ((events.OPENED, None), (events.CLICKED, NOT_OPENED_BEFORE))
    ]


EMAIL_OPENED = TriggerKind(
    key="email_opened",
    number=33,
    label=Label("Opens an email", "Ouvre un e-mail"),
    family="marketing",
    wakes="event",
    settings=EmailOpenedSettings,
    listen=listen,
    sample=lambda: events.Opened(delivery_id=UUID(int=1), message_id=1),
)
