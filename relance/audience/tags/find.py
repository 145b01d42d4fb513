"""Look tags up."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from uuid import UUID

from relance.audience.tags import store
from relance.audience.tags.model import Tag
from relance.db.pool import Transaction
from relance.kernel.errors import NotFound
from relance.kernel.text import fold


def get(tx: Transaction, audience_id: int, tag_id: int) -> Tag:
    """Raises NotFound."""
    tag = store.find_tag(tx, audience_id, tag_id)
    if tag is None:
        raise NotFound(f"there is no tag {tag_id} in this audience.")
    return tag


def get_many(tx: Transaction, audience_id: int, tag_ids: Iterable[int]) -> dict[int, Tag]:
    """Those that are there, by id."""
    wanted = sorted(set(tag_ids))
    return store.tags_by_id(tx, audience_id, wanted) if wanted else {}


def find(tx: Transaction, audience_id: int, names: Iterable[str]) -> dict[str, Tag]:
    """Those that exist, by name as given."""
    folds = {name: fold(name) for name in names}
    found = store.find_tags(tx, audience_id, builtins.list(set(folds.values()))) if folds else {}
    return {name: found[folded] for name, folded in folds.items() if folded in found}


def list(tx: Transaction, audience_id: int) -> builtins.list[Tag]:
    """All tags, alphabetically."""
    return store.list_tags(tx, audience_id)


def search(tx: Transaction, audience_id: int, prefix: str) -> builtins.list[Tag]:
    """Tags whose folded name starts with ``prefix``, alphabetically."""
    return store.search_tags(tx, audience_id, fold(prefix))


def sizes(tx: Transaction, tag_ids: Iterable[int]) -> dict[int, int]:
    """How many hold each tag; tags that nobody holds are left out. Reads every holder."""
    return store.sizes_of_tags(tx, sorted(set(tag_ids)))


def members(tx: Transaction, tag_id: int, limit: int, offset: int = 0) -> builtins.list[UUID]:
    """A page of those who hold it, in an order that stays."""
    return store.members_of_tag(tx, tag_id, limit, offset)
