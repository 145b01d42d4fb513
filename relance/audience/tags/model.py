"""Values of tags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tag:
    tag_id: int
    audience_id: int
    name: str
    created_at: datetime
