"""Page through an audience, and count it: what screens and programs look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from relance.audience.contacts.model import Contact
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.ids import BUCKETS
from relance.kernel.slots import buckets_of_slot, slot_of

queries = load_queries(__package__, "browse.sql")

EVERYWHERE = list(range(BUCKETS))

Sort = Literal["created", "changed", "opted_in", "signed_up"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contacts with an email address; what is None filters nothing.

    ``statuses``: of people who are not archived. ``id_prefix``: first hex digits of the contact id, three at least.
    ``groups``: in ``fewest`` to ``most`` of these. ``left_since``: unsubscribed, and not before then.
    """

    statuses: Sequence[str] | None = None
    archived: bool | None = None
    email_format: str | None = None
    vip: bool | None = None
    id_prefix: str | None = None
    changed_since: datetime | None = None
    changed_before: datetime | None = None
    opted_in_since: datetime | None = None
    opted_in_before: datetime | None = None
    signed_up_since: datetime | None = None
    signed_up_before: datetime | None = None
    left_since: datetime | None = None
    groups: Sequence[int] | None = None
    fewest: int = 0
    most: int = 0


def browse(
    tx: Transaction, audience_id: int, wanted: Wanted, limit: int, offset: int = 0, *, sort: Sort = "created",
    newest_first: bool = False,
) -> list[Contact]:  # fmt: skip
    """A page, oldest first unless told otherwise; people without that date come last."""
    if not limit:
        return []
    direction = -1 if newest_first else 1
    rows = tx.rows(
        queries.browse_contacts, **_filters(audience_id, wanted), limit=limit, offset=offset, sort=sort,
        direction=direction,
    )  # fmt: skip
    return [Contact(*row) for row in rows]


def count(tx: Transaction, audience_id: int, wanted: Wanted) -> int:
    """How many there are, over all pages."""
    return int(tx.value(queries.count_contacts, **_filters(audience_id, wanted)))


@dataclass(frozen=True, slots=True)
class Figures:
    """``by_status``: ours, and ``archived``. ``last_opted_in``: when somebody last subscribed."""

    by_status: dict[str, int]
    last_opted_in: datetime | None = None


def figures(tx: Transaction, audience_ids: Sequence[int]) -> dict[int, Figures]:
    """By audience: how many people have which status."""
    counts: dict[int, dict[str, int]] = {audience_id: {} for audience_id in audience_ids}
    last: dict[int, datetime] = {}
    for row in tx.rows(queries.count_by_status, slot=EVERYWHERE, audience_ids=list(audience_ids)):
        counts[row.audience_id][row.status or "non_subscribed"] = row.n
        if row.last_opted_in is not None:
            last[row.audience_id] = max(row.last_opted_in, last.get(row.audience_id, row.last_opted_in))
    return {audience_id: Figures(counts[audience_id], last.get(audience_id)) for audience_id in audience_ids}


def group_sizes(tx: Transaction, group_ids: Sequence[int]) -> dict[int, int]:
    """By group: how many contacts are in it."""
    sizes = dict.fromkeys(group_ids, 0)
    if sizes:
        rows = tx.rows(queries.count_in_groups, slot=EVERYWHERE, group_ids=list(group_ids))
        sizes.update({row.group_id: row.n for row in rows})
    return sizes


def count_events(tx: Transaction, contact: Contact, kind: str) -> int:
    """How many events of that kind the contact has in the ledger."""
    return int(tx.value(queries.count_events, bucket=contact.bucket, contact_id=contact.contact_id, kind=kind))


def _filters(audience_id: int, wanted: Wanted) -> dict[str, object]:
    filters = asdict(wanted)
    prefix = filters.pop("id_prefix")
    first, last = _range(prefix) if prefix else (None, None)
    # An id names its bucket, so a prefix of one looks into that bucket's slot alone.
    slot = buckets_of_slot(slot_of(first)) if first else EVERYWHERE
    return filters | {"slot": slot, "audience_id": audience_id, "first_id": first, "last_id": last}


def _range(prefix: str) -> tuple[UUID, UUID]:
    return UUID(prefix.ljust(32, "0")), UUID(prefix.ljust(32, "f"))
