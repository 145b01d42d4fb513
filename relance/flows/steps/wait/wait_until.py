"""Wait until: a time of day, a date, a contact's date, a date in the run's context (spec/flows.md 6.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from relance.audience import events
from relance.db.sql import load_queries
from relance.events.model import EventKind
from relance.flows.contexts import decoded_contexts
from relance.flows.definition.settings_types import WEEKDAYS, FieldRef, Settings, TimeOfDay, Weekday
from relance.flows.steps.shape import Arrivals, StepKind, StepPlace
from relance.flows.triggers.dates.moment import feb29
from relance.flows.words import Label
from relance.kernel.dates import at_local, birthday_in, local_day, plus_days, zone

queries = load_queries(__package__)

USUAL = "09:00"
"""The time of day of a date that has none."""

FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""What every zone can show. Dates that stand for "never" (9999-12-31) lie at or past the end of the calendar."""


class WaitUntilSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of four: ``date``, as 2026-06-01 or 2026-06-01 18:00; ``field``, of type date or birthday; ``event_date``, a
    path in the event that let the contact in; else the next ``time`` on one of the ``weekdays`` (none: any day). Dates
    may be moved by ``offset``; ``every_year`` takes the next anniversary of a date field. In the flow's zone."""

    time: TimeOfDay | None = None
    weekdays: list[Weekday] = msgspec.field(default_factory=list)
    date: Annotated[str, Meta(min_length=1)] | None = None
    field: FieldRef | None = None
    event_date: Annotated[str, Meta(min_length=1)] | None = None
    offset: Annotated[int, Meta(ge=0, le=365)] = 0
    unit: Literal["day", "week"] = "day"
    direction: Literal["before", "on", "after"] = "on"
    every_year: bool = False
    if_past: Literal["go_on", "exit"] = "go_on"


def args(settings: WaitUntilSettings, _: StepPlace) -> dict[str, Any]:
    days = settings.offset * (7 if settings.unit == "week" else 1)
    return {
        "time": settings.time,
        "weekdays": [WEEKDAYS.index(day) for day in settings.weekdays],
        "date": settings.date,
        "field": settings.field,
        "event_date": settings.event_date,
        "shift": {"before": -days, "on": 0, "after": days}[settings.direction],
        "every_year": settings.every_year,
        "if_past": settings.if_past,
    }


def moved_by(settings: WaitUntilSettings, _: StepPlace) -> Sequence[tuple[EventKind, str]]:
    """A field edited while people wait moves their moment; so does another zone."""
    field = [(events.FIELD_CHANGED, str(settings.field))] if settings.field else []
    return [*field, (events.ATTRIBUTE_CHANGED, "zone")]


def arrive(here: Arrivals) -> None:
    """Also for people who have been woken: the moment is reckoned from their arrival, on their data of now."""
    values = _values(here)
    for mover in here.movers:
        step, arrived = here.args(mover), mover.arrived_at or here.now
        where = zone(mover.zone)
        moment = moment_of(step, arrived, where, values.get(mover.run_id), feb29_on=feb29(mover.account))
        seen = {"until": moment.isoformat()} if moment else None
        if moment is None:
            here.cross([mover], "no_date", "B07")
        elif moment < arrived and step["if_past"] == "exit":
            here.end([mover], "X17", "B08", seen)
        elif moment < arrived:
            here.cross([mover], "next", "B08", seen)
        elif moment <= here.now:
            here.cross([mover], "next", "B06" if arrived == here.now else "", seen)
        else:
            here.rest([mover], moment, "W07", seen=seen)


def _values(here: Arrivals) -> dict[UUID, Any]:
    """What is written in the contact's field or in the run's context, by run."""
    found: dict[UUID, Any] = {}
    asked = []
    contexts = decoded_contexts(here.tx, [mover for mover in here.movers if here.args(mover)["event_date"]])
    for mover in here.movers:
        step = here.args(mover)
        if step["field"]:
            asked.append((mover, str(step["field"])))
        elif step["event_date"]:
            found[mover.run_id] = _at_path(contexts.get(mover.run_id, {}), step["event_date"])
    if asked:
        rows = here.tx.rows(
            queries.values_of_fields,
            buckets=[mover.bucket for mover, _ in asked],
            contacts=[mover.contact_id for mover, _ in asked],
            runs=[mover.run_id for mover, _ in asked],
            fields=[field for _, field in asked],
        )
        found |= {row.run_id: row.value for row in rows}
    return found


