"""Audiences: sets of contacts with their fields, groups, tags and sender (spec/flows.md section 0)."""

from relance.audience.audiences.change import change, delete
from relance.audience.audiences.create import create
from relance.audience.audiences.get import all, by_name, get
from relance.audience.audiences.model import Audience

__all__ = ["Audience", "all", "by_name", "change", "create", "delete", "get"]
