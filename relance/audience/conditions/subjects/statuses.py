"""``email_status``, ``sms_status``: a channel's consent (spec section 9). Archived is no status of a channel."""

from __future__ import annotations

from relance.audience.conditions.subjects.shape import Attribute
from relance.audience.conditions.values.constants import one_of, some_of
from relance.audience.conditions.values.shape import Operator, ValueType, negation
from relance.audience.events import CLEANED, EMAIL_PENDING, EMAIL_SUBSCRIBED, EMAIL_UNSUBSCRIBED

STATUSES = ("subscribed", "non_subscribed", "unsubscribed", "pending", "cleaned")

_IS = Operator(one_of(STATUSES), lambda v, k: f"{v} = {k.text}")
_STATUS = ValueType(
    "status",
    {
        "is": _IS,
        "is_not": negation(_IS),
        "in": Operator(some_of(one_of(STATUSES)), lambda v, k: f"{k.json} ? {v}"),
    },
    blank=lambda raw: f"{raw} is null",
)

EMAIL_STATUS = Attribute(
    "email_status",
    _STATUS,
    "c.email_status",
    frozenset((kind.key, "") for kind in (EMAIL_SUBSCRIBED, EMAIL_UNSUBSCRIBED, EMAIL_PENDING, CLEANED)),
)
SMS_STATUS = Attribute(
    "sms_status",
    _STATUS,
    "c.sms_status",
    # The SMS feature's own kinds: they stand in the catalogue once it does (spec section 10).
    frozenset({("contact.sms_subscribed", ""), ("contact.sms_unsubscribed", ""), (CLEANED.key, "")}),
)
