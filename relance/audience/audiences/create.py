"""Create an audience."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from relance.audience import fields
from relance.audience.audiences import store
from relance.audience.audiences.model import Audience
from relance.db.pool import Transaction
from relance.kernel.errors import Invalid
from relance.kernel.ids import object_id


def create(
    tx: Transaction,
    now: datetime,
    account_id: int,
    name: str,
    sender: Mapping[str, Any] | None = None,
    *,
    language: str = "en",
    double_opt_in: bool = False,
) -> Audience:
    """A new audience with its default fields. Raises Invalid when the name is blank."""
    if not name.strip():
        raise Invalid("an audience needs a name.", where="name", mend="Give one.")
    audience = Audience(object_id(), account_id, name.strip(), dict(sender or {}), language, double_opt_in, now, now)
    store.insert_audience(tx, audience)
    fields.add_defaults(tx, audience.audience_id)
    return audience
