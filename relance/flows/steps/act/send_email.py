"""Send email (spec/flows.md 6.2): queue one delivery per (run, step); the run goes on when it is sent or skipped."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from relance.db.sql import load_queries
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows.definition.settings_types import EmailRef, Settings
from relance.flows.steps.shape import Arrivals, Mover, StepKind, StepPlace
from relance.flows.words import Label
from relance.kernel.ids import derived_uuid
from relance.messages.events import SKIPPED, Skipped

queries = load_queries(__package__)


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
    message: EmailRef
    content: EmailContent
    message_class: Literal["marketing", "transactional"] = "marketing"
    once_per_contact: bool = False
    track_opens: bool = True
    track_clicks: bool = True


def args(settings: SendEmailSettings, _: StepPlace) -> dict[str, Any]:
    return {
        "message": settings.message,
        "class": settings.message_class,
        "once_per_contact": settings.once_per_contact,
    }


def arrive(here: Arrivals) -> None:
    """One statement. What the people at one step have in common is sent once, and named by its place."""
    skip_late(here)
    movers = [mover for mover in here.movers if not mover.late]
    if not movers:
        return
    heads: dict[tuple[int, ...], int] = {}
    headed = [
        heads.setdefault(
            (m.account_id, m.audience_id, m.flow_id, m.version_id, m.step_id, m.depth, m.lane), len(heads) + 1
        )
        for m in movers
    ]
    accounts, audiences, flows, versions, steps, depths, lanes = map(list, zip(*heads, strict=True))
    settings = [here.steps[version, step].args for version, step in zip(versions, steps, strict=True)]
    here.tx.run(
        queries.queue_emails,
        now=here.now,
        buckets=[mover.bucket for mover in movers],
        deliveries=[derived_uuid(mover.run_id, mover.step_id) for mover in movers],
        contacts=[mover.contact_id for mover in movers],
        runs=[mover.run_id for mover in movers],
        heads=headed,
        accounts=accounts,
        audiences=audiences,
        flows=flows,
        versions=versions,
        steps=steps,
        depths=depths,
        lanes=lanes,
        messages=[step["message"] for step in settings],
        classes=[step["class"] for step in settings],
    )
    here.tx.wake("send")
    for mover in movers:
        here.rest(mover, None, "W10", state="sending")


def skip_late(here: Arrivals) -> None:
    """People whose message comes out of a long pause: the resume said that it is not sent any more (S15), or that
    they leave (X08)."""
    movers = [mover for mover in here.movers if mover.late == "skipping"]
    for mover in here.movers:
        if mover.late == "ending":
            here.end(mover, "X08")
    if not movers:
        return
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
    )
    append(here.tx, here.now, [_too_late(here, mover) for mover in movers])
    for mover in movers:
        here.rest(mover, None, "", state="sending")


def _too_late(here: Arrivals, mover: Mover) -> NewEvent:
    payload = Skipped(
        message_id=here.args(mover)["message"],
        code="S15",
        delivery_id=derived_uuid(mover.run_id, mover.step_id),
        flow_id=mover.flow_id,
        run_id=mover.run_id,
        step_id=mover.step_id,
    )
    return here.fact(mover, SKIPPED, payload)


SEND_EMAIL = StepKind(
    key="send_email",
    label=Label("Send email", "Envoyer un e-mail"),
    family="action",
    settings=SendEmailSettings,
    args=args,
    arrive=arrive,
)
