"""Change or delete an audience."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from relance.audience.audiences import store
from relance.audience.audiences.model import Audience
from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.kernel.errors import Invalid

CHANGEABLE = frozenset({"name", "sender", "language", "double_opt_in"})


def change(tx: Transaction, now: datetime, audience: Audience, **changes: Any) -> Audience:
    """The audience with ``changes`` (of CHANGEABLE; ``sender`` as a whole). Raises Invalid for anything else."""
    if fixed := set(changes) - CHANGEABLE:
        raise Invalid(f"{sorted(fixed)[0]} of an audience cannot be changed.")
    changed = replace(audience, **changes, changed_at=now)
    if not changed.name.strip():
        raise Invalid("an audience needs a name.", where="name", mend="Give one.")
    store.update_audience(tx, changed)
    return changed


def delete(tx: Transaction, now: datetime, audience: Audience) -> None:
    """Out of sight at once; its rows stay, so that the ledger keeps its meaning. Its flows break."""
    store.delete_audience(tx, audience.audience_id, now)
    tell_deleted(tx, now, audience.audience_id, "audience", [audience.audience_id])