def _at_path(context: Mapping[str, Any], path: str) -> Any:
    value = context.get("event")
    for part in path.removeprefix("event.").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def moment_of(
    step: Mapping[str, Any], arrived: datetime, where: ZoneInfo, value: Any, *, feb29_on: int
) -> datetime | None:
    """When the wait is over. None: there is no date. It may lie before ``arrived``, unless it repeats."""
    if step["field"] or step["event_date"]:
        written = value
    elif step["date"]:
        written = step["date"]
    else:
        return _next_time(time.fromisoformat(step["time"]), step["weekdays"], arrived, where)
    if not isinstance(written, str):
        return None
    at = time.fromisoformat(step["time"] or USUAL)
    try:
        if month_day := _yearly(written, every_year=step["every_year"]):
            return _next_anniversary(month_day, step["shift"], at, arrived, where, feb29_on)
        return _dated(written, step["shift"], at if step["time"] or len(written) <= len("2026-06-01") else None, where)
    except ValueError:
        return None


def _next_time(at: time, weekdays: Sequence[int], arrived: datetime, where: ZoneInfo) -> datetime:
    today = local_day(arrived, where)
    days = [today + timedelta(days=n) for n in range(9)]
    return next(
        moment
        for day in days
        if (not weekdays or day.weekday() in weekdays) and (moment := at_local(day, at, where)) >= arrived
    )


def _yearly(written: str, *, every_year: bool) -> int:
    """Month times 100 plus day of a birthday, or of a date whose anniversaries count; else 0."""
    if len(written) == len("03/14") and written[2] == "/":
        return int(written[:2]) * 100 + int(written[3:])
    if every_year and len(written) >= len("2026-03-14"):
        return int(written[5:7]) * 100 + int(written[8:10])
    return 0


def _next_anniversary(
    month_day: int, shift: int, at: time, arrived: datetime, where: ZoneInfo, feb29_on: int
) -> datetime:
    year = local_day(arrived, where).year
    near = [birthday_in(one, month_day, feb29_on=feb29_on) for one in range(year - 1, year + 4)]
    days = [day + timedelta(days=shift) for day in near]
    return next(moment for day in days if (moment := at_local(day, at, where)) >= arrived)


def _dated(written: str, shift: int, at: time | None, where: ZoneInfo) -> datetime:
    """A date, or an instant; one without a zone is of ``where``. Never later than LAST, nor before FIRST. Raises
    ValueError for any other text."""
    try:
        return max(FIRST, min(LAST, _exactly(written, shift, at, where)))
    except OverflowError:
        return FIRST if written < "5" else LAST


def _exactly(written: str, shift: int, at: time | None, where: ZoneInfo) -> datetime:
    if len(written) <= len("2026-06-01"):
        return at_local(date.fromisoformat(written) + timedelta(days=shift), at or time.fromisoformat(USUAL), where)
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        return at_local(instant.date() + timedelta(days=shift), at or instant.time(), where)
    if at is not None:
        return at_local(local_day(instant, where) + timedelta(days=shift), at, where)
    return plus_days(instant, shift, where)


def is_date(written: str) -> bool:
    """Whether ``date`` can be read."""
    try:
        _dated(written, 0, None, zone("UTC"))
    except ValueError:
        return False
    return True


WAIT_UNTIL = StepKind(
    key="wait_until",
    label=Label("Wait until", "Attendre jusqu’à"),
    family="rule",
    settings=WaitUntilSettings,
    outcomes=lambda _: ("next", "no_date"),
    args=args,
    arrive=arrive,
    arrives_anew=True,
    moved_by=moved_by,
)
