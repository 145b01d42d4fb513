"""``created``, ``opted_in``, ``changed``: instants of the contact's own row, compared as days of the account's zone.

``created`` is Mailchimp's date added: when the contact joined the audience, blank until the first confirmation (G21).
"""

from relance.audience import events
from relance.audience.conditions.subjects.shape import Attribute
from relance.audience.conditions.values.date import MOMENT

CREATED = Attribute("created", MOMENT, "c.joined_at", frozenset((kind.key, "") for kind in events.JOININGS))
OPTED_IN = Attribute("opted_in", MOMENT, "c.opted_in_at", frozenset({(events.EMAIL_SUBSCRIBED.key, "")}))
CHANGED = Attribute(
    "changed",
    MOMENT,
    "c.changed_at",
    frozenset((kind.key, "") for kind in events.KINDS if kind not in (events.CUSTOM, events.ERASED)),
)
