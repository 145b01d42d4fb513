"""/lists/{id}/interest-categories and …/interests: group categories and groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.problems import refused
from relance.api.v3 import words
from relance.api.v3.audience import audience_of, not_found, read_hex_id
from relance.api.v3.collections import collection, in_memory, link, one, page_of, wants
from relance.audience import groups
from relance.audience.contacts import browse
from relance.audience.groups import Category, Group
from relance.db.pool import Transaction
from relance.kernel.ids import hex_id


class CategoryForm(msgspec.Struct, kw_only=True):
    title: str | None = None
    type: str | None = None
    display_order: int | None = None


class InterestForm(msgspec.Struct, kw_only=True):
    name: str | None = None
    display_order: int | None = None


# ── Categories ──────────────────────────────────────────────────────────────────────────────────────────────────────


def index(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    kind = call.query.get("type", "")
    found = [each for each in groups.list_categories(tx, audience.audience_id) if kind in ("", each.choice)]
    list_id = hex_id(audience.audience_id)
    url = call.url("lists", list_id, "interest-categories")
    links = (link("self", url), link("parent", call.url("lists", list_id)), link("create", url, "POST"))
    return in_memory(call, "categories", found, lambda each: _show_category(call, each), *links, list_id=list_id)


def create(call: Call, tx: Transaction) -> Answer:
    audience = audience_of(call, tx)
    form = fit(call.body(), CategoryForm)
    if not form.title or not form.type:
        missing = [name for name in ("title", "type") if not getattr(form, name)]
        raise refused(*((name, f"Required fields were not provided: {name}") for name in missing))
    category = groups.add_category(tx, audience.audience_id, form.title, _choice(form.type), form.display_order or 0)
    return one(call, _show_category(call, category))


def get(call: Call, tx: Transaction) -> Answer:
    return one(call, _show_category(call, _category(call, tx)))


def change(call: Call, tx: Transaction) -> Answer:
    category = _category(call, tx)
    form = fit(call.body(), CategoryForm)
    changes = {"title": form.title, "position": form.display_order, "choice": form.type and _choice(form.type)}
    changed = groups.change_category(tx, category, **_given(changes))
    return one(call, _show_category(call, changed))


def delete(call: Call, tx: Transaction) -> Answer:
    groups.delete_category(tx, call.now, _category(call, tx))
    return Answer()


# ── Interests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def interests(call: Call, tx: Transaction) -> Answer:
    category = _category(call, tx)
    found = groups.list_groups(tx, category.audience_id, category.category_id)
    page = page_of(call).of(found)
    sizes = _sizes(call, tx, page, "interests", "subscriber_count")
    list_id, category_id = hex_id(category.audience_id), hex_id(category.category_id)
    parent = call.url("lists", list_id, "interest-categories", category_id)
    links = (
        link("self", f"{parent}/interests"),
        link("parent", parent),
        link("create", f"{parent}/interests", "POST"),
    )
    items = [_show_interest(call, each, sizes.get(each.group_id, 0)) for each in page]
    return collection(call, "interests", items, len(found), *links, list_id=list_id, category_id=category_id)


def create_interest(call: Call, tx: Transaction) -> Answer:
    category = _category(call, tx)
    form = fit(call.body(), InterestForm)
    if not form.name:
        raise refused(("name", "Required fields were not provided: name"))
    return one(call, _show_interest(call, groups.add_group(tx, category, form.name, form.display_order or 0), 0))


def get_interest(call: Call, tx: Transaction) -> Answer:
    return _shown(call, tx, _group(call, tx))


def change_interest(call: Call, tx: Transaction) -> Answer:
    group = _group(call, tx)
    form = fit(call.body(), InterestForm)
    changes = _given({"name": form.name, "position": form.display_order})
    return _shown(call, tx, groups.change_group(tx, group, **changes))


def delete_interest(call: Call, tx: Transaction) -> Answer:
    groups.delete_group(tx, call.now, _group(call, tx))
    return Answer()


# ── Both ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _category(call: Call, tx: Transaction) -> Category:
    audience = audience_of(call, tx)
    return groups.find_category(tx, audience.audience_id, read_hex_id(call.path["category_id"]))


def _group(call: Call, tx: Transaction) -> Group:
    category = _category(call, tx)
    group = groups.find_group(tx, category.audience_id, read_hex_id(call.path["interest_id"]))
    if group.category_id != category.category_id:
        raise not_found()
    return group


def _choice(kind: str) -> str:
    if kind not in words.GROUP_CHOICES:
        raise refused(("type", f"Value must be one of {', '.join(words.GROUP_CHOICES)}"))
    return kind


def _given(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if value is not None}


def _sizes(call: Call, tx: Transaction, found: Sequence[Group], *path: str) -> dict[int, int]:
    """How many are in each group, counted only if it will be seen."""
    return browse.group_sizes(tx, [each.group_id for each in found]) if wants(call, *path) else {}


def _shown(call: Call, tx: Transaction, group: Group) -> Answer:
    size = _sizes(call, tx, [group], "subscriber_count").get(group.group_id, 0)
    return one(call, _show_interest(call, group, size))


def _show_category(call: Call, category: Category) -> dict[str, Any]:
    list_id = hex_id(category.audience_id)
    parent = call.url("lists", list_id, "interest-categories")
    url = f"{parent}/{hex_id(category.category_id)}"
    return {
        "list_id": list_id,
        "id": hex_id(category.category_id),
        "title": category.title,
        "display_order": category.position,
        "type": category.choice,
        "_links": [
            link("self", url),
            link("parent", parent),
            link("update", url, "PATCH"),
            link("delete", url, "DELETE"),
            link("interests", f"{url}/interests"),
        ],
    }


def _show_interest(call: Call, group: Group, size: int) -> dict[str, Any]:
    list_id, category_id = hex_id(group.audience_id), hex_id(group.category_id)
    parent = call.url("lists", list_id, "interest-categories", category_id, "interests")
    url = f"{parent}/{hex_id(group.group_id)}"
    return {
        "category_id": category_id,
        "list_id": list_id,
        "id": hex_id(group.group_id),
        "name": group.name,
        "subscriber_count": str(size),
        "display_order": group.position,
        "_links": [
            link("self", url),
            link("parent", parent),
            link("update", url, "PATCH"),
            link("delete", url, "DELETE"),
        ],
    }
