"""One flow: its map with the numbers, what keeps people out, and the buttons of its life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from relance.db.pool import Transaction
from relance.flows.definition.problems import Problem
from relance.flows.figures import Figures, conversions, figures
from relance.flows.lift import Rate
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
    if settings.one_run_per == "occurrence":
        rules[-1] = visit.say("Once per occurrence")
    if settings.holdout:
        rules.append(visit.say("%(share)s held out", share=visit.speaker.per_cent(settings.holdout / 100)))
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
            "objective": settings.objective,
            "column": Mapper(flow, dict(counted.steps), words).draw(),
            "figures": counted,
            "goal": _goal(visit, tx, flow),
            **_reasons(visit, counted),
        },
        status=status,
    )


def _goal(visit: Visit, tx: Transaction, flow: ShownFlow) -> dict[str, Any] | None:
    """Who reached the flow's goal, and what the hold-out tells: lines of (word, number), and a sentence."""
    goal = flow.definition.settings.goal
    if goal is None:
        return None
    found = conversions(tx, visit.now, visit.account_id, flow.flow_id, goal.within)
    lines = [(visit.say("Of those who entered"), _rate(visit, found.entered))]
    if not found.people_held_out:
        return {"lines": lines, "lift": ""}
    lines.append((visit.say("Of those held out"), _rate(visit, found.held_out)))
    lift, number = found.lift, visit.speaker.per_cent
    if lift is None:
        return {"lines": lines, "lift": visit.say("Too few people to tell whether the flow makes a difference.")}
    told = visit.say(
        "%(difference)s points by the flow; with 95 per cent certainty %(low)s to %(high)s.",
        difference=number(lift.difference, signed=True),
        low=number(lift.low, signed=True),
        high=number(lift.high, signed=True),
    )
    return {"lines": lines, "lift": told}


def _rate(visit: Visit, rate: Rate) -> str:
    if rate.share is None:
        return "–"
    numbers = visit.say(
        "%(n)s of %(people)s", n=visit.speaker.number(rate.converted), people=visit.speaker.number(rate.people)
    )
    return f"{numbers} · {visit.speaker.per_cent(rate.share)}"


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
