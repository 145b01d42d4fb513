"""A flow file is read with places: what it says, and where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relance.flows.definition.export import export
from relance.flows.definition.file import read_flow, read_flow_file
from relance.flows.definition.graph import flatten
from relance.flows.definition.model import Definition, Step
from relance.flows.definition.names import NamedField, NamedGroup, NamedMessage, Names
from relance.flows.definition.problems import FlowRefused
from relance.flows.definition.resolve import Resolved, resolve
from relance.kernel.errors import NotFound

TRIAL = """\
flow: Welcome
audience: Customers
triggers:
  - tag_added: {tag: vip}
  - event_api: {name: trial_started, where: [{property: plan, op: is, value: pro}]}
steps:
  - send_email: {email: Hello, subject: "Hello *|FNAME:there|*", html: welcome.html}
  - delay: 2 days
  - if_else:
      when: {email_clicked: Hello}
      then: [{add_tag: engaged}]
      else:
        - wait_for_trigger: {event_api: {name: first_login}, up_to: 7 days}
        - send_email: {email: Help, subject: Need a hand?, html: help.html}
settings: {re_entry: false, exit_condition: {tag: churned}, goal: {event: paid, within: 30 days}}
"""

IS_VIP = {"on": "vip", "op": "yes"}
VIP, CITY, POINTS, BIRTHDAY, CARE, INTERESTS, NEWS, SPRING = 1, 2, 3, 4, 5, 6, 7, 8


def names() -> Names:
    return Names(
        tags={VIP: "vip"},
        fields=[
            NamedField(CITY, "CITY", "City", "text"),
            NamedField(POINTS, "POINTS", "Points", "number"),
            NamedField(BIRTHDAY, "BIRTHDAY", "Birthday", "birthday"),
        ],
        groups=[NamedGroup(CARE, "Plant care", INTERESTS, "Interests")],
        messages=[NamedMessage(NEWS, "Spring news")],
        flows={SPRING: "Spring"},
    )


def flow_of(steps: str = "[delay: 1 day]", triggers: str = "[manual]", settings: str = "{}") -> str:
    return f"flow: F\naudience: A\ntriggers: {triggers}\nsteps: {steps}\nsettings: {settings}\n"


def read(text: str) -> tuple[Resolved, list[Step]]:
    resolved = resolve(read_flow(text), names())
    return resolved, flatten(resolved.steps)[1]


def only_step(text: str) -> Step:
    resolved, steps = read(flow_of(f"[{text}]"))
    assert [str(problem) for problem in resolved.problems] == []
    return steps[0]


def trigger(text: str) -> Any:
    resolved, _ = read(flow_of(triggers=f"[{text}]"))
    assert [str(problem) for problem in resolved.problems] == []
    return resolved.triggers[0]


def wrong(text: str) -> list[str]:
    try:
        return [str(problem) for problem in read(text)[0].problems]
    except FlowRefused as refused:
        return [str(problem) for problem in refused.problems]


def test_the_example_reads_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "welcome.html").write_text("<p>Welcome</p>")
    (tmp_path / "help.html").write_text("<p>Ask us</p>")
    (tmp_path / "trial.yaml").write_text(TRIAL)
    known = names()
    resolved = resolve(read_flow_file(tmp_path / "trial.yaml"), known)
    assert resolved.problems == []
    assert resolved.triggers[1].settings == {
        "name": "trial_started",
        "where": [{"property": "plan", "op": "is", "value": "pro"}],
    }
    first, steps = flatten(resolved.steps)
    hello, pause, choice, tagged, wait, helping = steps
    assert first == hello.id
    assert hello.settings["content"] == {
        "name": "Hello",
        "subject": "Hello *|FNAME:there|*",
        "html": "<p>Welcome</p>",
    }
    assert pause.settings == {"n": 2, "unit": "day"}
    asked = {"on": "email_activity", "op": "clicked", "value": hello.settings["message"]}
    assert choice.settings == {"ways": [{"condition": asked}]}
    assert choice.outcomes == {"way_1": tagged.id, "else": wait.id}
    assert (wait.outcomes, wait.settings["up_to"]) == ({"met": helping.id, "timed_out": helping.id}, 7 * 86400)
    assert helping.settings["content"]["subject"] == "Need a hand?"
    assert resolved.settings.goal is not None
    assert (resolved.settings.goal.event.settings, resolved.settings.goal.within) == ({"name": "paid"}, 30)
    assert sorted(known.new_tags.values()) == ["churned", "engaged"]


def test_it_survives_writing_and_reading_again(tmp_path: Path) -> None:
    known = names()
    text = TRIAL.replace("html: welcome.html", 'html: "<p>a</p>"').replace("html: help.html", 'html: "<p>b</p>"')
    resolved = resolve(read_flow(text), known)
    first, steps = flatten(resolved.steps)
    definition = Definition(first=first, steps=steps, settings=resolved.settings)
    again = resolve(read_flow(export("Welcome", "Customers", definition, known)), known)
    assert (again.settings, flatten(again.steps)) == (resolved.settings, (first, steps))


@pytest.mark.parametrize(
    ("written", "kind", "settings"),
    [
        ("tag_added: vip", "tag_added", {"tag": VIP}),
        ("email_signup", "email_signup", {}),
        ("email_signup: {include_imports: true}", "email_signup", {"include_imports": True}),
        ("flow_api", "flow_api", {}),
        ("email_opened: Spring news", "email_opened", {"email": NEWS}),
        ("email_not_opened: {email: Spring news, period: 5 h}", "email_not_opened", {"email": NEWS, "period": 18_000}),
        (
            'email_clicked_link: {email: Spring news, link: "https://fern.example/a"}',
            "email_clicked_link",
            {"email": NEWS, "link": "https://fern.example/a"},
        ),
        ("birthday: {field: BIRTHDAY, days_before: 3, at: 09:00}", "birthday",
         {"field": BIRTHDAY, "offset": 3, "unit": "day", "direction": "before", "time": "09:00"}),
        ("event_api: {name: paid, where: {plan: pro}}", "event_api",
         {"name": "paid", "where": [{"property": "plan", "op": "is", "value": "pro"}]}),
    ],
)  # fmt: skip
def test_triggers_have_short_forms(written: str, kind: str, settings: dict[str, Any]) -> None:
    found = trigger(written)
    assert (found.kind, found.settings) == (kind, settings)


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        ("delay: 36 hours", {"n": 36, "unit": "hour"}),
        ("add_tag: vip", {"tag": VIP}),
        ("add_tag: {tag: VIP}", {"tag": VIP}),
        ("update_field: {field: POINTS, add: 5}", {"field": POINTS, "mode": "add", "value": "5"}),
        ("update_field: {field: CITY, clear: true}", {"field": CITY, "mode": "clear"}),
        ("wait_for_trigger: {until: {tag: vip}}", {"condition": {"on": "tag", "op": "has", "value": VIP}}),
    ],
)
def test_steps_have_short_forms(written: str, settings: dict[str, Any]) -> None:
    assert only_step(written).settings == settings


@pytest.mark.parametrize(
    "written", ["{delay: 1 day, id: rest, label: Rest}", "delay: {n: 1, unit: day, id: rest, label: Rest}"]
)
def test_an_id_may_stand_beside_the_kind_or_under_it(written: str) -> None:
    step = only_step(written)
    assert (step.name, step.label, step.settings) == ("rest", "Rest", {"n": 1, "unit": "day"})


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("{not: {tag: vip}}", {"none": [{"on": "tag", "op": "has", "value": VIP}]}),
        ("{field: CITY, is: Paris}", {"on": "field:2", "op": "is", "value": "Paris"}),
        ("{field: CITY, blank: true}", {"on": "field:2", "op": "blank"}),
        ("{group: Plant care}", {"on": "groups:6", "op": "any_of", "value": [CARE]}),
        ("{event: paid, within: 30 days}", {"on": "custom_event:paid", "op": "happened", "window": "last 30 days"}),
        ("{email_opened: any}", {"on": "email_activity", "op": "opened", "value": "any"}),
        ("{flow_completed: Spring}", {"on": "flow", "op": "completed", "value": SPRING}),
        ("{flow_not_inside: spring}", {"on": "flow", "op": "not_inside", "value": SPRING}),
        ('{on: flow, op: exited, value: Spring}', {"on": "flow", "op": "exited", "value": SPRING}),
        ("{vip: false}", {"on": "vip", "op": "no"}),
        ("{event.plan: pro}", {"on": "event.plan", "op": "is", "value": "pro"}),
        ("[{vip: true}, {any: [{vip: true}]}]", {"all": [IS_VIP, {"any": [IS_VIP]}]}),
        ('{on: "field:CITY", op: in, value: [a, b]}', {"on": "field:2", "op": "in", "value": ["a", "b"]}),
    ],
)  # fmt: skip
def test_conditions_have_short_forms(written: str, stored: dict[str, Any]) -> None:
    assert only_step(f"if_else: {{when: {written}}}").settings == {"ways": [{"condition": stored}]}


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "Yes", "NO"])
def test_only_true_and_false_are_truth_values(word: str) -> None:
    told = wrong(flow_of(triggers=f"[email_signup: {{include_imports: {word}}}]"))
    meant = "true" if word.lower() in ("yes", "on") else "false"
    assert told == [
        f"line 3: trigger 1 (email_signup): include_imports is true or false. "
        f"{word!r} is only a word here: write {meant}."
    ]


def test_words_that_old_yaml_changes_stay_what_they_are() -> None:
    """``on`` is a key, ``no`` a value, 09:00 a time, 2026-03-14 a date, 012 a text where a text is asked for."""
    assert only_step("if_else: {when: {on: vip, op: yes}}").settings["ways"][0]["condition"] == {
        "on": "vip",
        "op": "yes",
    }
    where = "[{property: answer, op: is, value: no}, {property: day, op: is, value: 2026-03-14}]"
    tests = trigger(f"event_api: {{name: asked, where: {where}}}").settings["where"]
    assert [test["value"] for test in tests] == ["no", "2026-03-14"]
    assert trigger("event_api: {name: 012}").settings["name"] == "012"


@pytest.mark.parametrize(
    ("settings", "stored"),
    [
        ("{re_entry: true}", (True, 300, "exit")),
        ("{re_entry: 2 days}", (True, 172_800, "exit")),
        ("{re_entry: {wait: 1 hour, from: entry}}", (True, 3600, "entry")),
        ("{re_entry: false}", (False, 300, "exit")),
    ],
)
def test_re_entry_is_a_switch_or_a_wait(settings: str, stored: tuple[bool, int, str]) -> None:
    read_settings = read(flow_of(settings=settings))[0].settings
    assert (read_settings.re_entry, read_settings.re_entry_wait, read_settings.re_entry_from) == stored


def test_an_exit_is_an_event_or_a_condition() -> None:
    on_event = read(flow_of(settings="{exit_condition: {event: paid, where: {plan: pro}}}"))[0].settings.exit_condition
    assert on_event is not None
    assert on_event.event is not None
    assert on_event.event.settings["where"] == [{"property": "plan", "op": "is", "value": "pro"}]
    as_condition = read(flow_of(settings="{exit_condition: {condition: {event: paid}}}"))[0].settings.exit_condition
    assert as_condition is not None
    assert as_condition.condition == {"on": "custom_event:paid", "op": "happened"}


def test_a_branch_may_end_or_go_elsewhere() -> None:
    steps = (
        "[{if_else: {when: {tag: vip}, then: [end], else: [{go_to: bye}]}}, {delay: 1 day}, {id: bye, add_tag: vip}]"
    )
    resolved, (asked, pause, bye) = read(flow_of(steps))
    assert resolved.problems == []
    assert (asked.outcomes, pause.outcomes) == ({"way_1": None, "else": bye.id}, {"next": bye.id})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: the file is empty"),
        ("- a\n", "line 1: a flow file is a table"),
        ("flow: A\nflow: B\n", "line 2: 'flow' stands twice (first on line 1)"),
        ("flow: [A\n", "this is no YAML"),
        ("flow: A\n\taudience: B\n", "line 2: a tab stands where only spaces may"),
        ("flow: *name\n", "line 1: anchors and aliases"),
        ("flow: &name A\n", "line 1: anchors and aliases"),
        ("flow: !!python/object:os.system A\n", "line 1: the type"),
        ("flow: A\n---\nflow: B\n", "the file holds several documents"),
        ('flow: "A\\0"\n', "line 1: the text holds U+0000, which cannot be kept"),
        ('flow: A\n"\\ud800": B\n', "line 2: the text holds U+D800, which cannot be kept"),
        ("flow: a: b\n", "line 1: a colon stands where none may"),
        ("flow: A\naudience: B\nstep: []\n", "line 3: a flow has no 'step'. Did you mean steps?"),
        ("audience: B\n", "line 1: flow is missing"),
        (flow_of(triggers="[tag_aded: vip]"), "line 3: there is no trigger 'tag_aded'. Did you mean tag_added?"),
        (flow_of(triggers="[{manual: , filtre: {tag: a}}]"), "Did you mean filter?"),
        (flow_of("[dely: 1 day]"), "line 4: there is no step 'dely'. Did you mean delay?"),
        (flow_of("[{delay: 1 day, add_tag: vip}]"), "two steps stand in one"),
        (flow_of("[delay: soon]"), "line 4: step 1 (delay): a delay is a length of time."),
        (flow_of("[send_email: {email: E, subjct: x}]"), "send_email has no 'subjct'. Did you mean subject?"),
        (flow_of('[send_email: {email: E, html: gone.html}]'), "names a file"),
        (flow_of("[if_else: {when: {tga: vip}}]"), "there is no condition 'tga'. Did you mean tag?"),
        (flow_of("[if_else: {then: [end]}]"), "a way needs a condition"),
        (flow_of("[{id: a, delay: 1 day}, {id: a, delay: 2 days}]"), "the id 'a' stands twice"),
        (flow_of("[go_to: nowhere]"), "there is no step with the id 'nowhere'"),
        (flow_of("[end, delay: 1 day]"), "nothing comes after end"),
        (flow_of("[wait_for_trigger: {up_to: 1 day}]"), "waits for one thing, not 0"),
        (flow_of("[wait_for_trigger: {manual: , up_to: 1 day}]"), "V22"),
        (flow_of(settings="{re_entri: false}"), "a flow's settings has no 're_entri'. Did you mean re_entry?"),
        (flow_of(settings="{goal: {tag: vip}}"), "a goal is an event"),
        (flow_of("[add_tag: {tag: ''}]"), "V09"),
        (flow_of("[update_field: {field: CITI, set: x}]"), "V06: step 1 (update_field): the audience has no"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    assert any(told in line for line in wrong(text)), wrong(text)


def test_everything_wrong_is_told_at_once() -> None:
    told = wrong(flow_of("[dely: 1 day, {add_tagg: x}]", triggers="[tag_aded: vip]"))
    assert [line.split(":")[0] for line in told] == ["line 3", "line 4", "line 4"]


def test_bytes_that_are_no_text_are_refused_by_line() -> None:
    with pytest.raises(FlowRefused, match="line 2: the file is not UTF-8 text"):
        read_flow(b"flow: A\naudience: \xff\n")


def test_a_huge_or_bottomless_file_is_refused() -> None:
    with pytest.raises(FlowRefused, match="larger than 4 MiB"):
        read_flow(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(FlowRefused, match="too deep"):
        read_flow("flow: " + "[" * 5000)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        read_flow_file(tmp_path / "nothing.yaml")
    text = flow_of("[send_email: {email: E, subject: s, html: gone.html}]")
    (tmp_path / "flow.yaml").write_text(text)
    resolved = resolve(read_flow_file(tmp_path / "flow.yaml"), names())
    assert [problem.what for problem in resolved.problems] == ["there is no file 'gone.html'"]


def test_a_file_of_html_that_cannot_be_kept_is_named(tmp_path: Path) -> None:
    text = flow_of("[send_email: {email: E, subject: s, html: bad.html}]")
    for content, why in ((b"<p>\0</p>", "it holds the character U+0000"), (b"x" * 2**21 + b"x", "larger than 2 MiB")):
        (tmp_path / "bad.html").write_bytes(content)
        (only,) = resolve(read_flow(text, folder=tmp_path), names()).problems
        assert only.what.startswith("the file 'bad.html' cannot be read: ")
        assert why in only.what


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="it takes a file without an end")
def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(FlowRefused, match="the file is larger than 4 MiB"):
        read_flow_file(Path("/dev/zero"))
