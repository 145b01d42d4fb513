"""Flow files become drafts: steps keep their ids, what is ambiguous is refused, tags and emails are made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relance.audience import audiences, tags
from relance.audience import events as audience_events
from relance.audience.conditions import SUBJECTS as AUDIENCE_SUBJECTS
from relance.audience.conditions import Subjects
from relance.db.pool import Database
from relance.events.catalogue import Catalogue
from relance.flows import events as flow_events
from relance.flows import store
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.flows.definition.apply import Applied, apply, check_file, check_turn_on
from relance.flows.definition.around import read_names
from relance.flows.definition.export import export
from relance.flows.definition.file import read_flow
from relance.flows.definition.problems import FlowRefused
from relance.flows.kinds import Kinds
from relance.kernel.clock import Clock
from relance.kernel.errors import Conflict
from relance.messages import events as message_events
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS
from tests.cast import ACCOUNT, Shop, open_shop

KINDS = Kinds(
    events=Catalogue([*audience_events.KINDS, *message_events.KINDS, *flow_events.KINDS]),
    subjects=Subjects([*AUDIENCE_SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS]),
)

TRIAL = """
flow: Welcome
audience: Customers
triggers:
  - tag_added: {tag: vip}
  - event_api: {name: trial_started, where: [{property: plan, op: is, value: pro}]}
steps:
  - send_email: {email: Hello, subject: "Hello *|FNAME:there|*", html: "<p>Welcome to Fern & Moss</p>"}
  - delay: 2 days
  - if_else:
      when: {email_clicked: Hello}
      then: [{add_tag: engaged}]
      else:
        - wait_for_trigger: {event_api: {name: first_login}, up_to: 7 days}
        - send_email: {email: Help, subject: Need a hand?, html: "<p>Ask us</p>"}
settings: {re_entry: false, exit_condition: {tag: churned}, goal: {event: paid, within: 30 days}}
"""

Apply = Callable[..., Applied]


@pytest.fixture
def shop(database: Database, clock: Clock) -> Shop:
    with database.transaction() as tx:
        return open_shop(tx)


@pytest.fixture
def put(database: Database, shop: Shop, clock: Clock) -> Apply:
    """Apply a text to the shop's account."""

    def put(text: str, *, replace: bool = False, **settings: Any) -> Applied:
        with database.transaction() as tx:
            written = read_flow(text, folder=Path(__file__).parent)
            return apply(tx, clock.now(), KINDS, ACCOUNT, settings, written, replace=replace)

    return put


def ids(applied: Applied) -> dict[str, int]:
    return {f"{match.kind} {match.label}".strip(): match.step_id for match in applied.matches}


def hows(applied: Applied) -> list[str]:
    return [match.how for match in applied.matches]


def test_the_first_apply_makes_a_draft_with_its_tags_and_emails(put: Apply, database: Database, shop: Shop) -> None:
    applied = put(TRIAL)
    assert (applied.created, applied.state) == (True, "draft")
    assert hows(applied) == ["new"] * 6
    assert applied.created_tags == ["churned", "engaged", "vip"]
    with database.transaction() as tx:
        known = tags.find(tx, shop.customers.audience_id, ["vip", "engaged"])
        flow = store.get_flow(tx, ACCOUNT, "welcome")
        definition = store.definition_of(tx, flow)
        names = read_names(tx, shop.customers.audience_id, flow.flow_id)
    assert definition.triggers[0].settings == {"tag": known["vip"].tag_id}
    assert {message.name for message in names.messages.values()} == {"Hello", "Help"}
    assert flow.draft_rev == 1


def test_steps_after_a_choice_follow_on_every_branch_that_does_not_end(put: Apply, database: Database) -> None:
    put(
        """
        flow: Welcome
        audience: Customers
        triggers: [manual]
        steps:
          - if_else: {when: {tag: vip}, then: [{add_tag: a}], else: [{add_tag: b}, end]}
          - add_tag: c
        """
    )
    with database.transaction() as tx:
        definition = store.definition_of(tx, store.get_flow(tx, ACCOUNT, "Welcome"))
    choice, a, b, c = definition.steps
    assert choice.outcomes == {"way_1": a.id, "else": b.id}
    assert (a.outcomes, b.outcomes, c.outcomes) == ({"next": c.id}, {"next": None}, {"next": None})


def test_applying_the_same_file_again_changes_nothing(put: Apply) -> None:
    first = put(TRIAL)
    second = put(TRIAL)
    assert ids(second) == ids(first)
    assert set(hows(second)) == {"same content"}
    assert (second.changed, second.created, second.created_tags) == (False, False, [])


