"""Values of audiences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Audience:
    """``sender``: from_name, from_email, reply_to, company, address, phone, url, permission_reminder, where given."""

    audience_id: int
    account_id: int
    name: str
    sender: Mapping[str, Any]
    language: str
    double_opt_in: bool
    created_at: datetime
    changed_at: datetime
