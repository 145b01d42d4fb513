"""Values of contacts: what is, what is wanted, who wants it, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct, structs

from relance.audience.audiences.model import Audience
from relance.audience.fields.model import Field
from relance.audience.groups.model import Group
from relance.audience.tags.model import Tag
from relance.events.model import Cause, NewEvent

SUBSCRIBED = "subscribed"
NON_SUBSCRIBED = "non_subscribed"
UNSUBSCRIBED = "unsubscribed"
PENDING = "pending"
CLEANED = "cleaned"
STATUSES = (SUBSCRIBED, NON_SUBSCRIBED, UNSUBSCRIBED, PENDING, CLEANED)
"""Of a channel's consent (spec/flows.md section 9). Archived is not one: it keeps them for a return."""

By = Literal["self", "complaint", "app", "api", "import", "flow", "store", "bounce"]


class Contact(Struct, frozen=True):
    """A row of ``contact``. ``fields``: field id as text → stored value; a blank is absent. ``joined_at``: when it came
    into the audience, None until its first confirmation (G21).

    A Struct, because imports make and change many: a changed copy takes 1 µs, a dataclass's 20.
    """

    bucket: int
    contact_id: UUID
    account_id: int
    audience_id: int
    email: str | None
    email_status: str | None
    email_out_by: str | None
    email_format: str
    sms_number: str | None
    sms_status: str | None
    sms_out_by: str | None
    fields: Mapping[str, Any]
    language: str
    zone: str | None
    country: str | None
    vip: bool
    rating: int
    no_open_tracking: bool
    source: str
    signed_up_at: datetime | None
    opted_in_at: datetime | None
    created_at: datetime
    joined_at: datetime | None
    changed_at: datetime
    archived_at: datetime | None

    def but(self, **changes: Any) -> Contact:
        """A copy with ``changes``."""
        return structs.replace(self, **changes)

    @property
    def archived(self) -> bool:
        return self.archived_at is not None

    @property
    def confirmed(self) -> bool:
        """On some channel nothing is left to confirm: pending people are not in the audience (G21)."""
        return self.email_status != PENDING or self.sms_status == SUBSCRIBED


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it and where it came in.

    ``source``: a word of events.SOURCES. ``address``: network address of the request. ``imported``: a file upload, a
    bulk or batch call, a store's first sync (G20).
    """

    by: By
    source: str
    address: str | None = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What a contact is to be. None, and what a mapping leaves out, stays as it is.

    ``contact_id`` names a contact that exists, and ``email`` is then its new address; without it ``email`` names the
    contact, made when missing. ``fields``: tag → value as written; unknown tags are ignored, '' clears. ``tags`` are
    added, ``untags`` removed, with ``only_tags`` every other one too. ``groups``: group id → inside.
    ``email_status`` given revives an archived contact. ``shown``: the text agreed to, the proof that section 9 asks of
    the team. ``confirmed``: the person proved to hold the address (a signed link). ``cause``: of this draft, instead of
    the call's.
    """

    email: str | None = None
    contact_id: UUID | None = None
    email_status: str | None = None
    status_if_new: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    tags: Sequence[str] = ()
    untags: Sequence[str] = ()
    only_tags: bool = False
    groups: Mapping[int, bool] = field(default_factory=dict)
    language: str | None = None
    zone: str | None = None
    country: str | None = None
    vip: bool | None = None
    rating: int | None = None
    no_open_tracking: bool | None = None
    source: str | None = None
    email_format: str | None = None
    signed_up_at: datetime | None = None
    opted_in_at: datetime | None = None
    shown: str | None = None
    confirmed: bool = False
    must_be_new: bool = False
    check_required: bool = False
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """``created``: it was not there. ``changed``: something is different from before."""

    contact: Contact
    created: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """The circumstances of a change, the same for all contacts of a call."""

    now: datetime
    audience: Audience
    actor: Actor
    syncing: bool = False
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the audience offers: fields by tag, groups by id, the tags that the drafts name."""

    fields: Mapping[str, Field]
    groups: Mapping[int, Group]
    tags: Mapping[str, Tag]


@dataclass(frozen=True, slots=True)
class Held:
    """What a contact has: tag ids and group ids, with when they came. ``told``: set when it is pending.

    ``former``: the status before it was cleaned.
    """

    tags: Mapping[int, datetime] = field(default_factory=dict)
    groups: Mapping[int, datetime] = field(default_factory=dict)
    told: Told | None = None
    former: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger has said of a contact: tags and groups held, values by field id."""

    tags: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    """A row of ``consent_record`` to be."""

    channel: str
    old: str | None
    new: str
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What has been decided for one contact. ``dates``: field id → (day, month and day), None to remove."""

    before: Contact | None
    after: Contact
    events: tuple[NewEvent, ...] = ()
    consents: tuple[Consent, ...] = ()
    tags_added: tuple[int, ...] = ()
    tags_removed: tuple[int, ...] = ()
    groups_joined: tuple[int, ...] = ()
    groups_left: tuple[int, ...] = ()
    dates: Mapping[int, tuple[str | None, int] | None] = field(default_factory=dict)

    @property
    def real(self) -> bool:
        """Whether there is anything to write."""
        moved = self.tags_added or self.tags_removed or self.groups_joined or self.groups_left
        return self.before != self.after or bool(self.events or self.consents or moved)
