"""``created``, ``opted_in``, ``changed``: instants of the contact's own row, compared as days of the account's zone."""

from relance.audience import events
from relance.audience.conditions.subjects.shape import Attribute
from relance.audience.conditions.values.date import MOMENT

CREATED = Attribute("created", MOMENT, "c.created_at", frozenset({(events.CREATED.key, "")}))
OPTED_IN = Attribute("opted_in", MOMENT, "c.opted_in_at", frozenset({(events.EMAIL_SUBSCRIBED.key, "")}))
CHANGED = Attribute(
    "changed",
    MOMENT,
    "c.changed_at",
    frozenset((kind.key, "") for kind in events.KINDS if kind not in (events.CUSTOM, events.ERASED)),
)
