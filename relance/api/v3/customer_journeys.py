"""/customer-journeys: flows, and the call that lets a contact into one or past a wait (spec/flows.md, trigger 39)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from relance.api.body import fit
from relance.api.http import Answer, Call
from relance.api.problems import refused
from relance.api.v3 import words
from relance.api.v3.audience import not_found, read_number
from relance.api.v3.collections import collection, link, one, page_of, stamp
from relance.audience import contacts
from relance.audience.contacts import Contact
from relance.audience.record_event import LARGEST
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.appended import appended
from relance.events.model import NewEvent
from relance.flows.events import API_CALLED, ApiCalled
from relance.kernel.errors import Conflict, Invalid, NotFound
from relance.kernel.ids import hex_id

queries = load_queries(__package__, "journeys.sql")

MOST_CONTACTS = 500
PATIENCE = 2.0
"""Seconds that a call waits at most for the judgement. The contact is let in all the same if it takes longer."""

TAKES_CALLS = ("live", "broken", "paused", "draining")
"""States in which a call is kept. To a paused or draining flow it is still told as a failure, after it was kept: the
trail says that the contact was missed (E02, E03), and a wait inside is released."""


class CallForm(msgspec.Struct, kw_only=True):
    """One contact, or beyond the compatible API as many as 500. Contacts are named as anywhere (A1)."""

    email_address: str | None = None
    properties: dict[str, Any] | None = None
    contacts: list[dict[str, Any]] | None = None


class Called(msgspec.Struct, kw_only=True):
    """``properties`` are kept as the run's context."""

    email_address: str
    properties: dict[str, Any] = msgspec.field(default_factory=dict)


# ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def index(call: Call, tx: Transaction) -> Answer:
    flows = tx.rows(queries.list_journeys, account_id=call.account_id)
    page = page_of(call).of(flows)
    points = _points(tx, [flow.flow_id for flow in page])
    url = call.url("customer-journeys", "journeys")
    items = [_show(call, flow, points[flow.flow_id]) for flow in page]
    return collection(call, "journeys", items, len(flows), link("self", url))


def get(call: Call, tx: Transaction) -> Answer:
    flow = _flow(call, tx)
    return one(call, _show(call, flow, _points(tx, [flow.flow_id])[flow.flow_id]))


def _show(call: Call, flow: Any, points: Sequence[Any]) -> dict[str, Any]:
    url = call.url("customer-journeys", "journeys", flow.flow_id)
    return {
        "id": flow.flow_id,
        "journey_name": flow.name,
        "list_id": hex_id(flow.audience_id),
        "status": words.FLOW_STATE_OUT[flow.state],
        "created_at": stamp(flow.created_at),
        "started_at": stamp(flow.first_live_at),
        "last_changed": stamp(flow.changed_at),
        "steps": [_show_point(url, point) for point in points],
        "_links": [link("self", url), link("parent", call.url("customer-journeys", "journeys"))],
    }


def _show_point(url: str, point: Any) -> dict[str, Any]:
    by_api = point.purpose is not None
    trigger = link("trigger", f"{url}/steps/{point.point_id}/actions/trigger", "POST")
    return {
        "id": point.point_id,
        "step_type": point.kind,
        "api_trigger": by_api,
        "_links": [trigger] if by_api else [],
    }


# ── Calling ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def trigger(call: Call, tx: Transaction) -> Answer:
    """204 at once. 404: no such flow, step or contact. 400: not live, not called by the API, or a bad address."""
    flow = _flow(call, tx)
    called = _read(fit(call.body(), CallForm))
    if flow.state not in TAKES_CALLS:
        raise _not_live(flow)
    step_id = read_number(call.path["step_id"])
    point = next((each for each in _points(tx, [flow.flow_id])[flow.flow_id] if each.point_id == step_id), None)
    if point is None:
        raise not_found()
    if point.purpose is None:
        raise refused(("step_id", "This step is not started by the API"))
    people = _people(tx, flow.audience_id, called)
    facts = _keep(call, tx, flow, step_id, called, people)

    def then() -> Mapping[str, str]:
        if point.purpose == "enter" and flow.state in ("paused", "draining"):
            raise _not_live(flow)
        return _judged(call, facts) if point.purpose == "enter" and len(called) == 1 else {}

    return Answer(then=then)


