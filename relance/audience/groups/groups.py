"""Add, change and delete groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from relance.audience.groups import store
from relance.audience.groups.model import Category, Group
from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Invalid
from relance.kernel.ids import object_id


def add_group(tx: Transaction, category: Category, name: str, position: int = 0) -> Group:
    """Raises Invalid (blank name) and Conflict (the name is taken in the category)."""
    single = category.choice in ("dropdown", "radio")
    group = _checked(Group(object_id(), category.category_id, category.audience_id, name, position, single))
    if not store.insert_group(tx, group):
        raise _taken(group)
    return group


def change_group(tx: Transaction, group: Group, **changes: Any) -> Group:
    """``changes``: name, position. Raises as add_group."""
    changed = _checked(replace(group, **changes))
    if not store.update_group(tx, changed):
        raise _taken(changed)
    return changed


def delete_group(tx: Transaction, now: datetime, group: Group) -> None:
    """Nobody leaves the group by it (trigger 6). Flows that use it break."""
    store.delete_groups(tx, [group.group_id])
    tell_deleted(tx, now, group.audience_id, "group", [group.group_id])


def _checked(group: Group) -> Group:
    if not group.name.strip():
        raise Invalid("a group needs a name.", where="name", mend="Give one.")
    return replace(group, name=" ".join(group.name.split()))


def _taken(group: Group) -> Conflict:
    return Conflict(
        f"the group {group.name!r} exists already.", where="name", mend="Choose another.", code="name_taken"
    )
