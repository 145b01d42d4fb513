"""Every trigger kind, in the order in which the picker shows them (spec/flows.md section 2)."""

from __future__ import annotations

from typing import Any

from relance.flows.triggers.apps.event_api import EVENT_API
from relance.flows.triggers.apps.flow_api import FLOW_API
from relance.flows.triggers.contact.email_signup import EMAIL_SIGNUP
from relance.flows.triggers.contact.field_changed import FIELD_CHANGED
from relance.flows.triggers.contact.field_rule import FIELD_RULE
from relance.flows.triggers.contact.group_joined import GROUP_JOINED
from relance.flows.triggers.contact.group_left import GROUP_LEFT
from relance.flows.triggers.contact.manual import MANUAL
from relance.flows.triggers.contact.segment_entered import SEGMENT_ENTERED
from relance.flows.triggers.contact.segment_left import SEGMENT_LEFT
from relance.flows.triggers.contact.tag_added import TAG_ADDED
from relance.flows.triggers.contact.tag_removed import TAG_REMOVED
from relance.flows.triggers.contact.unsubscribed import UNSUBSCRIBED
from relance.flows.triggers.dates.birthday import BIRTHDAY
from relance.flows.triggers.dates.date_added import DATE_ADDED
from relance.flows.triggers.dates.date_recurring import DATE_RECURRING
from relance.flows.triggers.dates.date_specific import DATE_SPECIFIC
from relance.flows.triggers.dates.schedule import SCHEDULE
from relance.flows.triggers.flows.flow_ended import FLOW_ENDED
from relance.flows.triggers.flows.goal_reached import GOAL_REACHED
from relance.flows.triggers.messages.email_clicked_link import EMAIL_CLICKED_LINK
from relance.flows.triggers.messages.email_not_opened import EMAIL_NOT_OPENED
from relance.flows.triggers.messages.email_opened import EMAIL_OPENED
from relance.flows.triggers.shape import TriggerKind

TRIGGERS: tuple[TriggerKind[Any], ...] = (
    TAG_ADDED,
    TAG_REMOVED,
    EMAIL_SIGNUP,
    UNSUBSCRIBED,
    GROUP_JOINED,
    GROUP_LEFT,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    FIELD_CHANGED,
    FIELD_RULE,
    MANUAL,
    DATE_SPECIFIC,
    DATE_ADDED,
    BIRTHDAY,
    DATE_RECURRING,
    SCHEDULE,
    EMAIL_OPENED,
    EMAIL_NOT_OPENED,
    EMAIL_CLICKED_LINK,
    FLOW_API,
    EVENT_API,
    FLOW_ENDED,
    GOAL_REACHED,
)

_BY_KEY = {kind.key: kind for kind in TRIGGERS}


def trigger_kind(key: str) -> TriggerKind[Any] | None:
    """The kind of that key, or None."""
    return _BY_KEY.get(key)
