"""What is said about conditions that cannot be used: code, place, and how to mend."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.audience.conditions import (
    SUBJECTS,
    FieldShape,
    Limits,
    Objects,
    Subjects,
    check,
    compile_condition,
    parse,
)
from relance.audience.conditions.parse import canonical, source_of
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.kernel.errors import Invalid
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS

ALL = Subjects([*SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS])
CITY, SPENT, RENEWAL, BORN, PLANT = 1, 2, 3, 4, 5
OBJECTS = Objects(
    fields={
        CITY: FieldShape("text"), SPENT: FieldShape("number"), RENEWAL: FieldShape("date"),
        BORN: FieldShape("birthday"),
        PLANT: FieldShape("choice", ("Fougère", "Rose")),
    },
    tags={51}, groups={61: 60}, messages={801}, links={(801, 91)},
    flows={81},
)  # fmt: skip


def problems(source: Any, limits: Limits | None = None) -> list[tuple[str, str]]:
    """(code, where) of each problem."""
    return [(problem.code, problem.where) for problem in check(source, ALL, OBJECTS, limits)]


def on(subject: str, op: str, value: Any = None, **options: Any) -> dict[str, Any]:
    return {"on": subject, "op": op, "value": value, **options}


GOOD = [
    on("field:1", "is", "Paris"), on("field:1", "is", 75), on("field:2", "between", ["1.50", 2]), on("field:2",
    "contains", 5),
    on("field:3", "within_last", "7"), on("field:4", "is", "2/29"), on("field:5", "in", ["rose", "FOUGERE"]),
    on("tag", "has", 51), on("groups:60", "any_of", [61]), on("email_activity", "opened", "any"), on("vip", "yes"),
    on("email_activity", "clicked", 801, link=91), on("custom_event:paid", "happened", window="since entry"),
    on("event.a.b", "is", "x", type="text"), on("flow", "not_inside", 81), {"all": []}, on("sms_status", "in", ["pending"]),
]  # fmt: skip


@pytest.mark.parametrize("source", GOOD, ids=str)
def test_a_condition_that_can_be_used_has_no_problems(source: dict[str, Any]) -> None:
    assert problems(source) == []
    assert compile_condition(source, ALL, OBJECTS).shape > 0


GONE = [
    on("field:9", "is", "Paris"), on("tag", "has", 52), on("groups:60", "any_of", [62]), on("groups:99", "any_of",
    [61]),
    on("flow", "started", 82), on("email_activity", "opened", 802), on("email_activity", "clicked", 801, link=92), on("field:5", "is", "Cactus"),
]  # fmt: skip


@pytest.mark.parametrize("source", GONE, ids=str)
def test_a_missing_object_is_v06(source: dict[str, Any]) -> None:
    assert problems({"all": [on("vip", "yes"), source]}) == [("V06", "all[1]")]


BAD = [
    on("vip", "is", True), on("vip", "yes", 3), on("feild:1", "is", "a"), on("field", "is", "a"), on("field.1", "is",
    "a"),
    on("field:one", "is", "a"), on("tag:51", "has"), on("tag", "has", "vip"), on("tag", "has", True), on("tag", "has",
    [51]),
    on("groups:60", "any_of", []), on("groups:60", "any_of", 61), on("groups:60", "any_of", [[61]]), on("field:1",
    "is", "  "),
    on("field:1", "is", "a\0b"), on("field:1", "is", "\ud800"), on("field:1", "is", ["a"]), on("field:1", "in", "a"),
    on("field:1", "at_least", 3), on("field:2", "is", "many"), on("field:2", "is", "nan"), on("field:2", "is", 10**400),
    on("field:2", "between", [3, 1]), on("field:2", "contains", "a"), on("field:3", "is", "04/05/2026"),
    on("field:3", "is", "2026-02-30"), on("field:3", "within_last", 0), on("field:3", "weekday_is", 8),
    on("field:4", "is", "02/30"), on("email", "blank"), on("rating", "is", 6), on("email_status", "is", "archived"),
    on("email_status", "is", ["subscribed"]), on("custom_event:paid", "count_is", -1), on("custom_event:", "happened"),
    on("custom_event:paid", "happened", where={}), on("custom_event:paid", "happened", where=[{"property": "a"}]),
    on("custom_event:paid", "happened", where=[on("a", "is", 1)]), on("custom_event:paid", "happened", window="lately"),
    on("custom_event:paid", "happened", window={"last": 7, "unit": ["days"]}), on("vip", "yes", window="last 7 days"),
    on("custom_event:paid", "happened", window={"since": ["entry"]}), on("custom_event:paid", "happened", window=7),
    on("event.plan", "is", "a", type="money"), on("event.plan", "is", "a", type=["text"]), on("event..plan", "is", "a"),
    on("email_activity", "opened", "all"), on("email_activity", "opened", 801, link=91), on("email_activity", "read",
    801),
    on("email_activity", "clicked", "any", link=91), on("email_activity", "not_opened", 801, count=2),
    on("email_activity", "clicked", 801, link=[91]), on("email_activity", "clicked", 801, count="many"),
]  # fmt: skip


@pytest.mark.parametrize("source", BAD, ids=str)
def test_what_makes_no_sense_is_told_with_its_place(source: dict[str, Any]) -> None:
    found = check({"any": [{"none": [source]}]}, ALL, OBJECTS)
    assert [(problem.code, problem.where.startswith("any[0].none[0]")) for problem in found] == [("invalid", True)]
    with pytest.raises(Invalid):
        compile_condition(source, ALL, OBJECTS)


@pytest.mark.parametrize(
    "source",
    [None, [], "vip", 3, {}, {"all": {}}, {"all": [], "any": []}, {"some": []}, {"all": [3]}, {"on": "vip"},
    {"op": "is"},
     {"on": 3, "op": "is"}, {"on": "vip", "op": "yes", "extra": 1}, {"on": "", "op": "is"}, {True: "vip", "op": "yes"}],
    ids=str,
)  # fmt: skip
def test_a_malformed_source_is_one_problem(source: Any) -> None:
    assert [code for code, _ in problems(source)] == ["invalid"]


def test_every_problem_is_told_at_once() -> None:
    source = {"all": [on("vip", "maybe"), {"any": [on("tag", "has", 52), on("tag", "has", 51), on("nobody", "is", 1)]}]}
    assert problems(source) == [("invalid", "all[0]"), ("V06", "all[1].any[0]"), ("invalid", "all[1].any[2]")]


def test_the_nearest_word_is_offered() -> None:
    (operator,) = check(on("field:1", "contain", "a"), ALL, OBJECTS)
    (subject,) = check(on("emial", "is", "a"), ALL, OBJECTS)
    assert operator.mend.startswith("Did you mean contains?")
    assert subject.mend == "Did you mean email?"


def test_a_test_inside_where_has_its_own_place() -> None:
    where = [{"property": "plan", "op": "is", "value": "pro"}, {"property": "seats", "op": "many"}]
    assert problems(on("custom_event:paid", "happened", where=where)) == [("invalid", "all[0].where[1]")]


def test_limits_are_v15() -> None:
    six = {"all": [on("vip", "yes")] * 6}
    assert problems(six, Limits(conditions=5)) == [("V15", "")]
    assert problems(six) == []
    deep: dict[str, Any] = on("vip", "yes")
    for how in ("all", "any", "none", "all", "any"):
        deep = {how: [deep]}
    assert problems(deep) == [("V15", "")]
    assert problems(deep["any"][0]) == []
    for _ in range(5000):
        deep = {"all": [deep]}
    assert [code for code, _ in problems(deep)] == ["V15"]


def test_one_source_however_its_members_are_ordered() -> None:
    leaf = {"value": 51, "op": "has", "on": "tag"}
    assert canonical(leaf) == canonical({"all": [on("tag", "has", 51)]})
    assert source_of(parse(leaf)) == {"all": [on("tag", "has", 51)]}


def test_a_subject_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        Subjects([*SUBJECTS, *SUBJECTS])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ANYTHING = st.fixed_dictionaries(
    {"on": st.sampled_from(["field:1", "field:2", "field:3", "field:4", "field:5", "tag", "groups:60", "vip",
    "rating", "email",
                            "custom_event:paid", "email_activity", "event.plan", "created",
                            "email_status"]) | st.text(),
     "op": st.sampled_from(["is", "in", "between", "any_of", "has", "opened", "happened", "within_last", "contains",
     "clicked",
                            "greater", "count_is", "yes"])},
    optional={"value": JSON, "window": JSON, "where": JSON, "link": JSON, "count": JSON, "type": JSON},
)  # fmt: skip


@given(ANYTHING | JSON)
def test_whatever_comes_in_is_told_or_compiles(source: Any) -> None:
    found = check(source, ALL, OBJECTS)
    if not found:
        compile_condition(source, ALL, OBJECTS)
    assert all(problem.what and problem.code in ("invalid", "V06", "V15") for problem in found)
