"""Shapes, constants, and what a condition listens to."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from relance.audience import events
from relance.audience.conditions import SUBJECTS, FieldShape, Objects, Subjects, compile_condition, compose
from relance.audience.conditions.model import Compiled
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS

ALL = Subjects([*SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS])
OBJECTS = Objects(fields={1: FieldShape("text"), 2: FieldShape("text"), 3: FieldShape("date"), 4: FieldShape("number")})


def compiled(subject: str, op: str, value: Any = None, **options: Any) -> Compiled:
    return compile_condition({"on": subject, "op": op, "value": value, **options}, ALL, OBJECTS)


def test_one_form_is_one_shape_whatever_its_constants() -> None:
    paris, lyon = compiled("field:1", "is", "Paris"), compiled("field:2", "is", "LYON ")
    assert paris.shape == lyon.shape
    assert (paris.params, lyon.params) == (["1", "paris"], ["2", "lyon"])
    assert compiled("field:1", "is_not", "Paris").shape != paris.shape
    assert compiled("field:4", "is", 5).shape != paris.shape
    assert 0 < paris.shape < 2**63


@pytest.mark.parametrize("hidden", ["'; drop table contact; --", "100%s", "§p", "{holds}", "\\'"])
def test_no_constant_gets_into_the_text(hidden: str) -> None:
    for one in (
        compiled("field:1", "is_exactly", hidden),
        compiled(f"custom_event:{hidden}", "happened", where=[{"property": hidden, "op": "is", "value": hidden}]),
        compiled(f"event.{hidden}", "is", hidden),
    ):
        assert hidden not in one.shape_sql.replace("§p->", "")
        assert any(hidden in str(param) for param in one.params)


def test_texts_carry_no_per_cent_sign() -> None:
    """They are sent with parameters, where a per cent sign would start one."""
    for one in (
        compiled("field:3", "anniversary_within", 3),
        compiled("email_activity", "not_opened", 5),
        compiled("vip", "no"),
    ):
        assert "%" not in one.shape_sql + one.seen_sql


def test_time_dependent_conditions_say_so() -> None:
    assert compiled("field:3", "within_last", 7).time_dependent
    assert compiled("created", "not_within", 7).time_dependent
    assert compiled("custom_event:paid", "not_happened", window="last 7 days").time_dependent
    assert compiled(
        "custom_event:paid", "happened", where=[{"property": "at", "op": "within_last", "value": 3}]
    ).time_dependent
    assert not compiled("field:3", "greater", "2026-05-04").time_dependent
    assert not compiled("custom_event:paid", "happened", window="since entry").time_dependent


def test_it_listens_to_what_can_change_the_answer() -> None:
    def heard(subject: str, op: str, value: Any = None) -> set[tuple[str, str]]:
        return set(compiled(subject, op, value).listens) - {(events.CREATED.key, "")}

    assert heard("field:1", "is", "Paris") == {(events.FIELD_CHANGED.key, "1")}
    assert heard("tag", "has", 51) == {(events.TAG_ADDED.key, "51"), (events.TAG_REMOVED.key, "51")}
    assert heard("groups:60", "any_of", [61]) == {(events.GROUP_JOINED.key, "61"), (events.GROUP_LEFT.key, "61")}
    assert heard("vip", "yes") == {(events.ATTRIBUTE_CHANGED.key, "vip")}
    assert heard("custom_event:paid", "happened") == {(events.CUSTOM.key, "paid")}
    assert heard("event.plan", "is", "pro") == set()
    assert ("message.clicked", "801") in heard("email_activity", "clicked", 801)
    assert ("message.opened", "") in heard("email_activity", "opened", "any")
    assert (events.CREATED.key, "") in compiled("vip", "yes").listens


def test_composing_gives_the_same_text_for_the_same_shapes() -> None:
    one, two = compiled("vip", "yes"), compiled("field:1", "is", "Paris")
    text = compose({one.shape: one, two.shape: two}, "x")
    assert text == compose({two.shape: two, one.shape: one}, "x")
    assert "(x.params->>1)" in text
    assert "§p" not in text
    assert text.endswith("else false end")


def test_compiled_conditions_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        compiled("vip", "yes").shape = 3  # type: ignore[misc]
