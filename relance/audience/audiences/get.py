"""Find audiences. An account sees only its own."""

from __future__ import annotations

from relance.audience.audiences import store
from relance.audience.audiences.model import Audience
from relance.db.pool import Transaction
from relance.kernel.errors import NotFound
from relance.kernel.ids import hex_id
from relance.kernel.text import fold


def get(tx: Transaction, account_id: int, audience_id: int) -> Audience:
    """Raises NotFound when the account has no such audience."""
    audience = store.find_audience(tx, account_id, audience_id)
    if audience is None:
        raise NotFound(f"there is no audience {hex_id(audience_id)} here.", mend="`relance audiences` lists them.")
    return audience


def by_name(tx: Transaction, account_id: int, name: str) -> Audience | None:
    """The oldest audience of that name, whatever its accents and capitals."""
    return store.find_audience_by_name(tx, account_id, fold(name))


def all(tx: Transaction, account_id: int) -> list[Audience]:
    """Oldest first."""
    return store.list_audiences(tx, account_id)
