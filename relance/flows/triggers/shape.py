"""The shape of a trigger kind: a declaration from which everything else about the kind follows.

Validation, publication (subscription rows), the settings form, the API's and the docs' reference, the picker and the
tests read nothing but this. Adding a trigger: one module with one of these, one scenario, one line in registry.py
(docs/howto/add-a-trigger.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from relance.db.pool import Transaction
from relance.events.model import EventKind, Payload
from relance.flows.definition.names import NamedField
from relance.flows.definition.settings_types import Settings
from relance.flows.words import Label

S = TypeVar("S", bound=Settings)

Family = Literal["contact", "dates", "shopping", "marketing", "api", "more"]
Wakes = Literal["event", "clock", "membership"]


JUDGED_AGAIN = frozenset({"E23", "E24", "E25", "E26", "E29"})
"""Codes of guards that stand behind the contact's status in the gate: asked of whoever was missed in a pause too."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A refusal that a kind adds to the gate: when ``condition`` is true the entry is refused with ``code`` (G16)."""

    code: str
    condition: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listen:
    """One thing to listen to, as data: it becomes a subscription row.

    ``match_key`` "" hears every event of the kind. ``predicate`` is a condition on the event (``event.…`` subjects);
    false means that the settings do not fit (E27, not recorded). ``key_paths`` are the parts of the payload that make
    the entry key; None: the event's own id.
    """

    kind: EventKind
    match_key: str = ""
    predicate: dict[str, Any] | None = None
    guard: Guard | None = None
    key_paths: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about besides the contact, in a flow with a run for each occurrence (G12): ``word``, and the part
    of the payload at ``path`` that says which one. Without a path: the event itself."""

    word: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trigger (or a wait with a trigger's settings) stands. ``point_id``: the trigger's or the step's id."""

    audience_id: int
    flow_id: int
    point_id: int


@dataclass(frozen=True, slots=True)
class Watch:
    """A live clock-woken trigger, for one look at one slot's contacts: moments in (since, until]. ``contacts`` narrows
    the look to people whose data has just changed (D3); None: everybody."""

    tx: Transaction
    now: datetime
    since: datetime
    until: datetime
    slot: Sequence[int]
    account_id: int
    audience_id: int
    flow_id: int
    trigger_id: int
    account_zone: str
    account_settings: dict[str, Any]
    flow_zone: str
    contacts: list[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A contact whose moment has come. ``key`` is the entry key; ``data`` what the event carries besides; ``zone``: by
    whose clock, "" for the account's."""

    contact_id: UUID
    moment: datetime
    key: str
    data: dict[str, Any] = field(default_factory=dict)
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something wrong with settings that have the right types: a V code or ``invalid``, a sentence, how to mend it."""

    code: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerKind(Generic[S]):
    """``number`` is that of spec section 2. ``listen`` turns settings into subscriptions. A clock-woken kind also has
    ``look``, which returns the people whose moment lies between two instants, and ``late_after``, the (event kind,
    match key) pairs after which somebody's moment of today may turn out to have passed (D3); ``occurrence``: the entry
    key alone decides about coming again (G5); ``by_hand``: passes over filter, block list and re-entry (trigger 10);
    ``excludes``: keys of kinds that may not stand beside it (section 3); ``no_marketing``: nor may a marketing email
    (V26); ``check`` tells what types cannot, with the audience's fields by id; ``sample``: one event that fires it;
    ``matching`` (settings, category of each group): the condition that is true of people for whom it would have fired
    before the flow was on (5.4), None where it cannot be told; ``subject``: what tells its occurrences apart where a
    contact may have a run for each (G12).
    """

    key: str
    number: int
    label: Label
    family: Family
    wakes: Wakes
    settings: type[S]
    listen: Callable[[S, Place], Sequence[Listen]]
    sample: Callable[[], Payload]
    look: Callable[[S, Watch], Sequence[Due]] | None = None
    late_after: Callable[[S], Sequence[tuple[EventKind, str]]] | None = None
    purpose: str = ""
    occurrence: bool = False
    by_hand: bool = False
    who: Literal["any", "sub"] = "any"
    once_per_flow: bool = False
    excludes: frozenset[str] = frozenset()
    excludes_steps: frozenset[str] = frozenset()
    no_marketing: bool = False
    check: Callable[[S, Mapping[int, NamedField]], Iterator[Unfit]] | None = None
    subject: Subject | None = None
    matching: Callable[[S, Mapping[int, int]], dict[str, Any] | None] | None = None
