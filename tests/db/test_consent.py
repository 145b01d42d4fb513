"""Sign-ups, confirmations, opt-outs and bounces: what is written and what is told (flows.md 2a–2e, G21, section 9)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from cast import ANA, API, BULK, CHLOE, FILE, FORM, STORE, TEAM, open_shop

from relance.audience import consent, contacts, groups
from relance.audience.contacts import Actor
from relance.kernel.errors import Conflict

COMPLAINT = Actor("complaint", "system")


@pytest.fixture
def tx(database, clock):
    with database.transaction() as tx:
        yield tx


@pytest.fixture
def shop(tx):
    return open_shop(tx)


def newest(tx, contact, kind):
    return contacts.timeline(tx, contact, 1, kinds=[f"contact.{kind}"])[0].payload


def records(tx):
    query = "select old, new, by, source, address, shown from consent_record order by consent_id"
    return [tuple(row) for row in tx.connection.execute(query).fetchall()]


def test_2a_with_double_opt_in_the_sign_up_counts_at_confirmation(tx, clock):
    shop = open_shop(tx, double_opt_in=True)
    chloe = shop.add(tx, CHLOE, FORM, tags=["fern lover"])
    assert (chloe.email_status, chloe.joined_at) == ("pending", None)
    assert shop.story(tx, chloe) == ["created", "email_pending"]
    later = clock.advance(timedelta(hours=2))
    confirmed = contacts.confirm(tx, later, shop.customers, chloe, FORM)
    assert (confirmed.email_status, confirmed.opted_in_at, confirmed.joined_at) == ("subscribed", later, later)
    told = shop.story(tx, chloe, 2)
    assert told == ["email_subscribed", "field_changed", "field_changed", "field_changed", "tag_added"]
    assert newest(tx, chloe, "email_subscribed") == {"previous": "pending", "imported": False, "confirmed": True}
    assert newest(tx, chloe, "tag_added")["at_creation"] is True
    assert contacts.confirm(tx, later, shop.customers, chloe, FORM) == confirmed
    assert len(shop.story(tx, chloe)) == 2 + len(told)


def test_2b_2d_an_import_and_a_batch_call_say_that_they_are_one(tx, shop):
    ana = shop.add(tx, ANA, FILE)
    chloe = shop.add(tx, CHLOE, BULK)
    assert newest(tx, ana, "email_subscribed")["imported"] is True
    assert newest(tx, chloe, "created")["imported"] is True


def test_2c_a_subscribed_person_at_the_form_again_is_nothing(tx, shop):
    ana = shop.add(tx, ANA)
    told = shop.story(tx, ana)
    assert shop.add(tx, ANA, FORM) == ana
    assert shop.story(tx, ana) == told


def test_2e_a_file_that_raises_a_known_customer_says_where_from(tx, shop):
    ana = shop.add(tx, ANA, STORE, email_status="non_subscribed")
    assert "email_subscribed" not in shop.story(tx, ana)
    shop.add(tx, ANA, FILE)
    assert newest(tx, ana, "email_subscribed") == {"previous": "non_subscribed", "imported": True, "confirmed": False}


def test_a_store_opt_in_overrides_no_opt_out(tx, shop, clock):
    ana = shop.add(tx, ANA)
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    assert shop.add(tx, ANA, STORE).email_status == "unsubscribed"


def test_a_store_revives_nobody_from_the_archive(tx, shop, clock):
    ana = shop.add(tx, ANA)
    contacts.archive(tx, clock.now(), shop.customers, ana, TEAM)
    assert shop.add(tx, ANA, STORE, email_status="non_subscribed").archived


def test_every_consent_change_is_recorded_with_who_and_how(tx, shop, clock):
    ana = shop.add(tx, ANA, FORM, shown="News about ferns, twice a month")
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    assert records(tx) == [
        (None, "subscribed", "self", "form", "198.51.100.7", "News about ferns, twice a month"),
        ("subscribed", "unsubscribed", "self", "form", "198.51.100.7", None),
    ]


def test_unsubscribing_twice_is_once(tx, shop, clock):
    ana = shop.add(tx, ANA)
    delivery = uuid4()
    out = consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM, delivery_id=delivery, reason="too many ferns")
    assert (out.email_status, out.email_out_by) == ("unsubscribed", "self")
    assert newest(tx, ana, "email_unsubscribed") == {
        "previous": "subscribed", "by": "self", "delivery_id": str(delivery), "reason": "too many ferns",
    }  # fmt: skip
    assert consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM) == out
    assert shop.story(tx, ana).count("email_unsubscribed") == 1
    assert len(records(tx)) == 2


def test_who_was_taken_out_by_the_api_comes_back_by_the_api(tx, shop):
    shop.add(tx, ANA)
    out = shop.add(tx, ANA, email_status="unsubscribed")
    assert out.email_out_by == "api"
    back = shop.add(tx, ANA)
    assert (back.email_status, back.email_out_by) == ("subscribed", None)
    assert newest(tx, back, "email_subscribed")["previous"] == "unsubscribed"


@pytest.mark.parametrize("actor", [FORM, COMPLAINT])
def test_who_left_by_their_own_wish_stays_out(tx, shop, clock, actor):
    ana = shop.add(tx, ANA)
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, actor)
    for by in (API, TEAM, FILE):
        with pytest.raises(Conflict) as caught:
            shop.add(tx, ANA, by, shown="on the phone")
        assert caught.value.code == "compliance_state"


def test_an_opt_out_by_others_becomes_the_contact_s_own(tx, shop, clock):
    ana = shop.add(tx, ANA)
    shop.add(tx, ANA, email_status="unsubscribed")
    mine = consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    assert mine.email_out_by == "self"
    assert shop.story(tx, ana).count("email_unsubscribed") == 1
    with pytest.raises(Conflict):
        shop.add(tx, ANA)


def test_pending_is_no_way_around_an_opt_out(tx, shop, clock):
    ana = shop.add(tx, ANA)
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    assert shop.add(tx, ANA, email_status="pending").email_status == "pending"
    assert shop.add(tx, ANA, email_status="unsubscribed").email_out_by == "self"
    with pytest.raises(Conflict):
        shop.add(tx, ANA)


def test_who_returns_by_the_form_confirms_and_is_told_only_what_is_new(tx, shop, clock):
    ana = shop.add(tx, ANA, tags=["vip", "old"])
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    pending = shop.add(tx, ANA, FORM, fields={"FNAME": "Anna"}, tags=["fern lover"], untags=["old"])
    assert pending.email_status == "pending"
    told = len(shop.story(tx, ana))
    contacts.confirm(tx, clock.now(), shop.customers, ana, FORM)
    assert shop.story(tx, ana, told) == ["email_subscribed", "field_changed", "tag_added", "tag_removed"]
    changed = newest(tx, ana, "field_changed")
    assert (changed["old"], changed["new"]) == ("Ana", "Anna")


def test_changes_while_pending_are_told_once_at_confirmation(tx, clock):
    shop = open_shop(tx, double_opt_in=True)
    care = groups.add_category(tx, shop.customers.audience_id, "Plant care")
    ferns, moss = groups.add_group(tx, care, "Ferns"), groups.add_group(tx, care, "Moss")
    ana = shop.add(tx, ANA, FORM, fields={"FNAME": "An"}, groups={ferns.group_id: True, moss.group_id: True})
    shop.save(tx, email=ANA, fields={"FNAME": "Ana"}, groups={moss.group_id: False}, tags=["x"])
    assert shop.story(tx, ana) == ["created", "email_pending"]
    contacts.confirm(tx, clock.now(), shop.customers, ana, FORM)
    assert shop.story(tx, ana, 2) == ["email_subscribed", "field_changed", "tag_added", "group_joined"]
    assert newest(tx, ana, "field_changed") | {"field_id": 0} == {
        "field_id": 0, "old": None, "new": "Ana", "at_creation": True,
    }  # fmt: skip


def test_who_asks_again_while_pending_gets_another_confirmation(tx, clock):
    shop = open_shop(tx, double_opt_in=True)
    ana = shop.add(tx, ANA, FORM)
    shop.add(tx, ANA, API, email_status="pending")
    assert shop.story(tx, ana) == ["created", "email_pending", "email_pending"]
    with pytest.raises(Conflict):
        shop.add(tx, ANA, API, email_status="subscribed")


def test_a_sign_up_that_was_withdrawn_cannot_be_confirmed(tx, clock):
    shop = open_shop(tx, double_opt_in=True)
    ana = shop.add(tx, ANA, FORM)
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    with pytest.raises(Conflict) as caught:
        contacts.confirm(tx, clock.now(), shop.customers, ana, FORM)
    assert caught.value.code == "not_pending"


def test_a_bounce_cleans_and_another_address_heals(tx, shop, clock):
    ana = shop.add(tx, ANA)
    cleaned = consent.clean(tx, clock.now(), shop.customers, ana, "hard_bounce")
    assert cleaned.email_status == "cleaned"
    assert newest(tx, ana, "cleaned") == {"channel": "email", "by": "hard_bounce"}
    assert consent.clean(tx, clock.now(), shop.customers, ana, "hard_bounce") == cleaned
    with pytest.raises(Conflict):
        shop.add(tx, ANA)
    healed = shop.save(tx, who=ana, email="ana@fern.example").contact
    assert healed.email_status == "subscribed"
    assert shop.story(tx, ana)[-2:] == ["cleaned", "address_changed"]  # a return, no sign-up


def test_another_address_heals_no_opt_out(tx, shop, clock):
    ana = shop.add(tx, ANA)
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    consent.clean(tx, clock.now(), shop.customers, ana, "soft_bounces")
    healed = shop.save(tx, who=ana, email="ana@fern.example").contact
    assert (healed.email_status, healed.email_out_by) == ("unsubscribed", "self")


def test_the_archived_are_not_cleaned_and_unsubscribing_leaves_them_archived(tx, shop, clock):
    ana = shop.add(tx, ANA)
    contacts.archive(tx, clock.now(), shop.customers, ana, API)
    assert consent.clean(tx, clock.now(), shop.customers, ana, "hard_bounce").email_status == "subscribed"
    out = consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    assert (out.email_status, out.archived) == ("unsubscribed", True)


def test_the_archive_is_no_way_around_an_opt_out(tx, shop, clock):
    ana = shop.add(tx, ANA)
    consent.unsubscribe(tx, clock.now(), shop.customers, ana, FORM)
    contacts.archive(tx, clock.now(), shop.customers, ana, API)
    with pytest.raises(Conflict) as caught:
        shop.add(tx, ANA)
    assert caught.value.code == "compliance_state"
