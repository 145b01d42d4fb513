"""The tags of these names, made where they do not exist yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from relance.audience.tags import store
from relance.audience.tags.model import Tag
from relance.audience.tags.rules import check_name
from relance.db.pool import Transaction
from relance.kernel.text import fold


def find_or_create(tx: Transaction, now: datetime, audience_id: int, names: Iterable[str]) -> dict[str, Tag]:
    """The tags by name as given; names that fold alike share one. Raises Invalid for a bad name."""
    wanted = {name: check_name(name) for name in names}
    by_fold = {fold(tidy): tidy for tidy in reversed(wanted.values())}
    if not by_fold:
        return {}
    found = store.find_tags(tx, audience_id, list(by_fold))
    if missing := {folded: tidy for folded, tidy in by_fold.items() if folded not in found}:
        store.insert_tags(tx, now, audience_id, missing)
        found |= store.find_tags(tx, audience_id, list(missing))
    return {name: found[fold(tidy)] for name, tidy in wanted.items()}
