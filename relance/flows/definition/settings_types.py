"""Types of settings. A reference is stored as an id and written as a name; its ``ref`` says of which table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

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
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every kind's settings."""


class NoSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For kinds that have nothing to set."""
