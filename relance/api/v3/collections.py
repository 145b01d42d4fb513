"""What all answers of the compatible API share: pages, field selection, links, times (spec/api.md 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from relance.api.http import Answer, Call
from relance.api.problems import refused

COUNT, LARGEST_COUNT = 10, 1000

Item = TypeVar("Item")
Tree = dict[str, "Tree"]


@dataclass(frozen=True, slots=True)
class Page:
    count: int
    offset: int

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """This page of a list that is in memory anyway."""
        return items[self.offset : self.offset + self.count]


def page_of(call: Call) -> Page:
    """``count`` (10 unless told; more than 1,000 counts as 1,000, as on the real service) and ``offset``."""
    return Page(min(_number(call, "count", COUNT), LARGEST_COUNT), _number(call, "offset", 0))


def collection(
    call: Call, key: str, items: Iterable[Any], total: int, *links: dict[str, str], **beside: object
) -> Answer:
    """A page of items under its plural key, with the total, the parents' ids and the links."""
    body = {key: list(items), **beside, "total_items": total, "_links": list(links)}
    return Answer(choose(call, body))


def one(call: Call, item: dict[str, Any]) -> Answer:
    return Answer(choose(call, item))


def in_memory(
    call: Call, key: str, items: Sequence[Item], show: Callable[[Item], Any], *links: dict[str, str], **beside: object
) -> Answer:
    """A page of a list that is small enough to be read whole."""
    return collection(call, key, map(show, page_of(call).of(items)), len(items), *links, **beside)


def link(rel: str, href: str, method: str = "GET") -> dict[str, str]:
    return {"rel": rel, "href": href, "method": method}


# ── Field selection ─────────────────────────────────────────────────────────────────────────────────────────────────


def choose(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """``fields`` and ``exclude_fields``: comma lists of dot paths from the root of the answer."""
    wanted, unwanted = _paths(call, "fields"), _paths(call, "exclude_fields")
    if wanted:
        body = _keep(body, wanted)
    return _drop(body, unwanted) if unwanted else body


def wants(call: Call, *path: str) -> bool:
    """Whether this part of the answer will be shown: parts that cost a query ask first."""
    return _kept(_paths(call, "fields"), path) and not _dropped(_paths(call, "exclude_fields"), path)


def _paths(call: Call, name: str) -> Tree:
    tree: Tree = {}
    for text in call.query.getlist(name):
        for path in filter(None, (part.strip() for part in text.split(","))):
            branch = tree
            for key in path.split("."):
                branch = branch.setdefault(key, {})
    return tree


def _kept(tree: Tree, path: tuple[str, ...]) -> bool:
    for key in path:
        if not tree:
            return True
        if key not in tree:
            return False
        tree = tree[key]
    return True


def _dropped(tree: Tree, path: tuple[str, ...]) -> bool:
    for key in path:
        if key not in tree:
            return False
        tree = tree[key]
        if not tree:
            return True
    return False


def _keep(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_keep(item, tree) for item in value]
    if isinstance(value, dict):
        return {key: _keep(item, tree[key]) for key, item in value.items() if key in tree}
    return value


def _drop(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_drop(item, tree) for item in value]
    if isinstance(value, dict):
        return {
            key: _drop(item, tree[key]) if key in tree else item
            for key, item in value.items()
            if key not in tree or tree[key]
        }
    return value


# ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def stamp(moment: datetime | None) -> str:
    """ISO 8601 with ``+00:00``, to the second; nothing is an empty text."""
    return "" if moment is None else moment.astimezone(UTC).replace(microsecond=0).isoformat()


def moment_in(call: Call, name: str) -> datetime | None:
    """An instant among the query parameters: ISO 8601 with Z, an offset or neither (UTC). Raises Refused."""
    text = call.query.get(name, "").strip()
    # A plus sign that a client forgot to encode arrives as a space.
    return read_moment(text.replace(" ", "+") if "T" in text else text, name) if text else None


def read_moment(text: object, where: str) -> datetime:
    """Raises Refused for anything that is no instant."""
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused((where, "Please enter a date in ISO 8601 format, such as 2026-05-04T09:00:00+00:00")) from None


def flag_in(call: Call, name: str) -> bool | None:
    """A yes or no among the query parameters; None when absent."""
    text = call.query.get(name, "").strip().lower()
    if not text:
        return None
    if text in ("true", "1", "yes"):
        return True
    if text in ("false", "0", "no"):
        return False
    raise refused((name, "Schema describes boolean, string found instead"))


def _number(call: Call, name: str, otherwise: int) -> int:
    text = call.query.get(name, "").strip()
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise refused((name, f"Schema describes a number of 0 or more, {text[:30]!r} found instead"))
    return int(text)
