"""Lists of plain values to PostgreSQL arrays, quickly.

Batches go to the server as arrays, and psycopg's dumper looks at every element with a regular expression: measured, it
took a third of the engine's own CPU. Numbers and instants need no quotes, texts are always quoted; UUIDs go in binary,
for writing them out costs more than all the rest. Anything else is left to psycopg.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg.abc import Buffer, DumperKey
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format
from psycopg.types.array import BaseListDumper, ListDumper

_UUID, _UUIDS, _INSTANTS = (
    2950,
    2951,
    1185,
)  # oids of uuid, uuid[] and timestamptz[]; numbers and texts take their type from the statement


_HEAD = struct.Struct(">iiIii")


def _text(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


_WRITE: dict[type, Any] = {
    int: int.__repr__,
    str: _text,
    datetime: datetime.isoformat,
    bool: lambda value: "t" if value else "f",
}
_OIDS: dict[type, int] = {datetime: _INSTANTS}
_NULL, _SIXTEEN = b"\xff\xff\xff\xff", b"\x00\x00\x00\x10"


def _plain(values: list[Any]) -> type | None:
    """The one type of all elements, if it is one that is written here."""
    kinds = set(map(type, values)) - {type(None)}
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    return kind if kind in _WRITE or kind is UUID else None


class UuidListDumper(Dumper):
    """The binary form of an array: dimensions, whether there are nulls, the element's type, length and lower bound,
    then each element after its size (PostgreSQL, array_send)."""

    format = Format.BINARY
    oid = _UUIDS

    def dump(self, obj: list[UUID | None]) -> Buffer:
        items = [_NULL if value is None else _SIXTEEN + value.int.to_bytes(16, "big") for value in obj]
        return b"".join((_HEAD.pack(1, _NULL in items, _UUID, len(items), 1), *items))


class QuickListDumper(ListDumper):
    """psycopg's, with a short way for lists of plain values."""

    kind: type | None = None

    def get_key(self, obj: list[Any], format: PyFormat) -> DumperKey:
        kind = _plain(obj)
        return super().get_key(obj, format) if kind is None else (self.cls, kind)

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:
        kind = _plain(obj)
        if kind is None:
            return super().upgrade(obj, format)
        if kind is UUID:
            return cast(BaseListDumper, UuidListDumper(self.cls, self._tx))
        dumper = type(self)(self.cls, self._tx)
        dumper.kind = kind
        dumper.oid = _OIDS.get(kind, 0)
        return dumper

    def dump(self, obj: list[Any]) -> Buffer | None:
        if self.kind is None:
            return super().dump(obj)
        write = _WRITE[self.kind]
        return ("{" + ",".join(["NULL" if value is None else write(value) for value in obj]) + "}").encode()


psycopg.adapters.register_dumper(list, QuickListDumper)
