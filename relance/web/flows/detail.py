"""One flow: its map with the numbers, what keeps people out, and the buttons of its life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from relance.db.pool import Transaction
from relance.flows.definition.problems import Problem
from relance.flows.figures import Figures, figures
from relance.flows.resume import missed
from relance.web.flows.find import Names, ShownFlow, find_flow
from relance.web.flows.map import Mapper
from relance.web.flows.problems import told
from relance.web.flows.words import STATES, Words, reason
from relance.web.language import mark
from relance.web.visit import Page, Visit

ACTIONS = {
    "draft": ("turn_on",),
    "live": ("pause", "drain"),
    "broken": ("pause", "drain"),
    "paused": ("drain",),  # the form below asks how to resume
    "draining": ("resume", "pause"),
}

BUTTONS = {
    "turn_on": (mark("Turn on"), "power", "primary"),
    "resume": (mark("Resume"), "play", "primary"),
    "pause": (mark("Pause"), "pause", ""),
    "drain": (mark("Let nobody else in"), "lock", "quiet"),
}

DONE = {
    "turn_on": mark("The flow is on. People enter from now on."),
    "resume": mark("The flow goes on. People who were waiting continue."),
    "pause": mark("The flow is paused. People inside stay where they are."),
    "drain": mark("Nobody else enters. People inside go on to their end."),
}


def show(visit: Visit, tx: Transaction) -> Page:
    done = visit.query.get("done", "")
    return page(visit, tx, find_flow(visit, tx, visit.number("flow_id")), done=DONE.get(done, ""))


def page(
    visit: Visit, tx: Transaction, flow: ShownFlow, *, done: str = "", errors: Sequence[str] = (), status: int = 200
) -> Page:
    counted = figures(tx, visit.account_id, flow.flow_id)
    words = Words(visit.speaker, Names(tx, flow.row.audience_id))
    definition = flow.definition
    settings = definition.settings
    rules = []
    if settings.entry_filter:
        rules.append(visit.say("Only if %(rule)s", rule=words.condition(settings.entry_filter)))
    rules.append(visit.say("May come again") if settings.re_entry else visit.say("Once per person"))
    return Page(
        "flows/flow.html",
        {
            "section": "flows",
            "flow": flow.row,
            "state": STATES[flow.row.state],
            "buttons": _buttons(visit, flow),
            "done": visit.say(done) if done else "",
            "errors": errors,
            "problems": [told(visit.speaker, _problem(one)) for one in flow.row.problems],
            "paused_steps": len(flow.row.paused_steps),
            "missed": missed(tx, flow.row) if flow.row.state == "paused" and visit.may_change() else None,
            "triggers": [(words.trigger(trigger), counted.entered_by(trigger.id)) for trigger in definition.triggers],
            "by_hand": counted.entered_by(flow.flow_id),
            "rules": rules,
            "column": Mapper(flow, dict(counted.steps), words).draw(),
            "figures": counted,
            **_reasons(visit, counted),
        },
        status=status,
    )


def _problem(document: Mapping[str, Any]) -> Problem:
    return msgspec.convert(document, Problem)


def _buttons(visit: Visit, flow: ShownFlow) -> list[dict[str, str]]:
    if not visit.may_change():
        return []
    return [
        {"act": act, "word": visit.say(BUTTONS[act][0]), "icon": BUTTONS[act][1], "look": BUTTONS[act][2]}
        for act in ACTIONS.get(flow.row.state, ())
    ]


def _reasons(visit: Visit, counted: Figures) -> dict[str, Any]:
    def listed(codes: Mapping[str, int]) -> list[tuple[Any, int]]:
        return [(reason(visit.speaker, code), n) for code, n in codes.items()]

    return {
        "not_entered": listed(counted.not_entered()),
        "not_sent": listed(counted.not_sent()),
        "ended": listed(counted.ended()),
        "sent": sum(step.codes.get("S00", 0) for step in counted.steps.values()),
    }
