"""Create or update contacts: the one way in for forms, API, imports, stores and the team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from relance.audience import fields, groups, tags
from relance.audience.audiences.model import Audience
from relance.audience.contacts import store
from relance.audience.contacts.claim import Claim, claim, claim_new_address, forgotten
from relance.audience.contacts.decide import blank, decide
from relance.audience.contacts.model import CLEANED, PENDING, Actor, Change, Contact, Deed, Draft, Held, Saved, Setting
from relance.audience.contacts.rules import check_address, key_of
from relance.audience.contacts.write import write
from relance.audience.tags.rules import check_name
from relance.db.pool import Transaction
from relance.events.model import Cause
from relance.kernel.errors import Conflict, Invalid, NotFound, RelanceError
from relance.kernel.ids import bucket_of


def save(
    tx: Transaction,
    now: datetime,
    audience: Audience,
    draft: Draft,
    actor: Actor,
    who: Contact | None = None,
    *,
    syncing: bool = False,
    cause: Cause | None = None,
) -> Saved:
    """One contact. ``who``: the one that the draft is about; its ``email`` is then a new address.

    Raises BadFields, Invalid (bad_address, status_required, unknown_group), Conflict (member_exists, address_taken,
    compliance_state, forgotten) and NotFound (``who`` is gone).
    """
    if who is not None:
        draft = replace(draft, contact_id=who.contact_id)
    saved = save_many(tx, now, audience, [draft], actor, syncing=syncing, cause=cause)[0]
    if isinstance(saved, RelanceError):
        raise saved
    return saved


def save_many(
    tx: Transaction,
    now: datetime,
    audience: Audience,
    drafts: Sequence[Draft],
    actor: Actor,
    *,
    syncing: bool = False,
    cause: Cause | None = None,
) -> list[Saved | RelanceError]:
    """As many as 1,000 contacts in a constant number of statements. Per draft, in order: what came of it, or why not.

    Several drafts about one contact are saved one after the other.
    """
    deed = Deed(now, audience, actor, syncing, cause)
    results: dict[int, Saved | RelanceError] = {}
    jobs: list[_Job] = []
    for index, draft in enumerate(drafts):
        try:
            jobs.append(_job(index, draft))
        except RelanceError as error:
            results[index] = error
    if jobs:
        setting = read_setting(tx, deed, [job.draft for job in jobs])
        account = store.find_account(tx, audience.account_id)
        while jobs:
            jobs = _round(tx, deed, setting, account, jobs, results)
    return [results[index] for index in range(len(drafts))]


@dataclass(frozen=True, slots=True)
class _Job:
    """A draft with its place in the call; ``key``: of the address that names the contact, '' when an id does."""

    index: int
    draft: Draft
    key: str


def _job(index: int, draft: Draft) -> _Job:
    if draft.email is not None:
        draft = replace(draft, email=check_address(draft.email))
    for name in (*draft.tags, *draft.untags):
        check_name(name)
    if draft.contact_id is not None:
        return _Job(index, draft, "")
    if draft.email is None:
        raise Invalid("a contact needs an email address.", where="email_address", mend="Give one.", code="bad_address")
    return _Job(index, draft, key_of(draft.email))


def read_setting(tx: Transaction, deed: Deed, drafts: Iterable[Draft]) -> Setting:
    """What the drafts refer to; tags to be added are made."""
    audience_id = deed.audience.audience_id
    drafts = list(drafts)
    added = {name for draft in drafts for name in draft.tags}
    removed = {name for draft in drafts for name in draft.untags} - added
    return Setting(
        fields=fields.find_fields(tx, audience_id),
        groups={group.group_id: group for group in groups.list_groups(tx, audience_id)},
        tags=tags.find_or_create(tx, deed.now, audience_id, sorted(added)) | tags.find(tx, audience_id, removed),
    )


def _round(
    tx: Transaction,
    deed: Deed,
    setting: Setting,
    account: tuple[int, str | None],
    jobs: list[_Job],
    results: dict[int, Saved | RelanceError],
) -> list[_Job]:
    """Save one draft per contact and return the jobs that have to wait for the next round."""
    spread, secret = account
    first, later = _one_each(jobs)
    claims = claim(tx, deed, sorted({job.key for job in first if job.key}), spread)
    fresh = {key: each for key, each in claims.items() if each.before is None}
    barred = forgotten(tx, deed, fresh, secret)
    named = [job.draft.contact_id for job in first if job.draft.contact_id is not None]
    by_id = store.read_contacts(tx, deed.audience.audience_id, named, lock=True)

    ready: list[tuple[_Job, Claim]] = []
    taken: set[UUID] = set()
    for job in first:
        claimed = claims.get(job.key) if job.key else _by_id(job, by_id)
        if claimed is None:
            results[job.index] = NotFound("there is no such contact in this audience.", code="no_contact")
        elif job.key in barred:
            results[job.index] = _forgotten(job)
        elif claimed.contact_id in taken:  # one draft names it by its address, another by its id
            later.append(job)
        else:
            taken.add(claimed.contact_id)
            ready.append((job, claimed))
    changes = _decide_all(tx, deed, setting, ready, results)
    write(tx, deed, list(changes.values()))
    for index, change in changes.items():
        results[index] = Saved(change.after, created=change.before is None, changed=change.real)
    made = {change.after.contact_id for change in changes.values()}
    unused = [("email", key, each.contact_id) for key, each in fresh.items() if each.contact_id not in made]
    store.drop_identities(tx, deed.audience.audience_id, unused)
    return later


def _one_each(jobs: Sequence[_Job]) -> tuple[list[_Job], list[_Job]]:
    seen: set[object] = set()
    first: list[_Job] = []
    later: list[_Job] = []
    for job in jobs:
        name = job.key or job.draft.contact_id
        (later if name in seen else first).append(job)
        seen.add(name)
    return first, later


def _by_id(job: _Job, contacts: dict[UUID, Contact]) -> Claim | None:
    contact = contacts.get(job.draft.contact_id) if job.draft.contact_id else None
    return None if contact is None else Claim(contact.contact_id, contact)


def _forgotten(job: _Job) -> Conflict:
    return Conflict(
        f"{job.draft.email} was permanently deleted and cannot be re-imported.",
        where="email_address",
        mend="The contact can sign up again by a form.",
        code="forgotten",
    )


def _decide_all(
    tx: Transaction,
    deed: Deed,
    setting: Setting,
    ready: Sequence[tuple[_Job, Claim]],
    results: dict[int, Saved | RelanceError],
) -> dict[int, Change]:
    present = [claimed.before for _, claimed in ready if claimed.before is not None]
    held = read_held(tx, present)
    changes: dict[int, Change] = {}
    for job, claimed in ready:
        before, draft = claimed.before, job.draft
        try:
            start = before or blank(deed, bucket_of(claimed.contact_id), claimed.contact_id, draft.email or "")
            change = decide(deed, setting, before, start, draft, held.get(claimed.contact_id, Held()))
            if before is not None and draft.contact_id is not None:
                claim_new_address(tx, deed, before, draft)
            changes[job.index] = change
        except RelanceError as error:
            results[job.index] = error
    return changes


def read_held(tx: Transaction, contacts: Sequence[Contact]) -> dict[UUID, Held]:
    """What locked contacts hold; of pending ones what was told of them, of cleaned ones what they were."""
    ids = [contact.contact_id for contact in contacts]
    told = store.read_told(tx, [contact.contact_id for contact in contacts if contact.email_status == PENDING])
    former = store.read_former(tx, [contact.contact_id for contact in contacts if contact.email_status == CLEANED])
    held_tags, held_groups = store.read_tags(tx, ids), store.read_groups(tx, ids)
    return {each: Held(held_tags[each], held_groups[each], told.get(each), former.get(each)) for each in ids}
