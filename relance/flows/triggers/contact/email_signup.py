"""2 · Signs up for email (spec/flows.md 2.1)."""

from __future__ import annotations

from collections.abc import Sequence

from relance.audience import events
from relance.flows.definition.settings_types import Settings
from relance.flows.triggers.shape import Guard, Listen, Place, TriggerKind
from relance.flows.words import Label

IMPORTED = {"on": "event.imported", "op": "is_yes"}
NEW = {"on": "event.previous", "op": "blank"}


class EmailSignupSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``include_imports``: new contacts of an import. ``include_import_optins``: people who were there and whom an
    import raised to subscribed."""

    include_imports: bool = False
    include_import_optins: bool = False


def listen(settings: EmailSignupSettings, _: Place) -> Sequence[Listen]:
    return [Listen(events.EMAIL_SUBSCRIBED, guard=_imports_left_out(settings))]


def _imports_left_out(settings: EmailSignupSettings) -> Guard | None:
    match settings.include_imports, settings.include_import_optins:
        case True, True:
            return None
        case True, False:
            return Guard("E08", {"all": [IMPORTED, {"none": [NEW]}]})
        case False, True:
            return Guard("E08", {"all": [IMPORTED, NEW]})
        case _:
            return Guard("E08", IMPORTED)


EMAIL_SIGNUP = TriggerKind(
    key="email_signup",
    number=2,
    label=Label("Signs up for email", "S’abonne aux e-mails"),
    family="contact",
    wakes="event",
    settings=EmailSignupSettings,
    listen=listen,
    sample=lambda: events.EmailSubscribed(previous=None, confirmed=True),
    matching=lambda _, __: {"on": "email_status", "op": "is", "value": "subscribed"},
)
