"""Stored settings → written settings: ids become names, seconds lengths of time. The contrary of ``reader``."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from relance.flows.definition import durations
from relance.flows.definition.names import Names
from relance.flows.definition.reader import fields_of, unwrapped

Written = Any
"""Plain values as YAML has them."""


class Writer:
    def __init__(self, names: Names) -> None:
        self.names = names

    def settings(self, type_: type[Any], settings: dict[str, Any], *, table: bool = False) -> Written:
        """What differs from its default; the bare value when only one setting is needed, unless ``table``."""
        written: dict[str, Written] = {}
        for one in fields_of(type_):
            name = one.encode_name
            if name in settings and (one.required or settings[name] != _default(one)):
                written[name] = self.typed(one.type, settings[name])
        required = [one.encode_name for one in fields_of(type_) if one.required]
        if not table and len(written) == 1 and required == list(written):
            return written[required[0]]
        return written

    def typed(self, type_: inspect.Type, value: Any) -> Written:
        ref, inner = unwrapped(type_)
        match ref:
            case "tag":
                return self.names.tag_name(value)
            case "field":
                known = self.names.fields.get(value)
                return known.tag if known else ""
            case "group":
                from relance.flows.definition.written_conditions import group_name

                return group_name(self.names, value)
            case "segment":
                return self.names.segments.get(value, "")
            case "email":
                return self.names.message_name(value)
            case "flow":
                return self.names.flows.get(value, "")
            case "person":
                return self.names.people.get(value, "")
            case "duration":
                return None if value is None else durations.write_seconds(value)
            case "condition":
                from relance.flows.definition.written_conditions import write_condition

                return write_condition(value, self.names)
        if isinstance(inner, inspect.ListType):
            return [self.typed(inner.item_type, item) for item in value]
        if isinstance(inner, inspect.StructType):
            return self.settings(inner.cls, value, table=True)
        return value


def _default(one: inspect.Field) -> Any:
    if one.default is not msgspec.NODEFAULT:
        return one.default
    return msgspec.to_builtins(one.default_factory()) if callable(one.default_factory) else None
