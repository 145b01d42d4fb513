"""Every step kind, in the order in which the editor offers them (spec/flows.md section 6)."""

from __future__ import annotations

from typing import Any

from relance.flows.steps.act.add_tag import ADD_TAG
from relance.flows.steps.act.archive import ARCHIVE
from relance.flows.steps.act.call_webhook import CALL_WEBHOOK
from relance.flows.steps.act.join_group import JOIN_GROUP
from relance.flows.steps.act.leave_group import LEAVE_GROUP
from relance.flows.steps.act.notify_team import NOTIFY_TEAM
from relance.flows.steps.act.remove_tag import REMOVE_TAG
from relance.flows.steps.act.send_email import SEND_EMAIL
from relance.flows.steps.act.set_goal import SET_GOAL
from relance.flows.steps.act.start_flow import START_FLOW
from relance.flows.steps.act.stop_flow import STOP_FLOW
from relance.flows.steps.act.unsubscribe import UNSUBSCRIBE
from relance.flows.steps.act.update_field import UPDATE_FIELD
from relance.flows.steps.choose.if_else import IF_ELSE
from relance.flows.steps.choose.split_percent import SPLIT_PERCENT
from relance.flows.steps.shape import StepKind
from relance.flows.steps.wait.delay import DELAY
from relance.flows.steps.wait.wait_for_trigger import WAIT_FOR_TRIGGER
from relance.flows.steps.wait.wait_until import WAIT_UNTIL

STEPS: tuple[StepKind[Any], ...] = (
    IF_ELSE,
    SPLIT_PERCENT,
    WAIT_FOR_TRIGGER,
    DELAY,
    WAIT_UNTIL,
    SEND_EMAIL,
    ADD_TAG,
    REMOVE_TAG,
    JOIN_GROUP,
    LEAVE_GROUP,
    UPDATE_FIELD,
    UNSUBSCRIBE,
    ARCHIVE,
    START_FLOW,
    STOP_FLOW,
    SET_GOAL,
    CALL_WEBHOOK,
    NOTIFY_TEAM,
)

_BY_KEY = {kind.key: kind for kind in STEPS}


def step_kind(key: str) -> StepKind[Any] | None:
    """The kind of that key, or None."""
    return _BY_KEY.get(key)
