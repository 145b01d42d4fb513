"""37 · Clicks a specific link (spec/flows.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from relance.flows.definition.settings_types import EmailRef, LinkRef, Settings
from relance.flows.triggers.messages.email_opened import BY_MACHINE
from relance.flows.triggers.shape import Listen, Place, TriggerKind
from relance.flows.words import Label
from relance.messages import events
from relance.messages.links import link_id


class EmailClickedLinkSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: EmailRef
    link: LinkRef


def listen(settings: EmailClickedLinkSettings, _: Place) -> Sequence[Listen]:
    this_link = {"on": "event.link_id", "op": "is", "value": link_id(settings.email, settings.link)}
    return [
        Listen(
            events.CLICKED,
            str(settings.email),
            predicate=this_link,
            guard=BY_MACHINE,
            key_paths=("delivery_id", "link_id"),
        )
    ]


EMAIL_CLICKED_LINK = TriggerKind(
    key="email_clicked_link",
    number=37,
    label=Label("Clicks a specific link", "Clique sur un lien précis d’un e-mail"),
    family="marketing",
    wakes="event",
    settings=EmailClickedLinkSettings,
    listen=listen,
    sample=lambda: events.Clicked(delivery_id=UUID(int=1), message_id=1, link_id=1, url="https://fernandmoss.example/"),
)