def test_what_changes_in_place_keeps_its_id(put: Apply) -> None:
    first = put(TRIAL)
    second = put(TRIAL.replace("2 days", "3 days").replace("Need a hand?", "Shall we help?"))
    assert ids(second) == ids(first)
    assert hows(second) == [
        "same content",
        "same place",
        "same content",
        "same content",
        "same content",
        "same content",
    ]


def test_an_inserted_step_is_new_and_disturbs_nobody(put: Apply) -> None:
    first = put(TRIAL)
    second = put(TRIAL.replace("  - delay: 2 days\n", "  - add_tag: greeted\n  - delay: 2 days\n"))
    before, after = ids(first), ids(second)
    assert [match.how for match in second.matches].count("new") == 1
    assert {key: after[key] for key in before if key != "add_tag"} == {
        key: before[key] for key in before if key != "add_tag"
    }


def test_a_removed_step_is_named(put: Apply) -> None:
    put(TRIAL)
    second = put(TRIAL.replace("  - delay: 2 days\n", ""))
    assert [removed.kind for removed in second.removed] == ["delay"]


def test_an_id_in_the_file_holds_a_step_whatever_becomes_of_it(put: Apply) -> None:
    first = put(TRIAL.replace("- delay: 2 days", "- {id: breath, delay: 2 days}"))
    moved = TRIAL.replace("  - delay: 2 days\n", "").replace(
        "- wait_for_trigger:", "- {id: breath, delay: 5 days}\n        - wait_for_trigger:"
    )
    second = put(moved)
    assert ids(second)["delay breath"] == ids(first)["delay breath"]
    assert "same id" in hows(second)


TWO_DELAYS = """
flow: Welcome
audience: Customers
triggers: [manual]
steps:
  - add_tag: a
  - delay: 1 day
  - add_tag: b
  - delay: 1 day
  - add_tag: c
"""


def test_two_equal_steps_are_told_apart_by_their_neighbours(put: Apply) -> None:
    first = put(TWO_DELAYS)
    second = put(TWO_DELAYS.replace("- add_tag: a\n  - delay: 1 day\n", "- add_tag: a\n"))
    assert second.matches[2].step_id == first.matches[3].step_id
    assert [removed.step_id for removed in second.removed] == [first.matches[1].step_id]


def test_what_could_be_either_is_refused_and_an_id_mends_it(put: Apply) -> None:
    first = put(TWO_DELAYS)
    shorter = TWO_DELAYS.replace("  - add_tag: b\n  - delay: 1 day\n", "")
    with pytest.raises(FlowRefused, match=r"line 7: this delay could be any of 2 steps") as refused:
        put(shorter)
    step_id = first.matches[3].step_id
    assert f"id: {step_id}" in str(refused.value)
    second = put(shorter.replace("- delay: 1 day", f"- {{id: {step_id}, delay: 1 day}}"))
    assert (second.matches[1].step_id, second.matches[1].how) == (step_id, "same id")


def test_triggers_keep_their_ids_by_settings_then_by_kind(put: Apply, database: Database) -> None:
    def triggers() -> dict[str, int]:
        with database.transaction() as tx:
            definition = store.definition_of(tx, store.get_flow(tx, ACCOUNT, "Welcome"))
        return {trigger.kind: trigger.id for trigger in definition.triggers}

    put(TRIAL)
    before = triggers()
    put(TRIAL.replace("tag: vip", "tag: gold"))
    assert triggers() == before


def test_a_message_keeps_its_id_by_its_name(put: Apply, database: Database, shop: Shop) -> None:
    def messages() -> dict[str, int]:
        with database.transaction() as tx:
            names = read_names(tx, shop.customers.audience_id, None)
        return {message.name: message.message_id for message in names.messages.values()}

    put(TRIAL)
    before = messages()
    put(TRIAL.replace("Welcome to Fern & Moss", "Hello again"))
    assert messages() == before


def test_a_refused_file_leaves_nothing_behind(put: Apply, database: Database, shop: Shop) -> None:
    with pytest.raises(FlowRefused, match=r"V10.*\*\|FNAM\|\* is not a known tag. Did you mean FNAME"):
        put(TRIAL.replace("*|FNAME:there|*", "*|FNAM|*"))
    with database.transaction() as tx:
        assert store.find_flow(tx, ACCOUNT, "Welcome") is None
        assert tags.find(tx, shop.customers.audience_id, ["vip"]) == {}


