"""Conditions told in words."""

from __future__ import annotations

from typing import Any

import pytest

from relance.audience.conditions import human

NAMES = {
    ("field", 1): "City", ("field", 2): "Renewal", ("tag", 51): "vip", ("group", 61): "Roses", ("group", 62): "Ferns",
    ("message", 801): "Hello", ("link", 91): "fernandmoss.example",
    ("flow", 81): "Welcome",
}  # fmt: skip


def name(kind: str, object_id: int, /) -> str:
    return NAMES[kind, object_id]


def on(subject: str, op: str, value: Any = None, **options: Any) -> dict[str, Any]:
    return {"on": subject, "op": op, "value": value, **options}


PARIS, VIP = on("field:1", "is", "Paris"), on("tag", "has", 51)

SENTENCES = [
    ({"all": [PARIS, VIP]}, "City is Paris and has the tag vip", "City est Paris et a le tag vip"),
    ({"any": [PARIS, {"all": [VIP, on("vip", "yes")]}]}, "City is Paris or (has the tag vip and is a VIP)",
     "City est Paris ou (a le tag vip et est VIP)"),
    ({"none": [PARIS, VIP]}, "none of: City is Paris or has the tag vip",
    "aucun de\u00a0: City est Paris ou a le tag vip"),
    ({"all": []}, "everyone", "tout le monde"),
    (on("field:2", "greater", "2026-05-04"), "Renewal is after 2026-05-04", "Renewal est après le 2026-05-04"),
    (on("field:2", "within_last", 7), "Renewal is within the last 7 days", "Renewal est dans les 7 derniers jours"),
    (on("field:2", "month_is", 5), "Renewal is in May", "Renewal est en mai"),
    (on("field:1", "in", ["Paris", "Lyon"]), "City is one of Paris, Lyon", "City est parmi Paris, Lyon"),
    (on("event.seats", "between", [3, 5]), "event.seats is between 3 and 5", "event.seats est entre 3 et 5"),
    (on("groups:60", "none_of", [61, 62]), "is in none of the groups Roses, Ferns",
     "n’est dans aucun des groupes Roses, Ferns"),
    (on("email_status", "is_not", "non_subscribed"), "Email status is not non-subscribed",
     "Statut e-mail n’est pas non abonné"),
    (on("email_activity", "opened", 801), "opened the email Hello", "a ouvert l’e-mail Hello"),
    (on("email_activity", "opened", "any", count=3, window="last 30 days"),
    "opened any email (at least 3 emails) in the last 30 days",
     "a ouvert un e-mail quelconque (au moins 3 e-mails) dans les 30 derniers jours"),
    (on("email_activity", "not_clicked", 801, link=91), "did not click the link fernandmoss.example in the email Hello",
     "n’a pas cliqué sur le lien fernandmoss.example dans l’e-mail Hello"),
    (on("flow", "completed", 81), "has completed the flow Welcome", "a terminé le flux Welcome"),
    (on("flow", "exited", 81), "has left the flow Welcome before its end", "a quitté le flux Welcome avant la fin"),
    (on("custom_event:paid", "count_at_least", 2, where=[{"property": "plan", "op": "is", "value": "pro"}],
    window="since entry"),
     "paid happened at least 2 times (plan is pro) since entering the flow",
     "paid a eu lieu au moins 2 fois (plan est pro) depuis l’entrée dans le flux"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "english", "french"), SENTENCES, ids=[case[1] for case in SENTENCES])
def test_a_condition_in_words(source: dict[str, Any], english: str, french: str) -> None:
    assert human(source, name) == english
    assert human(source, name, "fr") == french


def test_another_language_falls_back_to_english() -> None:
    assert human(VIP, name, "de") == "has the tag vip"
