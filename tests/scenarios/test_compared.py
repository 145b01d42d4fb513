"""Versions stay readable, comparable and restorable; a flow is copied (spec/flows.md 5.2, 5.5)."""

from __future__ import annotations

import pytest

from relance.app import KINDS
from relance.flows import store, versions
from relance.kernel.errors import Conflict, NotFound
from tests.scenarios.world import World

ANA = "ana@example.com"

SERIES = """
flow: Series
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: One, subject: First, html: "<p>One.</p>"}
  - delay: 2 days
  - if_else:
      when: {email_opened: One}
      then: [{add_tag: reader}]
settings: {re_entry: 30 days}
"""


def flow_of(world: World, tx: object, name: str = "Series") -> store.Flow:
    return store.get_flow(tx, world.shop.account_id, name)  # type: ignore[arg-type]


def test_two_versions_and_the_draft_are_compared(world: World) -> None:
    world.flow(SERIES)
    world.flow(SERIES.replace("2 days", "4 days"))
    world.flow(SERIES.replace("2 days", "6 days"), on=False)
    with world.database.transaction() as tx:
        flow = flow_of(world, tx)
        assert [(one.number, one.published) for one in versions.list_versions(tx, flow)] == [(2, True), (1, False)]
        assert {"-- delay: 2 days", "+- delay: 4 days"} <= set(versions.compare(tx, flow, 1, 2))
        assert any("6 days" in line for line in versions.compare(tx, flow, 2, None))
        assert versions.compare(tx, flow, 2, 2) == []
        with pytest.raises(NotFound, match="has no version 9"):
            versions.compare(tx, flow, 9, None)


def test_an_old_version_is_restored_with_its_email(world: World) -> None:
    flow_id = world.flow(SERIES)
    world.flow(SERIES.replace("subject: First", "subject: Second"))
    with world.database.transaction() as tx:
        versions.restore(tx, world.clock.now(), flow_of(world, tx), 1)
    world.publish(flow_id)
    world.person(ANA, tags=["vip"])
    world.settle()
    assert world.subjects(ANA) == ["First"]


def test_restoring_what_is_published_leaves_no_draft(world: World) -> None:
    world.flow(SERIES)
    world.flow(SERIES.replace("2 days", "4 days"), on=False)
    with world.database.transaction() as tx:
        with pytest.raises(Conflict, match="not published"):
            versions.restore(tx, world.clock.now(), flow_of(world, tx), 1)
        versions.restore(tx, world.clock.now(), flow_of(world, tx), 1, replace=True)
        assert flow_of(world, tx).draft is None


def test_a_copy_goes_its_own_way(world: World) -> None:
    first = world.flow(SERIES)
    with world.database.transaction() as tx:
        made = versions.duplicate(tx, world.clock.now(), KINDS, {}, flow_of(world, tx))
        assert (made.name, made.state) == ("Series (2)", "draft")
        copy = store.definition_of(tx, flow_of(world, tx, made.name))
        original = store.definition_of(tx, flow_of(world, tx))
        assert {step.id for step in copy.steps}.isdisjoint({step.id for step in original.steps})
        assert copy.settings == original.settings
    world.publish(made.flow_id)
    world.pause(first)
    world.person(ANA, tags=["vip"])
    world.settle()
    world.open(world.mails_to(ANA)[0])
    world.later(days=3)
    assert "reader" in world.tags_of(ANA), "the copy asks about its own email"


def test_an_archived_flow_is_copied_and_not_restored(world: World) -> None:
    flow_id = world.flow(SERIES)
    world.pause(flow_id)
    world.archive_flow(flow_id)
    with world.database.transaction() as tx:
        flow = flow_of(world, tx)
        with pytest.raises(Conflict, match="final"):
            versions.restore(tx, world.clock.now(), flow, 1)
        assert versions.duplicate(tx, world.clock.now(), KINDS, {}, flow, "Series anew").name == "Series anew"


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    world.flow(SERIES)
    with world.database.transaction() as tx, pytest.raises(Conflict, match="already"):
        versions.duplicate(tx, world.clock.now(), KINDS, {}, flow_of(world, tx), "series")
