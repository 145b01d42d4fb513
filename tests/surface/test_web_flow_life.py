"""The pages of a flow's life: what is broken, a step paused alone, a resume with its questions, somebody taken out."""

from __future__ import annotations

from datetime import datetime

from starlette.testclient import TestClient

from relance.db.pool import Transaction
from relance.messages.transports.model import Letter
from relance.web.flows.alert_letters import alert_letters
from relance.worker.alerts import Alerts
from tests.surface.test_web_pages import OWNER, VIEWER, WebShop, ana, press, shop, signed_in, text  # noqa: F401

CHLOE = "chloe@example.com"
OFFER = """
flow: Offer
audience: Customers
triggers:
  - tag_added: {tag: sale}
steps:
  - delay: 5 days
  - add_tag: done
"""


def offer(shop: WebShop) -> int:  # noqa: F811
    flow_id = shop.world.flow(OFFER)
    shop.world.tag(CHLOE, "sale")
    shop.world.settle()
    return flow_id


def test_what_is_broken_is_named_and_in_french_too(ana: TestClient, shop: WebShop) -> None:  # noqa: F811
    flow_id = offer(shop)
    shop.world.delete_tag("sale")
    shop.world.settle()
    assert "V06: trigger 1 (tag_added): The tag it names is not there." in text(ana.get(f"/flows/{flow_id}"))
    shop.speak(VIEWER, "fr")
    assert "n’existe plus" in text(signed_in(shop, VIEWER).get(f"/flows/{flow_id}"))


def test_a_step_is_paused_and_goes_on(ana: TestClient, shop: WebShop) -> None:  # noqa: F811
    flow_id = offer(shop)
    page = next(part for part in ana.get(f"/flows/{flow_id}").text.split('"') if f"/flows/{flow_id}/steps/" in part)
    assert "Let this step go on" in text(press(ana, page, act="pause_step"))
    assert "1 step paused" in text(ana.get(f"/flows/{flow_id}"))
    assert "Pause this step" in text(press(ana, page, act="resume_step"))
    press(ana, page, act="take_out")
    shop.world.settle()
    assert shop.world.path(flow_id, CHLOE)[-1] == "X08"


def test_a_paused_step_of_an_older_version_that_people_finish_goes_on(ana: TestClient, shop: WebShop) -> None:  # noqa: F811
    flow_id = offer(shop)
    page = next(part for part in ana.get(f"/flows/{flow_id}").text.split('"') if f"/flows/{flow_id}/steps/" in part)
    press(ana, page, act="pause_step")
    shop.world.flow(OFFER.replace("  - delay: 5 days\n", ""), on=False)
    shop.world.publish(flow_id, inside="finish_old")
    assert "Let this step go on" in text(ana.get(page))
    press(ana, page, act="resume_step")
    assert "Let this step go on" not in text(ana.get(page))
    assert "1 step paused" not in text(ana.get(f"/flows/{flow_id}"))


def test_a_resume_asks_and_lets_the_missed_in(ana: TestClient, shop: WebShop) -> None:  # noqa: F811
    flow_id = offer(shop)
    here = f"/flows/{flow_id}"
    press(ana, here, act="pause")
    shop.world.tag("ben@example.com", "sale")
    shop.world.settle()
    assert "Let in the 1 person who fired a trigger meanwhile" in text(ana.get(here))
    assert press(ana, here, act="resume", late="never", days="3").status_code == 400
    press(ana, here, act="resume", late="all", days="3", missed="yes")
    shop.world.settle()
    assert shop.world.entered(flow_id, "ben@example.com") == 1


def test_somebody_is_taken_out_allowed_again_and_forgotten(ana: TestClient, shop: WebShop) -> None:  # noqa: F811
    flow_id = offer(shop)
    page = f"/contacts/{shop.contacts[CHLOE]}/flows/{flow_id}"
    assert "Kept out of this flow." in text(press(ana, page, act="take_out"))
    shop.world.settle()
    assert shop.world.path(flow_id, CHLOE)[-1] == "X07"
    assert "May enter again" in text(press(ana, page, act="allow"))
    assert press(ana, page, act="reset").status_code == 200
    assert press(ana, page, act="fly").status_code == 400
    viewer = signed_in(shop, VIEWER)
    assert "Take out of this flow" not in text(viewer.get(page))


def test_the_team_is_told_once_each_in_their_language(shop: WebShop) -> None:  # noqa: F811
    world = shop.world

    def write(tx: Transaction, now: datetime) -> list[Letter]:
        return alert_letters(tx, now, shop.context.public_url)

    alerts = Alerts(world.database, world.post.transport, write)
    flow_id = offer(shop)
    world.delete_tag("sale")
    world.settle()
    world.mails.clear()
    assert (alerts.all(), alerts.all()) == (1, 0)
    (mail,) = world.mails
    assert (mail.to, mail.subject) == (OWNER, "“Offer” needs a fix"), "viewers are not written to"
    assert "The tag it names is not there" in mail.view.text
    assert f"/flows/{flow_id}" in mail.view.text
    shop.speak(OWNER, "fr")
    world.drain(shop.welcome)
    for email in shop.contacts:
        world.take_out(shop.welcome, email)
    world.settle()
    assert world.state(shop.welcome) == "paused"
    alerts.all()
    assert "est vide et maintenant en pause" in world.mails[-1].subject
