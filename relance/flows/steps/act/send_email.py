"""Send email (spec/flows.md 6.2): queue one delivery per (run, step); the run goes on when it is sent or skipped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from relance.audience.conditions.store import condition_id
from relance.audience.events import ATTRIBUTE_CHANGED
from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import EventKind, NewEvent
from relance.flows.definition.settings_types import Duration, EmailRef, SendWindow, Settings
from relance.flows.leaving import NOW, Moment, bounds_of, window_args
from relance.flows.leaving import moment as look
from relance.flows.steps.shape import Arrivals, Mover, PublishedStep, StepKind, StepPlace
from relance.flows.words import Label
from relance.kernel.ids import derived_uuid
from relance.messages.events import SKIPPED, Skipped
from relance.messages.restraint import RESTRAINED, quiet_hours

queries = load_queries(__package__)

CHANNEL = "email"


class EmailContent(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the message holds. ``text`` "" is derived from the HTML; an empty sender is the audience's."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    subject: str = ""
    html: str = ""
    text: str = ""
    preview: str = ""
    from_name: str = ""
    from_email: str = ""
    reply_to: str = ""


class SendEmailSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``window`` takes the place of the flow's. ``skip_if_late`` in seconds, from when it could first have left."""

    message: EmailRef
    content: EmailContent
    message_class: Literal["marketing", "transactional"] = "marketing"
    once_per_contact: bool = False
    track_opens: bool = True
    track_clicks: bool = True
    window: SendWindow | None = None
    skip_if_late: Duration | None = None


def args(settings: SendEmailSettings, place: StepPlace) -> dict[str, Any]:
    found: dict[str, Any] = {
        "message": settings.message,
        "class": settings.message_class,
        "once_per_contact": settings.once_per_contact,
    }
    if window := _window(settings, place):
        found["window"] = window_args(window)
    if settings.skip_if_late:
        found["skip_if_late"] = settings.skip_if_late
    return found


def _window(settings: SendEmailSettings, place: StepPlace) -> SendWindow | None:
    """Of the step, else of the flow."""
    window = settings.window if settings.window is not None else place.window
    return None if window is None or window.is_always else window


def moved_by(settings: SendEmailSettings, place: StepPlace) -> Sequence[tuple[EventKind, str]]:
    """Another zone moves a window that goes by the contact's clock."""
    return [(ATTRIBUTE_CHANGED, "zone")] if place.zone == "contact" and _window(settings, place) else []


def arrive(here: Arrivals) -> None:
    """Also for people who have waited for a window: whether it is open is looked at anew."""
    moments = _moments(here)
    queued: list[tuple[Mover, datetime | None]] = []
    skipped: list[tuple[Mover, Moment]] = []
    for mover in here.movers:
        moment = moments.get(mover.run_id) if moments else None
        if mover.late == "ending":
            here.end([mover], "X08")
        elif mover.late == "skipping":
            # The resume said that a message out of a long pause is not sent any more.
            skipped.append((mover, Moment("S15", here.now)))
        elif moment is None:
            queued.append((mover, None))
        elif moment.code == NOW:
            queued.append((mover, moment.since if moment.since < here.now else None))
        elif moment.until is None:
            skipped.append((mover, moment))
        else:
            here.rest([mover], moment.until, moment.code, seen=moment.seen)
    _queue(here, queued)
    _skip(here, _staying(here, skipped))


def _moments(here: Arrivals) -> dict[UUID, Moment]:
    """Of those whose message is bounded by anything. Everybody at one step with one clock has one moment."""
    bounded = [(step, movers) for step, movers in here.by_step() if _is_bounded(step, movers[0])]
    homes = _homes(here, [mover for _, movers in bounded for mover in movers])
    found: dict[UUID, Moment] = {}
    for step, movers in bounded:
        known: dict[tuple[str, str, datetime], Moment] = {}
        for mover in movers:
            home = homes.get(mover.contact_id, mover.zone)
            bounds = bounds_of(step.args, step.args["class"], mover.account, CHANNEL, mover.zone, home)
            ready = min(mover.ready, here.now)
            key = (mover.zone, home, ready)
            if key not in known:
                known[key] = look(here.now, ready, bounds)
            found[mover.run_id] = known[key]
    return found


def _is_bounded(step: PublishedStep, mover: Mover) -> bool:
    """Whether there is any bound for the people at one step, who are all of one account."""
    return bounds_of(step.args, step.args["class"], mover.account, CHANNEL, mover.zone, mover.zone).any


def _homes(here: Arrivals, bounded: Sequence[Mover]) -> dict[UUID, str]:
    """The contacts' own zones, else the account's: only where there are hours of quiet."""
    movers = [
        mover for mover in bounded if here.args(mover)["class"] == RESTRAINED and quiet_hours(mover.account, CHANNEL)
    ]
    if not movers:
        return {}
    rows = here.tx.rows(
        queries.zones_at_home,
        buckets=[mover.bucket for mover in movers],
        contacts=[mover.contact_id for mover in movers],
    )
    return {row.contact_id: row.zone for row in rows}


