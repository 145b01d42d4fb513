"""Types of settings. A reference is stored as an id and written as a name; its ``ref`` says of which table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from relance.kernel.openings import SPAN

TagRef = Annotated[int, Meta(extra={"ref": "tag"})]
FieldRef = Annotated[int, Meta(extra={"ref": "field"})]
GroupRef = Annotated[int, Meta(extra={"ref": "group"})]
SegmentRef = Annotated[int, Meta(extra={"ref": "segment"})]
EmailRef = Annotated[int, Meta(extra={"ref": "email"})]
FlowRef = Annotated[int, Meta(extra={"ref": "flow"})]
"""A flow of the same audience."""
PersonRef = Annotated[int, Meta(extra={"ref": "person"})]
"""Somebody who belongs to the account; written as their email address."""
LinkRef = Annotated[str, Meta(extra={"ref": "link"})]
"""A URL of the email named in the same settings."""
ConditionSource = Annotated[dict[str, Any], Meta(extra={"ref": "condition"})]
"""A condition in the language of audience/conditions."""
Duration = Annotated[int, Meta(extra={"ref": "duration"}, ge=1)]
"""Seconds; written "5 days"."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = Annotated[str, Meta(pattern=SPAN)]
"""Hours of a day: 09:00-18:00. An end that is not later is that of the next day; 24:00 is the end of the day."""
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every kind's settings."""


class NoSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For kinds that have nothing to set."""


class SendWindow(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``days`` on which an opening begins, none: every day; ``hours``, or ``at`` a time of day, or neither: all day."""

    days: list[Weekday] = msgspec.field(default_factory=list)
    hours: Span | None = None
    at: TimeOfDay | None = None

    @property
    def is_always(self) -> bool:
        return not self.days and self.hours is None and self.at is None
