"""One person: who they are, what happened, and why a flow did what it did."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from relance.audience.contacts.find import find
from relance.audience.fields.store import list_fields
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows import inside
from relance.flows.engine import inspect
from relance.kernel.errors import Denied, Invalid, NotFound
from relance.kernel.ids import bucket_of
from relance.web.contacts.timeline import Timeline, source_word, status_word, value_text
from relance.web.flows.find import Names, find_flow
from relance.web.flows.words import Words, reason, seen_values
from relance.web.language import mark
from relance.web.places import read_place, write_place
from relance.web.visit import Answer, Page, Redirect, Visit

queries = load_queries(__package__)

EVENTS_A_PAGE = 60

NOBODY = mark("Nobody in this flow’s audience has this address.")


def show(visit: Visit, tx: Transaction) -> Page:
    person = _contact(visit, tx)
    key = {"bucket": bucket_of(person.contact_id), "contact_id": person.contact_id}
    words = Words(visit.speaker, Names(tx, person.audience_id))
    events = _events(visit, tx, key)
    lines = _timeline(visit, tx, person.audience_id, events[:EVENTS_A_PAGE])
    days = [(day, list(group)) for day, group in groupby(lines, key=lambda line: visit.speaker.day(line.at))]
    last = events[EVENTS_A_PAGE - 1] if len(events) > EVENTS_A_PAGE else None
    return Page(
        "contacts/contact.html",
        {
            **_head(visit, tx, person),
            "tags": tx.rows(queries.tags_of_contact, **key),
            "groups": tx.rows(queries.groups_of_contact, **key),
            "consent": _consent(visit, tx, person, key),
            "fields": _fields(tx, person),
            "runs": [_run(visit, words, row) for row in tx.rows(queries.runs_of_contact, **key)],
            "days": days,
            "older": write_place(last.recorded_at, last.event_id) if last else "",
            "paged": "before" in visit.query,
        },
    )


def show_decisions(visit: Visit, tx: Transaction) -> Page:
    """Everything decided about the person in one flow, in order."""
    person = _contact(visit, tx)
    flow = find_flow(visit, tx, visit.number("flow_id"))
    trail = inspect.why(tx, flow.flow_id, person.contact_id, visit.speaker.language)
    words = Words(visit.speaker, Names(tx, person.audience_id))
    titles = {step.id: words.step(step).title for step in flow.definition.steps}
    decisions = [
        {
            "decision": decision,
            "reason": reason(visit.speaker, decision.code),
            "seen": seen_values(visit.speaker, decision.seen, words.names),
            "number": flow.number_of(decision.step_id) if decision.step_id else None,
            "step": titles.get(decision.step_id or 0, decision.step) or "",
            "event": decision.event_kind or "",
        }
        for decision in trail
    ]
    others = tx.rows(queries.other_flows, account_id=visit.account_id, audience_id=person.audience_id)
    return Page(
        "contacts/decisions.html",
        {
            **_head(visit, tx, person), "flow": flow.row, "decisions": decisions, "others": others,
            "changes": visit.may_change() and flow.row.state not in ("draft", "archived"),
            "blocked": inside.is_blocked(tx, flow.flow_id, person.contact_id),
        },
    )  # fmt: skip


def act_in_flow(visit: Visit, tx: Transaction) -> Answer:
    """Take the person out of the flow, let them come again, or forget their past runs. Raises Denied for a viewer."""
    person = _contact(visit, tx)
    flow = find_flow(visit, tx, visit.number("flow_id"))
    if not visit.may_change():
        raise Denied("a viewer changes nothing")
    held = find(tx, flow.row.audience_id, str(person.contact_id), lock=True)
    if held is None:
        raise NotFound("there is no such person", where=str(person.contact_id))
    match visit.form.get("act", ""):
        case "take_out":
            inside.take_out(tx, visit.now, flow.flow_id, held.contact_id, again="again" in visit.form)
        case "allow":
            inside.allow_again(tx, flow.flow_id, held.contact_id)
        case "reset":
            inside.reset(tx, visit.now, flow.flow_id, held.contact_id)
        case _:
            raise Invalid("there is no such button", where="act")
    return Redirect(f"/contacts/{held.contact_id}/flows/{flow.flow_id}")


def why(visit: Visit, tx: Transaction) -> Answer:
    """From an address to the decisions about that person in this flow."""
    flow = find_flow(visit, tx, visit.number("flow_id"))
    wanted = visit.query.get("contact", "").strip()
    error = ""
    if wanted:
        found = find(tx, flow.row.audience_id, wanted)
        if found is not None:
            return Redirect(f"/contacts/{found.contact_id}/flows/{flow.flow_id}")
        error = visit.say(NOBODY)
    values = {"section": "flows", "flow": flow.row, "wanted": wanted, "error": error}
    return Page("flows/why.html", values, status=404 if error else 200)


def _contact(visit: Visit, tx: Transaction) -> Any:
    contact_id = visit.uuid("contact_id")
    row = tx.row(queries.find_contact, bucket=bucket_of(contact_id), contact_id=contact_id, account_id=visit.account_id)
    if row is None:
        raise NotFound("there is no such person", where=str(contact_id))
    return row


def _head(visit: Visit, tx: Transaction, person: Any) -> dict[str, Any]:
    key = {"bucket": bucket_of(person.contact_id), "contact_id": person.contact_id}
    return {
        "section": "",
        "person": person,
        "name": _name(tx, person),
        "status": status_word(visit.speaker, person.email_status),
        "flows": tx.rows(queries.flows_of_contact, **key),
    }


def _name(tx: Transaction, person: Any) -> str:
    """First and last name, else the address, else that nothing is known."""
    by_tag = {field.tag: person.fields.get(field.key) for field in list_fields(tx, person.audience_id)}
    name = " ".join(str(by_tag[tag]) for tag in ("FNAME", "LNAME") if by_tag.get(tag))
    return name or person.email or person.sms_number or str(person.contact_id)


def _fields(tx: Transaction, person: Any) -> list[tuple[str, str]]:
    return [
        (field.name, value_text(person.fields[field.key]))
        for field in list_fields(tx, person.audience_id)
        if field.key in person.fields
    ]


def _consent(visit: Visit, tx: Transaction, person: Any, key: dict[str, Any]) -> list[dict[str, Any]]:
    proofs = {row.channel: row for row in tx.rows(queries.consent_of_contact, **key)}
    channels = [("email", mark("Email"), person.email_status)]
    if person.sms_number or person.sms_status:
        channels.append(("sms", mark("SMS"), person.sms_status))
    return [
        {
            "channel": visit.say(word),
            "status": status_word(visit.speaker, status),
            "good": status == "subscribed",
            "proof": proofs.get(channel),
            "source": source_word(visit.speaker, proofs[channel].source) if channel in proofs else "",
        }
        for channel, word, status in channels
    ]


def _run(visit: Visit, words: Words, row: Any) -> dict[str, Any]:
    step = row.label or (words.kind(row.kind) if row.kind else "?")
    return {"row": row, "step": step, "end": reason(visit.speaker, row.end_code) if row.end_code else None}


def _events(visit: Visit, tx: Transaction, key: dict[str, Any]) -> list[Any]:
    place = read_place(visit.query.get("before", ""))
    return tx.rows(queries.events_of_contact, **key, **place._asdict(), limit=EVENTS_A_PAGE + 1)


def _timeline(visit: Visit, tx: Transaction, audience_id: int, events: list[Any]) -> list[Any]:
    ids = {event.payload.get("flow_id") for event in events} - {None}
    flows = {row.flow_id: row.name for row in tx.rows(queries.flow_names, flows=list(ids))}
    timeline = Timeline(visit.speaker, Names(tx, audience_id), flows)
    return [timeline.line(event) for event in events]