def test_a_missing_field_keeps_the_draft_and_refuses_the_turn_on(put: Apply, database: Database) -> None:
    applied = put(TRIAL.replace("{email_clicked: Hello}", "{field: CITI, is: Paris}"))
    assert [(found.code, found.at, found.line) for found in applied.problems if found.code == "V06"] == [
        ("V06", "turn-on", 11)
    ]
    with database.transaction() as tx, pytest.raises(FlowRefused, match="V06"):
        check_turn_on(tx, KINDS, {}, store.get_flow(tx, ACCOUNT, "Welcome"))


def test_an_audience_that_is_not_there_is_told_with_its_line(put: Apply) -> None:
    with pytest.raises(FlowRefused, match=r"line 3: V06: there is no audience 'Custmers'. Did you mean Customers\?"):
        put(TRIAL.replace("Customers", "Custmers"))


def test_a_check_changes_nothing_and_notes_the_tags_to_come(database: Database, shop: Shop) -> None:
    with database.transaction() as tx:
        found = check_file(tx, KINDS, ACCOUNT, {}, read_flow(TRIAL))
        assert sorted(problem.what for problem in found if problem.code == "note") == [
            f"the tag {name!r} does not exist yet; applying the file makes it" for name in ("churned", "engaged", "vip")
        ]
        assert store.find_flow(tx, ACCOUNT, "Welcome") is None


def test_a_flow_never_changes_its_audience(put: Apply, database: Database, clock: Clock) -> None:
    put(TRIAL)
    with database.transaction() as tx:
        audiences.create(tx, clock.now(), ACCOUNT, "Wholesale", {})
    with pytest.raises(Conflict, match="another audience"):
        put(TRIAL.replace("Customers", "Wholesale"))


def test_export_and_apply_give_the_same_definition(put: Apply, database: Database, shop: Shop) -> None:
    text = TRIAL + "\n"
    put(text)
    with database.transaction() as tx:
        flow = store.get_flow(tx, ACCOUNT, "Welcome")
        definition = store.definition_of(tx, flow)
        names = read_names(tx, shop.customers.audience_id, flow.flow_id)
    written = export("Welcome", "Customers", definition, names)
    again = put(written)
    assert (again.changed, set(hows(again))) == (False, {"same content"})


# ── Two people edit one draft ──


def exported(database: Database, shop: Shop) -> str:
    with database.transaction() as tx:
        flow = store.get_flow(tx, ACCOUNT, "Welcome")
        names = read_names(tx, shop.customers.audience_id, flow.flow_id)
        return export("Welcome", "Customers", store.definition_of(tx, flow), names, flow.draft_rev)


def test_the_second_of_two_editors_is_refused_and_shown_both(put: Apply, database: Database, shop: Shop) -> None:
    put(TRIAL)
    text = exported(database, shop)
    put(text.replace("delay: 2 days", "delay: 4 days"))
    with pytest.raises(Conflict, match="changed since") as refused:
        put(text.replace("Need a hand?", "May we help?").replace("engaged", "a new tag"))
    told = str(refused.value)
    assert "-- delay: 4 days\n+- delay: 2 days" in told
    assert "May we help?" in told
    assert "+    - add_tag: a new tag" in told
    assert "--replace" in told
    with database.transaction() as tx:
        known = [tag.name for tag in tags.list(tx, shop.customers.audience_id)]
    assert "a new tag" not in known, "nothing of it was done"
    assert "delay: 4 days" in exported(database, shop)


def test_or_lets_the_file_win(put: Apply, database: Database, shop: Shop) -> None:
    put(TRIAL)
    text = exported(database, shop)
    put(text.replace("delay: 2 days", "delay: 4 days"))
    assert put(text.replace("2 days", "3 days"), replace=True).revision == 3
    assert "delay: 3 days" in exported(database, shop)


def test_who_applies_twice_goes_on_with_the_revision_that_they_were_told(
    put: Apply, database: Database, shop: Shop
) -> None:
    assert put(TRIAL).revision == 1
    text = exported(database, shop).replace("2 days", "3 days")
    assert put(text).revision == 2
    assert put(text).changed is False, "as it is there already"
    with pytest.raises(Conflict):
        put(text.replace("3 days", "4 days"))
    assert put(text.replace("3 days", "4 days").replace("revision: 1", "revision: 2")).revision == 3


def test_a_revision_is_a_number() -> None:
    with pytest.raises(FlowRefused) as refused:
        read_flow(TRIAL + "revision: latest\n")
    assert [one.what for one in refused.value.problems] == ["revision is a number"]


def test_a_file_that_names_no_revision_is_taken_as_it_is(put: Apply, database: Database, shop: Shop) -> None:
    put(TRIAL)
    put(TRIAL.replace("2 days", "3 days"))
    assert put(TRIAL.replace("2 days", "4 days")).changed
    assert "delay: 4 days" in exported(database, shop)
