"""What settings refer to, found by the types that a kind declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from relance.flows.definition.reader import fields_of, unwrapped

Ref = tuple[str, str, Any]
"""(of what, the setting's name, its value)."""


def refs_of(type_: type[Any], settings: dict[str, Any]) -> Iterator[Ref]:
    for one in fields_of(type_):
        if settings.get(one.encode_name) is not None:
            yield from _refs(one.type, one.encode_name, settings[one.encode_name])


def _refs(type_: inspect.Type, name: str, value: Any) -> Iterator[Ref]:
    ref, inner = unwrapped(type_)
    if ref:
        yield ref, name, value
    elif isinstance(inner, inspect.ListType) and isinstance(value, list):
        for item in value:
            yield from _refs(inner.item_type, name, item)
    elif isinstance(inner, inspect.StructType) and isinstance(value, dict):
        yield from refs_of(inner.cls, value)
