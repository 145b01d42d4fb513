"""Add, change and delete group categories."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from relance.audience.groups import store
from relance.audience.groups.model import CHOICES, Category
from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Invalid
from relance.kernel.ids import object_id


def add_category(
    tx: Transaction, audience_id: int, title: str, choice: str = "checkboxes", position: int = 0
) -> Category:
    """Raises Invalid (title, choice) and Conflict (the title is taken)."""
    category = _checked(Category(object_id(), audience_id, title, choice, position))
    if not store.insert_category(tx, category):
        raise _taken(category)
    return category


def change_category(tx: Transaction, category: Category, **changes: Any) -> Category:
    """``changes``: title, choice, position. Raises as add_category."""
    changed = _checked(replace(category, **changes))
    if not store.update_category(tx, changed):
        raise _taken(changed)
    return changed


def delete_category(tx: Transaction, now: datetime, category: Category) -> None:
    """With its groups; nobody leaves a group by it (trigger 6). Flows that use them break."""
    groups = store.list_groups(tx, category.audience_id, category.category_id)
    store.delete_groups(tx, [group.group_id for group in groups])
    store.delete_category(tx, category.category_id)
    tell_deleted(tx, now, category.audience_id, "group", [group.group_id for group in groups])
    tell_deleted(tx, now, category.audience_id, "category", [category.category_id])


def _checked(category: Category) -> Category:
    if not category.title.strip():
        raise Invalid("a group category needs a title.", where="title", mend="Give one.")
    if category.choice not in CHOICES:
        raise Invalid(f"{category.choice!r} is no way to choose.", where="type", mend=f"One of {', '.join(CHOICES)}.")
    return replace(category, title=" ".join(category.title.split()))


def _taken(category: Category) -> Conflict:
    return Conflict(
        f"the category {category.title!r} exists already.", where="title", mend="Choose another.", code="name_taken"
    )
