"""The label of a flow and what its emails tell a site's statistics (spec/flows.md 5.1)."""

from __future__ import annotations

import pytest

from relance.flows import store
from relance.kernel.errors import Conflict
from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"
PALMS = "https://fern.example/palms"

MAIL = f"""
flow: Spring
audience: Customers
triggers: [manual]
steps:
  - send_email:
      email: News
      subject: News
      html: |
        <p><a href="{PALMS}?size=2#tall">Palms</a> and <a href="{PALMS}?size=2&amp;utm_source=shop">more palms</a>,
        <a href="https://fern.example/for?who=*|FNAME|*">for you</a></p>
"""


def mailed(world: World, settings: str, text: str = MAIL) -> list[str]:
    """Where the links of Ana's email lead."""
    flow = world.flow(text + settings)
    world.person(ANA, fields={"FNAME": "Ana & co"})
    world.add_by_hand(flow, ANA)
    world.settle()
    return [world.follow(link) for link in world.mails_to(ANA)[0].links()]


def test_counted_links_carry_source_medium_and_campaign(world: World) -> None:
    assert mailed(world, "settings: {analytics: Spring sale}\n") == [
        f"{PALMS}?size=2&utm_source=Customers&utm_medium=email&utm_campaign=Spring+sale#tall",
        f"{PALMS}?size=2&utm_source=shop&utm_medium=email&utm_campaign=Spring+sale",
        "https://fern.example/for?who=Ana%20%26%20co&utm_source=Customers&utm_medium=email&utm_campaign=Spring+sale",
    ]
    assert "utm_medium" not in (world.mails_to(ANA)[0].view.html or ""), "only who follows them sees it"


def test_without_a_name_the_campaign_is_the_flow_s(world: World) -> None:
    assert mailed(world, "settings: {analytics: true}\n")[0].endswith("&utm_campaign=Spring#tall")


@pytest.mark.parametrize("settings", ["", "settings: {analytics: false}\n"])
def test_without_the_setting_links_lead_where_they_are_written_to(world: World, settings: str) -> None:
    assert mailed(world, settings)[0] == f"{PALMS}?size=2#tall"


def test_links_that_are_not_counted_stay_as_they_are(world: World) -> None:
    plain = MAIL.replace("      subject:", "      track_clicks: false\n      subject:")
    assert mailed(world, "settings: {analytics: true}\n", plain) == []
    assert f'href="{PALMS}?size=2#tall"' in (world.mails_to(ANA)[0].view.html or "")


def test_a_link_stays_the_same_link_when_it_is_switched_on(world: World) -> None:
    flow = world.flow(MAIL)
    heard = world.flow(
        "flow: Palm lovers\naudience: Customers\n"
        f'triggers:\n  - email_clicked_link: {{email: News, link: "{PALMS}?size=2"}}\nsteps: [{{add_tag: palms}}]\n'
    )
    world.flow(MAIL + "settings: {analytics: true}\n", on=False)
    world.publish(flow)
    world.person(ANA)
    world.add_by_hand(flow, ANA)
    world.settle()
    assert "utm_campaign=Spring" in world.follow(world.mails_to(ANA)[0].links()[0])
    assert world.entered(heard, ANA) == 1


def test_the_objective_of_a_flow_that_runs_is_changed_while_it_is_paused(world: World) -> None:
    flow = world.flow(MAIL + "settings: {objective: Sell}\n")
    world.flow(MAIL + "settings: {objective: Please}\n", on=False)
    with pytest.raises(Conflict, match="while the flow is paused"):
        world.publish(flow)
    world.pause(flow)
    world.publish(flow)
    world.resume(flow)
    world.flow(MAIL.replace("News", "Letter") + "settings: {objective: Please}\n", on=False)
    world.publish(flow)
    assert world.state(flow) == "live"


def test_it_sorts_flows(world: World) -> None:
    for name, objective in (("A", "Sell"), ("B", ""), ("C", "please"), ("D", "Sell")):
        world.flow(
            MAIL.replace("flow: Spring", f"flow: {name}") + f'settings: {{objective: "{objective}"}}\n', on=False
        )
    with world.database.transaction() as tx:
        listed = store.list_flows(tx, world.shop.account_id, by_objective=True)
        named = store.list_flows(tx, world.shop.account_id)
    assert [(flow.name, flow.objective) for flow in listed] == [
        ("C", "please"), ("A", "Sell"), ("D", "Sell"), ("B", None),
    ]  # fmt: skip
    assert [flow.name for flow in named] == ["A", "B", "C", "D"]


def test_they_are_written_and_read_back(world: World) -> None:
    settings = world.rewritten(MAIL + "settings: {objective: Sell, analytics: Spring sale}\n")["settings"]
    assert (settings["objective"], settings["analytics"]) == ("Sell", "Spring sale")
    assert world.rewritten(MAIL + "settings: {analytics: true}\n")["settings"]["analytics"] is True
    assert {"objective", "analytics"} & set(world.rewritten(MAIL)["settings"]) == set()
    assert "V15" in world.problems(MAIL + f"settings: {{objective: {'x' * 101}}}\n")
    assert "V15" in world.problems(MAIL + f"settings: {{analytics: {'x' * 101}}}\n")
    assert "invalid" in world.problems(MAIL + "settings: {analytics: yes}\n"), "a word, and no yes"
    assert "invalid" in world.problems(MAIL + "settings: {analytics: 3}\n")
