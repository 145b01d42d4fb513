"""The subjects that the audience knows; app.py adds those of the layers above."""

from relance.audience.conditions.subjects.attributes import LANGUAGE, NO_OPEN_TRACKING, RATING, SOURCE, VIP
from relance.audience.conditions.subjects.context import Context
from relance.audience.conditions.subjects.custom_event import CustomEventSubject
from relance.audience.conditions.subjects.email import Email
from relance.audience.conditions.subjects.field import Field
from relance.audience.conditions.subjects.groups import Groups
from relance.audience.conditions.subjects.moments import CHANGED, CREATED, OPTED_IN
from relance.audience.conditions.subjects.segment import Segment
from relance.audience.conditions.subjects.statuses import EMAIL_STATUS, SMS_STATUS
from relance.audience.conditions.subjects.tag import Tag

SUBJECTS = (
    Field(), Email(), EMAIL_STATUS, SMS_STATUS, CREATED, OPTED_IN, CHANGED, SOURCE, LANGUAGE, VIP, RATING,
    NO_OPEN_TRACKING, Tag(), Groups(), Segment(), CustomEventSubject(), Context(),
)  # fmt: skip
"""In the order in which the editor offers them."""

__all__ = ["SUBJECTS"]
