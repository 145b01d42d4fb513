"""Every V code by doing what it describes (spec/flows.md section 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from relance.audience.conditions import SUBJECTS as AUDIENCE_SUBJECTS
from relance.audience.conditions import Subjects
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.flows.definition.check import Surroundings, check
from relance.flows.definition.file import read_flow
from relance.flows.definition.graph import flatten
from relance.flows.definition.limits import limits_of
from relance.flows.definition.match import match_triggers
from relance.flows.definition.model import Definition, FlowSettings, Step
from relance.flows.definition.names import NamedField, NamedGroup, NamedMessage, Names
from relance.flows.definition.problems import Problem, refusing
from relance.flows.definition.resolve import resolve
from relance.flows.triggers.dates.birthday import BIRTHDAY as BIRTHDAY_KIND
from relance.flows.triggers.registry import trigger_kind
from relance.flows.triggers.shape import TriggerKind
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS

SENDER = {"from_email": "hello@fern.example", "address": "12 Garden Lane, Dublin"}
EMAIL = '{email: Hello, subject: Hi, html: "<p>Hi</p>"}'
VIP, CITY, BORN = 1, 2, 3


def around(sender: dict[str, Any] | None = None, **limits: int) -> Surroundings:
    return Surroundings(
        names=Names(
            tags={VIP: "vip"},
            fields=[
                NamedField(CITY, "CITY", "City", "text"),
                NamedField(BORN, "BIRTHDAY", "Birthday", "birthday"),
                NamedField(8, "RENEWAL", "Renewal", "date"),
                NamedField(4, "FNAME", "First name", "text", has_default=True),
            ],
            groups=[NamedGroup(5, "Plant care", 6, "Interests")],
            messages=[NamedMessage(7, "Spring news")],
        ),
        subjects=Subjects([*AUDIENCE_SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS]),
        sender=SENDER if sender is None else sender,
        limits=limits_of({f"limits.{name}": value for name, value in limits.items()}),
    )


def definition(place: Surroundings, steps: str, triggers: str, settings: str) -> Definition:
    text = f"flow: F\naudience: A\ntriggers: {triggers}\nsteps: {steps}\nsettings: {settings}\n"
    resolved = resolve(read_flow(text), place.names)
    first, flat = flatten(resolved.steps)
    return Definition(
        triggers=match_triggers([], resolved.triggers), first=first, steps=flat, settings=resolved.settings
    )


def problems(
    steps: str = "[add_tag: vip]", triggers: str = "[manual]", settings: str = "{}", place: Surroundings | None = None
) -> list[Problem]:
    place = place or around()
    return check(definition(place, steps, triggers, settings), place)


def codes(*args: Any, **kwargs: Any) -> list[str]:
    return [found.code for found in problems(*args, **kwargs)]


def test_a_sound_flow_has_no_problem() -> None:
    assert problems(f"[send_email: {EMAIL}, delay: 1 day, add_tag: vip]") == []


# Triggers


def only_beside(key: str, **changes: Any) -> Any:
    """The kinds there are, one of them changed."""

    def kinds(wanted: str) -> TriggerKind[Any] | None:
        found = trigger_kind(wanted)
        return replace(found, **changes) if found and wanted == key else found

    return kinds


def test_v01_an_exclusive_trigger_stands_alone() -> None:
    place = around()
    flow = definition(place, "[add_tag: vip]", "[manual, {tag_added: vip}]", "{}")
    kinds = only_beside("tag_added", excludes=frozenset({"manual"}))
    found = check(flow, place, trigger_kinds=kinds)
    assert [(one.code, one.at, one.point) for one in found] == [("V01", "save", flow.triggers[1].id)]


@pytest.mark.parametrize("other", ["{birthday: BIRTHDAY}", "{date_recurring: RENEWAL}"])
def test_v02_a_date_does_not_stand_beside_one_that_returns(other: str) -> None:
    both = f"[{other}, {{date_specific: RENEWAL}}]"
    assert [one.code for one in problems(triggers=both)] == ["V02"]
    assert not problems(triggers="[{birthday: BIRTHDAY}, {date_recurring: RENEWAL}]")
    assert not problems(triggers="[{date_specific: RENEWAL}, {date_specific: {field: RENEWAL, days_before: 3}}]")


def test_v03_a_date_does_not_stand_with_a_wait() -> None:
    wait = "[wait_for_trigger: {until: {tag: vip}, up_to: 1 day}]"
    assert [one.code for one in problems(wait, "[{date_specific: RENEWAL}]")] == ["V03"]


@pytest.mark.parametrize(
    ("trigger", "code"),
    [
        ("{date_specific: BIRTHDAY}", "V06"),
        ("{date_recurring: CITY}", "V06"),
        ("{date_specific: {field: RENEWAL, days_before: 366}}", "V15"),
        ("{date_recurring: {field: RENEWAL, weeks_after: 53}}", "V15"),
        ("{date_added: {days_before: 3}}", "invalid"),
        ("{date_added: {at: 24:00}}", "invalid"),
    ],
)
def test_dates_that_cannot_be_are_refused(trigger: str, code: str) -> None:
    assert [one.code for one in problems(triggers=f"[{trigger}]")] == [code]


def test_v22_and_v03_a_trigger_may_refuse_steps() -> None:
    place = around()
    flow = definition(place, "[wait_for_trigger: {until: {tag: vip}, up_to: 1 day}]", "[manual]", "{}")
    kinds = only_beside("manual", excludes_steps=frozenset({"wait_for_trigger"}))
    assert [one.code for one in check(flow, place, trigger_kinds=kinds)] == ["V22"]
    dated = [msgspec.structs.replace(flow.triggers[0], kind="date_specific")]
    specific = replace(
        trigger_kind("manual") or BIRTHDAY_KIND,
        key="date_specific",
        excludes_steps=frozenset({"wait_for_trigger"}),
    )
    found = check(msgspec.structs.replace(flow, triggers=dated), place, trigger_kinds=lambda _: specific)
    assert [one.code for one in found] == ["V03"]


def test_v04_at_most_three_triggers() -> None:
    triggers = "[{tag_added: a}, {tag_added: b}, {tag_added: c}, {tag_added: d}]"
    assert codes(triggers=triggers) == ["V04"]
    assert codes(triggers=triggers, place=around(triggers=4)) == []


@pytest.mark.parametrize(
    ("triggers", "expected"),
    [
        ("[{tag_added: vip}, {tag_added: VIP}]", ["V05"]),
        ("[{tag_added: vip}, {tag_added: gold}]", []),
        ("[manual, manual]", ["V05"]),
        ("[flow_api, flow_api]", ["V05"]),
    ],
)
def test_v05_the_same_trigger_twice(triggers: str, expected: list[str]) -> None:
    assert codes(triggers=triggers) == expected


@pytest.mark.parametrize(
    ("steps", "triggers"),
    [
        ("[add_tag: vip]", "[{birthday: NOSUCH}]"),
        ("[add_tag: vip]", "[{birthday: CITY}]"),
        ("[add_tag: vip]", "[{email_opened: Nothing}]"),
        ("[add_tag: vip]", '[{email_clicked_link: {email: Spring news, link: "https://fern.example/"}}]'),
        ("[{if_else: {when: {field: NOSUCH, is: a}}}]", "[manual]"),
        ("[{if_else: {when: {email_opened: Nothing}}}]", "[manual]"),
        ("[{if_else: {when: {group: Nothing}}}]", "[manual]"),
        ("[{update_field: {field: NOSUCH, set: a}}]", "[manual]"),
    ],
)
def test_v06_what_is_named_is_there(steps: str, triggers: str) -> None:
    found = problems(steps, triggers)
    assert [(one.code, one.at) for one in found] == [("V06", "turn-on")]


def test_v06_a_link_of_the_flows_own_email_is_found() -> None:
    email = '{email: Hello, subject: Hi, html: "<a href=https://fern.example/?utm_source=x>a</a>"}'.replace("''", "'")
    trigger = '[{email_clicked_link: {email: Hello, link: "https://fern.example/"}}]'
    assert codes(f"[send_email: {email}]", trigger) == []


def test_v07_an_email_needs_a_sender() -> None:
    assert codes(f"[send_email: {EMAIL}]", place=around({"address": "here"})) == ["V07"]


# Steps


def step(step_id: int, target: int | None) -> Step:
    return Step(id=step_id, kind="add_tag", settings={"tag": VIP}, outcomes={"next": target})


@pytest.mark.parametrize(
    ("first", "steps", "told"),
    [
        (1, [step(1, 2), step(2, 1)], "steps lead in a circle"),
        (1, [step(1, None), step(2, None)], "nothing leads here"),
        (1, [step(1, 9)], "next leads to no step"),
        (9, [step(1, None)], "one of them is the first"),
        (1, [step(1, None), step(1, None)], "ids of their own"),
        (1, [msgspec.structs.replace(step(1, None), outcomes={"way_7": None})], "no way 'way_7' out of it"),
    ],
)
def test_v08_the_graph_is_whole(first: int, steps: list[Step], told: str) -> None:
    place = around()
    flow = msgspec.structs.replace(definition(place, "[add_tag: vip]", "[manual]", "{}"), first=first, steps=steps)
    found = check(flow, place)
    assert {one.code for one in found} == {"V08"}
    assert told in found[0].what


@pytest.mark.parametrize(
    ("steps", "triggers", "told"),
    [
        ("[]", "[manual]", "no step"),
        ("[add_tag: vip]", "[]", "no trigger"),
        ('[send_email: {email: Hello, html: "<p>Hi</p>"}]', "[manual]", "no subject"),
        ("[send_email: {email: Hello, subject: Hi}]", "[manual]", "no HTML"),
        ("[add_tag: vip]", "[{email_opened: {}}]", "email is not set"),
        ("[add_tag: vip]", "[event_api]", "name is not set"),
        ("[{if_else: {when: []}}]", "[manual]", "the condition is empty"),
    ],
)
def test_v09_nothing_required_is_empty(steps: str, triggers: str, told: str) -> None:
    found = problems(steps, triggers)
    assert [(one.code, one.at) for one in found] == [("V09", "turn-on")]
    assert told in found[0].what


@pytest.mark.parametrize("part", ["subject", "preview", "html", "text"])
def test_v10_unknown_merge_tags_are_refused_wherever_they_stand(part: str) -> None:
    content = {"subject": "Hi", "html": "<p>Hi</p>", part: "*|FNAM|* <b>"}
    written = ", ".join(f'{key}: "{value}"' for key, value in content.items())
    found = problems(f"[send_email: {{email: Hello, {written}}}]")
    assert [(one.code, one.at) for one in found] == [("V10", "save")]
    assert "Did you mean FNAME?" in found[0].what
    assert found[0].where == f"step 1 (send_email Hello), {part}"


def test_v10_covers_the_value_of_a_field_too() -> None:
    assert codes('[update_field: {field: CITY, set: "*|CITI|*"}]') == ["V10"]


def test_v11_every_trigger_brings_what_a_tag_names() -> None:
    email = '{email: Hello, subject: "*|EVENT:plan|*", html: "<p>Hi</p>"}'
    assert codes(f"[send_email: {email}]", "[{event_api: paid}]") == []
    found = problems(f"[send_email: {email}]", "[{event_api: paid}, {tag_added: vip}]")
    assert [(one.code, one.at) for one in found] == [("V11", "turn-on")]
    with_default = email.replace("plan|", "plan:free|")
    assert codes(f"[send_email: {with_default}]", "[{event_api: paid}, {tag_added: vip}]") == []


def test_v12_a_marketing_email_needs_a_postal_address() -> None:
    place = around({"from_email": "hello@fern.example", "address": {"addr1": " ", "city": ""}})
    found = problems(f"[send_email: {EMAIL}]", place=place)
    assert [(one.code, one.at) for one in found] == [("V12", "turn-on")]
    transactional = EMAIL.replace("email: Hello", "email: Hello, class: transactional")
    assert codes(f"[send_email: {transactional}]", place=place) == []


TAG, WAY = "{{tag: t{n}}}", "{{when: {{tag: t{n}}}}}"


def many(text: str, count: int) -> str:
    return "[" + ", ".join(text.format(n=number) for number in range(count)) + "]"


@pytest.mark.parametrize(
    ("steps", "limits"),
    [
        ("[delay: 59 seconds]", {"min_delay": 1}),
        ("[delay: 366 days]", {"max_delay": 366 * 86400}),
        ("[wait_for_trigger: {until: {tag: vip}, up_to: 10 seconds}]", {"min_delay": 1}),
        (f"[if_else: {{ways: {many(WAY, 6)}}}]", {"ways": 6}),
        (f"[if_else: {{when: {many(TAG, 6)}}}]", {"way_conditions": 6}),
        ("[if_else: {when: {all: [{all: [{all: [{all: [{all: [{tag: vip}]}]}]}]}]}}]", {"depth": 6}),
        (many("wait_for_trigger: {{until: {{tag: t{n}}}, up_to: 1 day}}", 11), {"waits": 11}),
        (many("add_tag: t{n}", 201), {"steps": 201}),
    ],
)  # fmt: skip
def test_v15_limits_hold_and_the_operator_may_raise_them(steps: str, limits: dict[str, int]) -> None:
    found = problems(steps)
    assert {(one.code, one.at) for one in found} == {("V15", "save")}
    assert codes(steps, place=around(**limits)) == []


@pytest.mark.parametrize(
    "settings", ["{re_entry: 1 minute}", "{re_entry: 400 days}", f"{{entry_filter: {many(TAG, 51)}}}"]
)  # fmt: skip
def test_v15_settings_of_the_flow_have_limits_too(settings: str) -> None:
    assert codes(settings=settings) == ["V15"]


def test_limits_never_pass_the_highest() -> None:
    assert limits_of({"limits.triggers": 500, "limits.min_delay": 0, "limits.steps": "many"}) == limits_of(
        {"limits.triggers": 20, "limits.min_delay": 1}
    )


# Warnings


def test_v16_a_wait_without_time_out_is_told() -> None:
    found = problems("[wait_for_trigger: {until: {tag: vip}}]")
    assert [(one.code, one.at) for one in found] == [("V16", "warning")]
    assert refusing(found, "turn-on") == []


@pytest.mark.parametrize(
    ("pause", "expected"),
    [("delay: 3 hours", ["V17"]), ("delay: 4 hours", []), ("add_tag: vip", ["V17"]),
     ("wait_for_trigger: {until: {tag: vip}, up_to: 2 days}", ["V17"])],
)  # fmt: skip
def test_v17_asking_about_an_email_too_soon_is_told(pause: str, expected: list[str]) -> None:
    """A wait may be met at once, whatever its time-out."""
    assert codes(f"[send_email: {EMAIL}, {pause}, if_else: {{when: {{email_opened: Hello}}}}]") == expected


def test_v18_several_marketing_emails_and_no_way_out_are_told() -> None:
    second = EMAIL.replace("Hello", "Again")
    steps = f"[send_email: {EMAIL}, send_email: {second}]"
    assert codes(steps) == ["V18"]
    assert codes(steps, settings="{goal: {event: paid}}") == []
    assert codes(steps, settings="{exit_condition: {tag: vip}}") == []


# Listeners


def test_v22_only_what_an_event_wakes_can_be_waited_for() -> None:
    place = around()
    flow = definition(place, "[add_tag: vip]", "[manual]", "{goal: {event: paid}}")
    assert flow.settings.goal is not None
    listener = msgspec.structs.replace(flow.settings.goal.event, kind="birthday", settings={"field": BORN})
    goal = msgspec.structs.replace(flow.settings.goal, event=listener)
    flow = msgspec.structs.replace(flow, settings=FlowSettings(goal=goal))
    assert [one.code for one in check(flow, place)] == ["V22"]