def _read(form: CallForm) -> list[Called]:
    if form.contacts is None:
        if not form.email_address:
            raise refused(("email_address", "Required fields were not provided: email_address"))
        called = [Called(email_address=form.email_address, properties=form.properties or {})]
    else:
        called = [fit(each, Called, "contacts") for each in form.contacts]
        if not 1 <= len(called) <= MOST_CONTACTS:
            raise refused(("contacts", f"Array must have 1 to {MOST_CONTACTS} items, {len(called)} found"))
    for each in called:
        _check(each)
    return called


def _check(called: Called) -> None:
    if "@" in called.email_address:
        with words.refusing_like_them(called.email_address):
            contacts.check_address(called.email_address)
    elif not _is_id(called.email_address):
        raise Invalid(words.REFUSALS["bad_address"], where="email_address")
    if len(msgspec.json.encode(called.properties)) > LARGEST:
        raise refused(("properties", f"At most {LARGEST:,} bytes"))


def _is_id(name: str) -> bool:
    """MD5 of an address, or a contact id: both have 32 hex digits."""
    try:
        return bool(UUID(name))
    except ValueError:
        return False


def _people(tx: Transaction, audience_id: int, called: Sequence[Called]) -> dict[str, Contact]:
    """The contacts by the name that the call gave them, locked: their changes and events are serial."""
    names = [each.email_address for each in called]
    people = contacts.find_many(tx, audience_id, names, lock=True)
    if missing := [name for name in names if name not in people]:
        raise NotFound(
            f"there is no contact {missing[0]!r} in the audience of this flow", mend="Add the contact first."
        )
    return people


def _keep(
    call: Call, tx: Transaction, flow: Any, step_id: int, called: Sequence[Called], people: Mapping[str, Contact]
) -> dict[UUID, int]:
    """Append the facts. Event id → bucket, of those that were not told before under the same key."""
    key = call.idempotency_key()
    events, buckets = [], []
    for each in called:
        contact = people[each.email_address]
        payload = ApiCalled(flow_id=flow.flow_id, step_id=step_id, properties=each.properties)
        own_key = f"flow_api:{flow.flow_id}:{step_id}:{contact.contact_id}:{key}" if key else None
        event = NewEvent(
            API_CALLED, payload, contact.account_id, contact.audience_id, contact.contact_id, "api", key=own_key,
            bulk=len(called) > 1,
        )  # fmt: skip
        events.append(event)
        buckets.append(contact.bucket)
    facts = dict(zip(append(tx, call.now, events), buckets, strict=True))
    kept = appended(tx, call.now, facts) if key else facts.keys()
    return {event_id: bucket for event_id, bucket in facts.items() if event_id in kept}


def _judged(call: Call, facts: Mapping[UUID, int]) -> Mapping[str, str]:
    """Why the contact did not enter, if that is known in time."""
    judge = call.context.judge_now
    if judge is None:
        return {}
    for event_id, bucket in facts.items():
        reason = judge(event_id, bucket, PATIENCE)
        return {"x-entry-result": reason} if reason and reason != "entered" else {}
    return {"x-entry-result": "duplicate_entry"}


def _flow(call: Call, tx: Transaction) -> Any:
    flow_id = read_number(call.path["journey_id"])
    flow = tx.row(queries.find_journey, account_id=call.account_id, flow_id=flow_id)
    if flow is None:
        raise not_found()
    return flow


def _points(tx: Transaction, flow_ids: Sequence[int]) -> dict[int, list[Any]]:
    points: dict[int, list[Any]] = {flow_id: [] for flow_id in flow_ids}
    if flow_ids:
        for row in tx.rows(queries.points_of_journeys, flow_ids=list(flow_ids), called=API_CALLED.key):
            points[row.flow_id].append(row)
    return points


def _not_live(flow: Any) -> Conflict:
    return Conflict(f"the flow {flow.name!r} is {flow.state}, not live", code="flow_not_live", mend="Turn it on.")
