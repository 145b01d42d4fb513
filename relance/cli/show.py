"""How commands show what they found: a table for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(value: Any) -> None:
    """Instants as ISO 8601, ids as numbers."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str) -> None:
    """Left-aligned columns; numbers to the right. ``empty`` is said when there is no row."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        print(empty)
        return
    widths = [max(len(cell) for cell in column) for column in zip(columns, *lines, strict=True)]
    told = [[row[at] for row in lines if row[at] != "–"] for at in range(len(columns))]
    numeric = [bool(cells) and all(_is_number(cell) for cell in cells) for cells in told]
    print(_line([column.upper() for column in columns], widths, numeric))
    for line in lines:
        print(_line(line, widths, numeric))


def say(text: str) -> None:
    """A remark beside the output."""
    print(text, file=sys.stderr)


def moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else "–"


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    parts = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    ]
    return "  ".join(parts).rstrip()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return moment(value)
    # A name may hold anything: nothing of it may move the terminal's cursor.
    return "".join(sign if sign.isprintable() else " " for sign in str(value))


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()
