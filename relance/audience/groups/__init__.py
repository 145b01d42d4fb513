"""Groups: memberships that a contact may choose, in categories. Who is in which: contacts.set_groups, groups_of."""

from relance.audience.groups.categories import add_category, change_category, delete_category
from relance.audience.groups.groups import add_group, change_group, delete_group
from relance.audience.groups.model import CHOICES, Category, Group
from relance.audience.groups.store import find_category, find_group, list_categories, list_groups

__all__ = [
    "CHOICES", "Category", "Group", "add_category", "add_group", "change_category", "change_group", "delete_category",
    "delete_group", "find_category", "find_group", "list_categories", "list_groups",
]  # fmt: skip