def _queue(here: Arrivals, queued: Sequence[tuple[Mover, datetime | None]]) -> None:
    """One statement. What the people at one step have in common is sent once, and named by its place."""
    if not queued:
        return
    heads: dict[tuple[Any, ...], list[Mover]] = {}
    for m, ready in queued:
        head = (m.account_id, m.audience_id, m.flow_id, m.version_id, m.step_id, m.depth, m.lane, ready)
        heads.setdefault(head, []).append(m)
    accounts, audiences, flows, versions, steps, depths, lanes, readies = map(list, zip(*heads, strict=True))
    settings = [here.steps[version, step].args for version, step in zip(versions, steps, strict=True)]
    movers = [mover for people in heads.values() for mover in people]
    here.tx.run(
        queries.queue_emails,
        now=here.now,
        buckets=[mover.bucket for mover in movers],
        contacts=[mover.contact_id for mover in movers],
        runs=[mover.run_id for mover in movers],
        heads=[place for place, people in enumerate(heads.values(), 1) for _ in people],
        accounts=accounts,
        audiences=audiences,
        flows=flows,
        versions=versions,
        steps=steps,
        depths=depths,
        lanes=lanes,
        readies=readies,
        messages=[step["message"] for step in settings],
        classes=[step["class"] for step in settings],
    )
    here.tx.wake("send")
    for people in heads.values():
        here.rest(people, None, "W10", state="sending")


def _staying(here: Arrivals, skipped: Sequence[tuple[Mover, Moment]]) -> Sequence[tuple[Mover, Moment]]:
    """Without those whose run ends first: exits, and the condition to go on, are asked before every send (5.1, 5.6)."""
    if not skipped:
        return skipped
    rows = here.tx.rows(queries.ends_of_flows, flows=list({mover.flow_id for mover, _ in skipped}))
    asked = []
    for code, wanted in (("X01", True), ("X03", False)):
        of_flow = {row.flow_id: condition_id(row.audience_id, row.condition) for row in rows if row.code == code}
        asked += [(m, of_flow[m.flow_id], code, wanted) for m, _ in skipped if m.flow_id in of_flow]
    ends: dict[UUID, str] = {}
    answers = here.ask([(mover, condition) for mover, condition, _, _ in asked])
    for (mover, _, code, wanted), (true, _) in zip(asked, answers, strict=True):
        if true is wanted:
            ends.setdefault(mover.run_id, code)
    for mover, _ in skipped:
        if mover.run_id in ends:
            here.end([mover], ends[mover.run_id])
    return [(mover, moment) for mover, moment in skipped if mover.run_id not in ends]


def _skip(here: Arrivals, skipped: Sequence[tuple[Mover, Moment]]) -> None:
    """Told like any other message that does not leave."""
    if not skipped:
        return
    movers = [mover for mover, _ in skipped]
    steps = [here.args(mover) for mover in movers]
    here.tx.run(
        queries.skip_emails,
        now=here.now,
        buckets=[mover.bucket for mover in movers],
        deliveries=[derived_uuid(mover.run_id, mover.step_id) for mover in movers],
        accounts=[mover.account_id for mover in movers],
        audiences=[mover.audience_id for mover in movers],
        contacts=[mover.contact_id for mover in movers],
        messages=[step["message"] for step in steps],
        classes=[step["class"] for step in steps],
        flows=[mover.flow_id for mover in movers],
        versions=[mover.version_id for mover in movers],
        runs=[mover.run_id for mover in movers],
        steps=[mover.step_id for mover in movers],
        depths=[mover.depth for mover in movers],
        codes=[moment.code for _, moment in skipped],
    )
    append(here.tx, here.now, [_told(here, mover, moment) for mover, moment in skipped])
    for mover in movers:
        here.rest([mover], None, "", state="sending")


def _told(here: Arrivals, mover: Mover, moment: Moment) -> NewEvent:
    payload = Skipped(
        message_id=here.args(mover)["message"],
        code=moment.code,
        delivery_id=derived_uuid(mover.run_id, mover.step_id),
        flow_id=mover.flow_id,
        run_id=mover.run_id,
        step_id=mover.step_id,
        seen=moment.seen,
    )
    return here.fact(mover, SKIPPED, payload)


SEND_EMAIL = StepKind(
    key="send_email",
    label=Label("Send email", "Envoyer un e-mail"),
    family="action",
    settings=SendEmailSettings,
    args=args,
    arrive=arrive,
    arrives_anew=True,
    moved_by=moved_by,
)
