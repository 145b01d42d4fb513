"""Reading the code itself: modules as trees, statements as text. House tests find what exists, and name no module."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from relance.db.sql import Query, parse

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "relance"


@dataclass(frozen=True)
class Module:
    """``name`` is dotted: relance.flows.triggers.registry."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def place(self) -> str:
        return str(self.path.relative_to(ROOT))

    def imports(self) -> Iterator[tuple[str, int]]:
        """(dotted name of what is imported, line), of Relance's own modules."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                start = self._package(node.level) if node.level else ""
                base = ".".join(part for part in (start, node.module or "") if part)
                names = [f"{base}.{alias.name}" for alias in node.names]
            else:
                continue
            yield from ((name, node.lineno) for name in names if name.split(".")[0] == "relance")

    def _package(self, level: int) -> str:
        parts = self.name.split(".")
        up = level - 1 if self.path.name == "__init__.py" else level
        return ".".join(parts[: len(parts) - up])


@dataclass(frozen=True)
class Statement:
    place: str  # relance/events/queries.sql: append_events
    path: Path
    query: Query


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path, ast.parse(path.read_text("utf-8"))))
    return tuple(found)


@cache
def statements() -> tuple[Statement, ...]:
    """Every named statement. A file of statements that is not well made raises here."""
    found = []
    for path in sorted(PACKAGE.rglob("*.sql")):
        if path.parent.name != "migrations" and path.name != "schema.sql":
            place = str(path.relative_to(ROOT))
            found += [Statement(f"{place}: {q.name}", path, q) for q in parse(path.read_text("utf-8"), place).values()]
    return tuple(found)


@cache
def files() -> tuple[Path, ...]:
    """What is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode == 0:
        return tuple(path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file())
    folders = ("relance", "tests", "scripts", "docs", "requirements", "benchmarks")
    return tuple(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())


PLACES = {
    "yes": "true",
    "asks_contact": "true",
    "asked": "true as holds, '{}' as seen",
    "holds": "true",
    "seen": "'{}'::jsonb",
    "turns": "null::timestamptz",
    "table": "event",
    "name": "event_205001",
    "start": "2050-01-01",
    "end": "2050-02-01",
}
"""A sample fragment for each {place} that statements are composed with."""


def filled(query: Query) -> str:
    """The statement with samples in its places. Raises AssertionError for a place without one."""
    text = query.compose(**PLACES).text
    left = re.search(r"\{([a-z_]+)\}", text)
    # A brace in a quoted text ('{}', '{goal,within}') is no place.
    assert not left or f"'{left.group()}" in text, f"{query.name}: no sample for {left} in tests/house/source.py"
    return text


_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


def numbered(text: str) -> tuple[str, list[str]]:
    """The statement as PostgreSQL sees it, with $1 …, and the names of its parameters in order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PARAMETER.sub(number, text), names


def finish(problems: list[str], rule: str) -> None:
    assert not problems, rule + "\n  " + "\n  ".join(problems)
