"""Values of segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Segment:
    """``source``: its condition in the stored form, with ids. ``level``: above those of the segments that it names."""

    segment_id: int
    audience_id: int
    name: str
    source: Mapping[str, Any]
    level: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    contact_id: UUID
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is asked again: the event's own marks, for the event that may come of it.

    ``quiet``: joining or leaving now is none. ``depth`` and cause are those of the event (G15).
    """

    quiet: bool = False
    syncing: bool = False
    cause_flow: int | None = None
    cause_run: UUID | None = None
    cause_step: int | None = None
    depth: int = 0

    def and_also(self, other: Reason) -> Reason:
        """Two at once: loads only if both are, and of the causes the one that is nearest to a loop."""
        deepest = max(self, other, key=lambda one: (one.cause_run is not None, one.depth))
        return Reason(
            self.quiet or other.quiet,
            self.syncing and other.syncing,
            deepest.cause_flow,
            deepest.cause_run,
            deepest.cause_step,
            deepest.depth,
        )


BY_TIME = Reason()
"""Nothing happened but that an instant came."""
