"""Triggers as a flow file writes them: read, stored and written out, they are what they were."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from relance.flows.definition.file import read_flow
from relance.flows.definition.forms import form_of
from relance.flows.definition.names import NamedField, NamedGroup, NamedMessage, Names
from relance.flows.definition.resolve import resolve
from relance.flows.definition.writer import Writer
from relance.flows.triggers.registry import TRIGGERS, trigger_kind

NAMES = Names(
    tags={1: "vip"},
    fields=[
        NamedField(2, "CITY", "City", "text"),
        NamedField(3, "BIRTHDAY", "Birthday", "birthday"),
        NamedField(4, "RENEWAL", "Renewal", "date"),
        NamedField(5, "POINTS", "Points", "number"),
        NamedField(6, "HOME", "Home", "address"),
        NamedField(7, "CLUB", "Club", "yes_no"),
    ],
    groups=[NamedGroup(8, "Ferns", 9, "Interests")],
    messages=[NamedMessage(10, "Spring news")],
    flows={11: "Welcome"},
)

WRITTEN: list[dict[str, Any]] = [
    {"tag_removed": "vip"},
    {"group_joined": "Ferns"},
    {"group_left": "Ferns"},
    {"unsubscribed": {"by": "self"}},
    {"field_changed": {"field": "CITY", "value": "Paris"}},
    {"field_changed": {"field": "POINTS", "value": 12.5, "include_creation": True}},
    {"field_changed": {"field": "HOME", "value": {"city": "Paris"}}},
    {"field_changed": {"field": "CLUB", "value": False}},
    {"field_rule": "CITY"},
    {"field_rule": {"field": "CITY", "from": "Lyon", "to": "Paris"}},
    {"field_rule": {"field": "CITY", "filled": True}},
    {"field_rule": {"field": "CITY", "becomes_blank": True}},
    {"field_rule": {"field": "POINTS", "crosses_above": 100}},
    {"field_rule": {"field": "POINTS", "crosses_below": 2.5}},
    {"birthday": {"field": "BIRTHDAY", "days_before": 3, "at": "08:30", "zone": "contact"}},
    {"date_specific": {"field": "RENEWAL", "weeks_after": 2, "at": "09:00"}},
    {"date_recurring": {"field": "RENEWAL", "at": "09:00"}},
    {"date_added": {"at": "09:00"}},
    {"date_added": {"days_after": 30, "every_year": True, "at": "10:00"}},
    {"schedule": {"every": "day", "at": "09:00"}},
    {"schedule": {"every": "week", "on": ["mon", "thu"], "at": "08:30", "once_each": True}},
    {"schedule": {"every": "month", "on": "last", "zone": "contact", "at": "09:00"}},
    {"schedule": {"every": "month", "on": [1, 15], "at": "09:00"}},
    {"flow_ended": "Welcome"},
    {"flow_ended": {"flow": "Welcome", "how": "any"}},
    {"goal_reached": {"flow": "Welcome"}},
    {"goal_reached": {"name": "paid"}},
]


@pytest.mark.parametrize("written", WRITTEN, ids=lambda one: next(iter(one)))
def test_what_is_written_is_read_and_written_again(written: dict[str, Any]) -> None:
    text = yaml.safe_dump({"flow": "F", "audience": "A", "triggers": [written], "steps": [{"add_tag": "vip"}]})
    resolved = resolve(read_flow(text), NAMES)
    assert resolved.problems == []
    stored = resolved.triggers[0]
    kind = trigger_kind(stored.kind)
    assert kind is not None
    assert {stored.kind: form_of(stored.kind).write(Writer(NAMES), kind.settings, stored.settings)} == written


@pytest.mark.parametrize("kind", TRIGGERS, ids=lambda kind: kind.key)
def test_a_kind_says_what_it_is_in_two_languages(kind: Any) -> None:
    assert "" not in (kind.label.en, kind.label.fr)
    assert kind.label.en != kind.label.fr
    assert len({one.number for one in TRIGGERS}) == len(TRIGGERS)
