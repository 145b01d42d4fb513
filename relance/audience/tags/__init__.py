"""Tags: labels that the team, an API or a flow puts on contacts. Who has which: contacts.set_tags, contacts.tags_of."""

from relance.audience.tags.change import delete, rename
from relance.audience.tags.find import find, get, get_many, list, members, search, sizes
from relance.audience.tags.find_or_create import find_or_create
from relance.audience.tags.model import Tag

__all__ = ["Tag", "delete", "find", "find_or_create", "get", "get_many", "list", "members", "rename", "search", "sizes"]
