"""A segment's condition as people write it, with names: the same words as in a flow file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from relance.audience import segments
from relance.audience.conditions import Objects, human, read_catalogue
from relance.db.pool import Transaction
from relance.flows.conditions import add_flows
from relance.flows.definition.around import read_names
from relance.flows.definition.names import Names
from relance.flows.definition.problems import FlowRefused, problem
from relance.flows.definition.reader import Reader
from relance.flows.definition.source import read_source
from relance.flows.definition.written_conditions import read_condition, write_condition
from relance.messages.conditions import add_messages


def written_condition(tx: Transaction, audience_id: int, text: str) -> tuple[dict[str, Any], Objects]:
    """``{tag: vip}`` → (the stored form, what it may name). Raises FlowRefused with everything that is wrong."""
    reader = Reader(read_names(tx, audience_id, None), None)
    reader.where = "condition"
    source = read_condition(reader, read_source(text))
    for name in reader.names.new_tags.values():
        what = f"the audience has no tag {name!r}"
        reader.problems.append(problem("V06", what, where="condition", mend="Put it on somebody first."))
    if reader.problems:
        raise FlowRefused(reader.problems)
    return source, catalogue_of(tx, audience_id)


def catalogue_of(tx: Transaction, audience_id: int) -> Objects:
    """What a segment of the audience may name."""
    objects = add_flows(tx, add_messages(tx, read_catalogue(tx, audience_id), audience_id), audience_id)
    return segments.with_segments(tx, objects, audience_id)


def told_condition(tx: Transaction, audience_id: int, source: Mapping[str, Any]) -> Any:
    """The stored form → as it is written."""
    return write_condition(dict(source), read_names(tx, audience_id, None))


def means(tx: Transaction, audience_id: int, source: Mapping[str, Any], language: str = "en") -> str:
    """The condition as a sentence."""
    names = read_names(tx, audience_id, None)

    def name(kind: str, object_id: int) -> str:
        return str(_NAMES[kind](names, object_id)) or "?" if kind in _NAMES else "?"

    return human(dict(source), name, language)


_NAMES: dict[str, Callable[[Names, int], str]] = {
    "tag": lambda names, key: names.tag_name(key),
    "field": lambda names, key: names.fields[key].name if key in names.fields else "",
    "group": lambda names, key: names.groups[key].name if key in names.groups else "",
    "segment": lambda names, key: names.segments.get(key, ""),
    "flow": lambda names, key: names.flows.get(key, ""),
    "message": lambda names, key: names.message_name(key),
    "link": lambda names, key: next((one.links[key] for one in names.messages.values() if key in one.links), ""),
}
