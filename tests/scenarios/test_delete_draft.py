"""A draft that was never live is deleted; any other flow is archived (spec/flows.md 5.2)."""

from __future__ import annotations

import pytest

from relance.flows import life
from relance.kernel.errors import Conflict
from tests.cast import ANA
from tests.scenarios.world import World

DRAFT = """
flow: Letter
audience: Customers
triggers:
  - tag_added: {tag: vip}
steps:
  - send_email: {email: Hello, subject: Hello, html: "<p>Hello.</p>"}
"""


def delete(world: World, flow: int) -> None:
    with world.database.transaction() as tx:
        life.delete(tx, world.clock.now(), flow)


def test_it_is_gone_with_its_emails_and_its_name_is_free(world: World) -> None:
    flow = world.flow(DRAFT, on=False)
    delete(world, flow)
    world.settle()
    assert world._rows("select name from flow union all select name from message") == []
    again = world.flow(DRAFT)
    world.person(ANA, tags=["vip"])
    world.settle()
    assert again != flow
    assert world.subjects(ANA) == ["Hello"]


def test_a_flow_that_names_it_is_told(world: World) -> None:
    draft = world.flow(DRAFT, on=False)
    readers = world.flow(
        "{flow: Readers, audience: Customers, triggers: [{email_opened: {email: Hello}}], steps: [{add_tag: reader}]}"
    )
    delete(world, draft)
    world.settle()
    assert world.state(readers) == "broken"


@pytest.mark.parametrize("state", ["live", "paused", "archived"])
def test_a_flow_that_has_been_live_is_never_deleted(world: World, state: str) -> None:
    flow = world.flow(DRAFT)
    if state != "live":
        world.pause(flow)
    if state == "archived":
        world.archive_flow(flow)
    with pytest.raises(Conflict, match="never live"):
        delete(world, flow)
    assert world.state(flow) == state
