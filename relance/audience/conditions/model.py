"""Values of the condition language (spec/flows.md section 7).

The stored form is JSON::

    {"all": [ … ]}   every item holds          {"any": [ … ]}   at least one does
    {"none": [ … ]}  none does                 {"on": subject, "op": operator, "value": …}   a leaf

Groups nest; a leaf alone is read as ``{"all": [leaf]}``. Subjects and values name objects by id, never by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

Json = Any
"""A value as JSON has it: None, bool, int, float, str, list, dict."""

Listens = frozenset[tuple[str, str]]
"""(event kind, match key) of the events that can change an answer; the key '' stands for every event of the kind."""

ROW = "§p"
"""Stands for the params of the condition's row in every fragment; shapes.compose puts the row's name there."""

NEVER = "null::timestamptz"

_CONTACT = re.compile(r"\bc\.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test. ``subject`` is the source's ``on``; ``options`` are members beyond on, op and value.

    ``kind``, ``mark`` and ``key`` are the parts of the subject: ``field:12`` is ("field", ":", "12"), ``event.plan`` is
    ("event", ".", "plan"), ``vip`` is ("vip", "", "").
    """

    kind: str
    mark: str
    key: str
    op: str
    value: Json = None
    options: Mapping[str, Json] = field(default_factory=dict)
    path: str = field(default="", compare=False)

    @property
    def subject(self) -> str:
        return self.kind + self.mark + self.key


@dataclass(frozen=True, slots=True)
class Group:
    """``how`` is all, any or none."""

    how: str
    items: tuple[Group | Leaf, ...]
    path: str = field(default="", compare=False)


Node = Group | Leaf


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of spec section 12. A way of an if_else: ``Limits(conditions=5)``."""

    conditions: int = 50
    depth: int = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a condition from being used. ``where`` is a path such as ``all[1].any[0]``.

    ``code`` is V06 (a missing object), V15 (a limit) or ``invalid`` (what stands there makes no sense).
    """

    code: str
    where: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """What a condition must know of a field: its type (schema.sql, field.type) and, of a choice, its options."""

    type: str
    choices: tuple[str, ...] = ()


class Catalogue(Protocol):
    """The objects of one audience that a condition may name."""

    @property
    def fields(self) -> Mapping[int, FieldShape]: ...
    @property
    def tags(self) -> Collection[int]: ...
    @property
    def groups(self) -> Mapping[int, int]:
        """Group id → category id."""
        ...

    @property
    def messages(self) -> Collection[int]: ...
    @property
    def links(self) -> Collection[tuple[int, int]]:
        """(message id, link id)."""
        ...

    @property
    def segments(self) -> Collection[int]: ...
    @property
    def flows(self) -> Collection[int]: ...


@dataclass(frozen=True, slots=True)
class Objects:
    """A catalogue in memory. store.read_catalogue fills the audience's part."""

    fields: Mapping[int, FieldShape] = field(default_factory=dict)
    tags: Collection[int] = frozenset()
    groups: Mapping[int, int] = field(default_factory=dict)
    messages: Collection[int] = frozenset()
    links: Collection[tuple[int, int]] = frozenset()
    segments: Collection[int] = frozenset()
    flows: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Fragment:
    """A subject's part of a compiled condition.

    ``holds`` is SQL that is true or false, never NULL; ``seen`` are SQL for a name (text) and a value (any type) that
    the decision trail shows. They may refer to:

    - ``c``: the contact's row, all NULL when there is no contact
    - ``x``: bucket, contact_id, now, zone (of the account), context jsonb (of the run), payload jsonb (of the event
      being judged), entered_at, arrived_at
    - constants, through ``Build.place``; a per-contact table is filtered by x.bucket and x.contact_id.

    ``turns`` is SQL for the first instant after x.now at which ``holds`` may change although nothing happens, NULL when
    there is none; "" for a test that never does. Too early costs a look, too late keeps a wrong answer.

    No per cent signs: the text is sent with parameters.
    """

    holds: str
    seen: tuple[str, str]
    listens: Listens = frozenset()
    turns: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition as SQL that all conditions of its form share (``shape``), and its own constants (``params``).

    ``time_dependent``: the answer can change although nothing happens, next at ``turns_sql`` (Fragment.turns).
    """

    shape_sql: str
    seen_sql: str
    params: list[Json]
    listens: Listens
    time_dependent: bool
    shape: int
    turns_sql: str = NEVER

    @property
    def reads_context(self) -> bool:
        return "x.context" in self.shape_sql or "x.payload" in self.shape_sql

    @property
    def reads_contact(self) -> bool:
        """Looks at the contact's own row."""
        return _CONTACT.search(self.shape_sql) is not None

    @property
    def reads_run(self) -> bool:
        """Makes sense inside a run only."""
        return self.reads_context or "x.entered_at" in self.shape_sql or "x.arrived_at" in self.shape_sql


class Pair(NamedTuple):
    """One question to ``evaluate``: does the condition hold for the contact, here and now? ``n`` names the answer."""

    n: int
    bucket: int
    contact_id: UUID | None
    condition_id: int
    context: Mapping[str, Json] | None = None
    payload: Mapping[str, Json] | None = None
    entered_at: datetime | None = None
    arrived_at: datetime | None = None


class Verdict(NamedTuple):
    """The answer, and the values looked at, for the decision trail."""

    holds: bool
    seen: dict[str, Json]
