"""Named SQL: statements live in a ``queries.sql`` beside the code that uses them; Python only names them.

A file is a list of ``-- name: find_contact`` blocks. The comment lines that follow a name say why the statement is as
it is. Parameters are psycopg's ``%(name)s``. tests/house prepares every statement against a fresh schema.

A batch statement names the buckets of its batch for every per-contact table (docs/decisions/0008):
``c.bucket = h.bucket and c.bucket = any(%(buckets)s::int[])``. The second filter tells a distributed database where the
statement belongs. One server does not need it, and pays: as a list of a thousand it costs 80 µs in every look-up by
key, as bounds it makes the planner believe in one row. So here it is read as bounds, which tests/house checks to follow
from the first, and left out of what is sent. This is the one place that would send it.

A statement for a share names its buckets too, ``r.bucket = any(%(slot)s)``: four thousand numbers. One server is sent
the handful of slots instead, ``r.bucket / 256 = any(…)``, and nothing where ``x.bucket = r.bucket and`` stands before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from relance.kernel.slots import WIDTH, slots_of

_BATCH = re.compile(r"(?<!\w)(\w+)\.bucket = any\(%\(buckets\)s(?:::int\[\])?\)")
_BOUNDS = re.compile(r"\w+\.bucket between %\(buckets_low\)s and %\(buckets_high\)s")
_SLOT = re.compile(r"(?<!\w)((?:\w+\.)?bucket) = any\(%\(slot\)s(?:::int\[\])?\)")
_SLOT_OF_JOINED = re.compile(r"(?<!\w)(\w+)(\.bucket = \w+\.bucket) and \1\.bucket = any\(%\(slot\)s(?:::int\[\])?\)")
_HEAD = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement. ``comment`` is its reason, ``text`` names all buckets, ``sent`` is for one server."""

    name: str
    comment: str
    text: str

    def compose(self, **fragments: str) -> Query:
        """The statement with ``{name}`` places filled by checked SQL, never by text from outside."""
        text = self.text
        for name, fragment in fragments.items():
            text = text.replace("{" + name + "}", fragment)
        return Query(self.name, self.comment, text)

    @property
    def sent(self) -> str:
        """What goes to one server."""
        return _for_one_server(self.text)

    def bound(self, params: Mapping[str, object]) -> Mapping[str, object]:
        """The parameters that go with it: ``slot``, given as buckets, becomes the numbers of the slots."""
        if "slot" in params and isinstance(params["slot"], (list, tuple)):
            return {**params, "slot": slots_of(tuple(params["slot"]))}
        return params


@lru_cache(maxsize=2000)
def _for_one_server(text: str) -> str:
    text = _SLOT_OF_JOINED.sub(r"\1\2", _BOUNDS.sub("true", text))
    return _SLOT.sub(rf"\1 / {WIDTH} = any(%(slot)s::int[])", text)


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
        text = "\n".join(lines).strip().rstrip(";")
        queries[name] = Query(name, " ".join(reason), _bounded(text))
    return queries


def _bounded(text: str) -> str:
    """The filter on the batch's buckets as bounds, for every alias that is also looked up by its bucket."""

    def bounds(match: re.Match[str]) -> str:
        alias = match.group(1)
        if not re.search(rf"(?<!\w){alias}\.bucket = \w+\.bucket|\w\.bucket = {alias}\.bucket", text):
            return match.group(0)
        return f"{alias}.bucket between %(buckets_low)s and %(buckets_high)s"

    return _BATCH.sub(bounds, text)
