"""How the pages show triggers: what each listens to, in both languages."""

from __future__ import annotations

from typing import Any, cast

import pytest

from relance.flows.definition.model import Trigger
from relance.flows.triggers.registry import TRIGGERS
from relance.web.flows.find import Names
from relance.web.flows.words import ICONS, Words
from relance.web.language import Speaker

CALLED = {
    ("field", 2): "City",
    ("field", 4): "Renewal",
    ("flow", 11): "Trial",
    ("tag", 1): "vip",
    ("group", 8): "Ferns",
}

SHOWN: list[tuple[str, dict[str, Any], str, str]] = [
    ("tag_removed", {"tag": 1}, "“vip”", "«\u202fvip\u202f»"),
    (
        "event_api",
        {
            "name": "trial",
            "where": [{"property": "plan", "op": "is", "value": "pro"}, {"property": "n", "op": "blank"}],
        },
        "trial (plan is pro · n is blank)",
        "trial (plan est pro · n est vide)",
    ),
    ("group_left", {"group": 8}, "Ferns", "Ferns"),
    ("field_changed", {"field": 2, "value": "Paris"}, "City = Paris", "City = Paris"),
    (
        "field_changed",
        {"field": 2, "value": {"city": "Paris", "zip": "75001"}},
        "City = Paris, 75001",
        "City = Paris, 75001",
    ),
    ("field_rule", {"field": 2}, "City", "City"),
    ("field_rule", {"field": 2, "rule": "from_to", "old": 1, "new": 2}, "City: 1 → 2", "City: 1 → 2"),
    ("field_rule", {"field": 2, "rule": "crosses_below", "n": 3}, "City < 3", "City < 3"),
    ("date_specific", {"field": 4}, "Renewal · On the day, at 09:00", "Renewal · Le jour même, à 09:00"),
    ("date_added", {"offset": 30, "direction": "after"}, "30 days after, at 09:00", "30 jours après, à 09:00"),
    ("schedule", {"every": "week", "on": ["mon", "thu"], "time": "08:30"}, "Mon, Thu · 08:30", "lun., jeu. · 08:30"),
    ("schedule", {"every": "month", "on": [1, "last"]}, "1, 31 · 09:00", "1, 31 · 09:00"),
    ("schedule", {"every": "day"}, "09:00", "09:00"),
    ("flow_ended", {"flow": 11}, "Trial", "Trial"),
    ("goal_reached", {"flow": 11, "name": "paid"}, "Trial · paid", "Trial · paid"),
    ("unsubscribed", {}, "", ""),
]


def words(language: str) -> Words:
    return Words(Speaker(language), cast(Names, lambda kind, object_id: CALLED[kind, object_id]))


@pytest.mark.parametrize(("kind", "settings", "english", "french"), SHOWN)
def test_a_card_tells_what_it_listens_to(kind: str, settings: dict[str, Any], english: str, french: str) -> None:
    trigger = Trigger(id=1, kind=kind, settings=settings)
    assert words("en").trigger(trigger).detail == english
    assert words("fr").trigger(trigger).detail == french


@pytest.mark.parametrize("kind", TRIGGERS, ids=lambda kind: kind.key)
def test_every_trigger_has_its_icon(kind: Any) -> None:
    assert kind.key in ICONS
