"""Values of group categories and groups."""

from __future__ import annotations

from dataclasses import dataclass

CHOICES = ("checkboxes", "dropdown", "radio", "hidden")
"""How a category is shown; a dropdown and radio buttons let a contact be in one of their groups."""


@dataclass(frozen=True, slots=True)
class Category:
    category_id: int
    audience_id: int
    title: str
    choice: str
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """``single``: its category lets a contact be in one group at a time."""

    group_id: int
    category_id: int
    audience_id: int
    name: str
    position: int
    single: bool
