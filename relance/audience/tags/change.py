"""Rename or delete a tag."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from relance.audience.tags import store
from relance.audience.tags.model import Tag
from relance.audience.tags.rules import check_name
from relance.audience.tell_deleted import tell_deleted
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict
from relance.kernel.text import fold


def rename(tx: Transaction, tag: Tag, name: str) -> Tag:
    """Neither fires nor breaks anything (G22). Raises Invalid, and Conflict when the name is another tag's."""
    name = check_name(name)
    other = store.find_tags(tx, tag.audience_id, [fold(name)]).get(fold(name))
    if other is not None and other.tag_id != tag.tag_id:
        raise Conflict(f"the tag {name!r} exists already.", where="name", mend="Choose another.", code="name_taken")
    store.rename_tag(tx, tag.tag_id, name, fold(name))
    return replace(tag, name=name)


def delete(tx: Transaction, now: datetime, tag: Tag) -> None:
    """From everybody, without a word: the label ceases to exist, nobody lost it. Flows that use it break (G14)."""
    store.delete_tag(tx, tag.tag_id)
    tell_deleted(tx, now, tag.audience_id, "tag", [tag.tag_id])
