"""Named SQL: statements live in a ``queries.sql`` beside the code that uses them; Python only names them.

A file is a list of ``-- name: find_contact`` blocks. The comment lines that follow a name say why the statement is as
it is. Parameters are psycopg's ``%(name)s``. tests/house prepares every statement against a fresh schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

_HEAD = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement. ``comment`` is its reason, ``text`` what is sent."""

    name: str
    comment: str
    text: str

    def compose(self, **fragments: str) -> Query:
        """The statement with ``{name}`` places filled by checked SQL, never by text from outside."""
        text = self.text
        for name, fragment in fragments.items():
            text = text.replace("{" + name + "}", fragment)
        return Query(self.name, self.comment, text)


class Queries:
    """The statements of one file, as attributes."""

    def __init__(self, queries: dict[str, Query]) -> None:
        self._queries = queries

    def __getattr__(self, name: str) -> Query:
        try:
            return self._queries[name]
        except KeyError:
            raise AttributeError(f"no statement named {name!r}") from None

    def __iter__(self) -> Iterator[Query]:
        return iter(self._queries.values())


def load_queries(package: str, file: str = "queries.sql") -> Queries:
    """Read the named statements of ``file`` in ``package`` (a module's ``__package__``)."""
    return Queries(parse(resources.files(package).joinpath(file).read_text("utf-8"), f"{package}/{file}"))


def parse(text: str, where: str) -> dict[str, Query]:
    """Split a file into its statements. Raises ValueError when a name stands twice or a statement has no reason."""
    parts = _HEAD.split(text)
    queries: dict[str, Query] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        lines = body.strip().splitlines()
        reason = []
        while lines and lines[0].startswith("--"):
            reason.append(lines.pop(0).removeprefix("--").strip())
        if name in queries:
            raise ValueError(f"{where}: {name} stands twice")
        if not reason:
            raise ValueError(f"{where}: {name} has no comment that says why")
        queries[name] = Query(name, " ".join(reason), "\n".join(lines).strip().rstrip(";"))
    return queries
