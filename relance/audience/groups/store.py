"""Statements about group categories and groups."""

from __future__ import annotations

from dataclasses import asdict

from relance.audience.groups.model import Category, Group
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import NotFound
from relance.kernel.ids import BUCKETS, hex_id
from relance.kernel.text import fold

queries = load_queries(__package__)


def list_categories(tx: Transaction, audience_id: int) -> list[Category]:
    return [Category(*row) for row in tx.rows(queries.list_categories, audience_id=audience_id)]


def find_category(tx: Transaction, audience_id: int, category_id: int) -> Category:
    """Raises NotFound."""
    for category in list_categories(tx, audience_id):
        if category.category_id == category_id:
            return category
    raise NotFound(f"there is no group category {hex_id(category_id)} in this audience.")


def insert_category(tx: Transaction, category: Category) -> bool:
    """Whether the title was free."""
    return tx.run(queries.insert_category, **asdict(category), folded=fold(category.title)) == 1


def update_category(tx: Transaction, category: Category) -> bool:
    """Whether the title was free."""
    return tx.run(queries.update_category, **asdict(category), folded=fold(category.title)) == 1


def delete_category(tx: Transaction, category_id: int) -> None:
    tx.run(queries.delete_category, category_id=category_id)


def list_groups(tx: Transaction, audience_id: int, category_id: int | None = None) -> list[Group]:
    """Of one category, or of all."""
    groups = [Group(*row) for row in tx.rows(queries.list_groups, audience_id=audience_id)]
    return [group for group in groups if category_id in (None, group.category_id)]


def find_group(tx: Transaction, audience_id: int, group_id: int) -> Group:
    """Raises NotFound."""
    for group in list_groups(tx, audience_id):
        if group.group_id == group_id:
            return group
    raise NotFound(f"there is no group {hex_id(group_id)} in this audience.")


def insert_group(tx: Transaction, group: Group) -> bool:
    """Whether the name was free in its category."""
    return tx.run(queries.insert_group, **asdict(group), folded=fold(group.name)) == 1


def update_group(tx: Transaction, group: Group) -> bool:
    """Whether the name was free in its category."""
    return tx.run(queries.update_group, **asdict(group), folded=fold(group.name)) == 1


def delete_groups(tx: Transaction, group_ids: list[int]) -> None:
    tx.run(queries.delete_groups_from_contacts, group_ids=group_ids, slot=list(range(BUCKETS)))
    tx.run(queries.delete_groups, group_ids=group_ids)
