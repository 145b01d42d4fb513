"""Contacts: creation, updates, addresses, tags, groups, archive, erasure — rows and events together."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from cast import ANA, API, BEN, BULK, CHLOE, DEV, FILE, FORM, PEOPLE, TEAM, everybody, open_shop

from relance.audience import contacts, fields, groups, tags
from relance.audience.contacts import Draft
from relance.audience.fields import BadFields
from relance.kernel.errors import Conflict, Invalid, NotFound, RelanceError


@pytest.fixture
def tx(database, clock):
    with database.transaction() as tx:
        yield tx


@pytest.fixture
def shop(tx):
    return open_shop(tx)


def test_a_new_contact_is_told_in_order(tx, shop):
    field = fields.find_fields(tx, shop.customers.audience_id)
    ana = shop.add(tx, ANA, tags=["VIP"], language="fr")
    assert shop.story(tx, ana) == [
        "created", "email_subscribed", "attribute_changed", "field_changed", "field_changed", "field_changed",
        "tag_added",
    ]  # fmt: skip
    assert ana.fields == {field["FNAME"].key: "Ana", field["LNAME"].key: "Lima", field["BIRTHDAY"].key: "03/14"}
    newest = contacts.timeline(tx, ana)[0]
    assert newest.payload["at_creation"] is True


@pytest.mark.parametrize("name", [ANA, "ANA@Example.com", "9b9afbf0cd6a1f8e4a7eb0e6f1e2d1a1"])
def test_a_contact_is_named_by_address_hash_or_id(tx, shop, name):
    ana = shop.add(tx, ANA)
    name = contacts.key_of(ANA) if len(name) == 32 else name
    assert contacts.find(tx, shop.customers.audience_id, name) == ana
    assert contacts.find(tx, shop.customers.audience_id, ana.contact_id.hex) == ana
    assert contacts.find(tx, shop.customers.audience_id, "nobody@example.com") is None


def test_the_same_draft_twice_changes_nothing_the_second_time(tx, shop):
    ana = shop.add(tx, ANA, tags=["VIP"])
    told = len(shop.story(tx, ana))
    again = shop.save(tx, email=ANA, email_status="subscribed", fields=PEOPLE[ANA], tags=["vip "])
    assert (again.created, again.changed) == (False, False)
    assert again.contact == ana
    assert len(shop.story(tx, ana)) == told


def test_a_field_change_is_told_with_old_and_new(tx, shop):
    ana = shop.add(tx, ANA)
    saved = shop.save(tx, email=ANA, fields={"FNAME": "Anna", "BIRTHDAY": "", "NOSUCH": "x"})
    changed = contacts.timeline(tx, ana, 2, kinds=["contact.field_changed"])
    assert {(entry.payload["old"], entry.payload["new"]) for entry in changed} == {("Ana", "Anna"), ("03/14", None)}
    assert not any(entry.payload["at_creation"] for entry in changed)
    assert saved.changed
    assert dates(tx) == []


def test_birthdays_are_looked_up_by_month_and_day(tx, shop):
    everybody(tx, shop)
    assert sorted(row.month_day for row in dates(tx)) == [229, 314]


def dates(tx):
    return tx.connection.execute("select * from contact_date").fetchall()


def test_every_field_that_does_not_fit_is_named(tx, shop):
    with pytest.raises(BadFields) as caught:
        shop.add(tx, ANA, fields={"BIRTHDAY": "soon", "PHONE": "x", "FNAME": "Ana"})
    assert [tag for tag, _ in caught.value.errors] == ["BIRTHDAY", "PHONE"]


def test_required_fields_are_checked_when_asked(tx, shop):
    first_name = fields.find_fields(tx, shop.customers.audience_id)["FNAME"]
    fields.change(tx, first_name, required=True)
    with pytest.raises(BadFields, match="FNAME"):
        shop.add(tx, ANA, fields={}, check_required=True)
    assert shop.add(tx, ANA, fields={}).email == ANA


def test_an_address_that_is_there_is_refused_for_a_new_contact(tx, shop):
    shop.add(tx, ANA)
    with pytest.raises(Conflict) as caught:
        shop.add(tx, "ANA@example.com", must_be_new=True)
    assert caught.value.code == "member_exists"


def test_a_changed_address_is_the_same_person(tx, shop):
    ana = shop.add(tx, ANA, tags=["VIP"])
    told = len(shop.story(tx, ana))
    moved = shop.save(tx, who=ana, email="ana@fern.example").contact
    assert moved.contact_id == ana.contact_id
    assert shop.story(tx, ana, told) == ["address_changed"]
    assert contacts.find(tx, shop.customers.audience_id, ANA) is None
    assert shop.find(tx, "ana@fern.example") == moved
    assert shop.add(tx, ANA).contact_id != ana.contact_id  # the old address is free


def test_an_address_of_somebody_else_is_refused(tx, shop):
    ana = shop.add(tx, ANA)
    shop.add(tx, BEN)
    with pytest.raises(Conflict) as caught:
        shop.save(tx, who=ana, email=BEN)
    assert caught.value.code == "address_taken"


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "@example.com", "a b@example.com", "ana@example..com", "ana@-x.com"]
)
def test_what_is_no_address_is_refused(tx, shop, email):
    with pytest.raises(Invalid) as caught:
        shop.add(tx, email)
    assert caught.value.code == "bad_address"


def test_addresses_beyond_ascii_are_welcome(tx, shop):
    assert shop.add(tx, "chloé@fougère.example").email == "chloé@fougère.example"


# ── Tags (1a–1d) ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_1a_a_tag_set_by_the_api_is_told(tx, shop):
    ana = shop.add(tx, ANA)
    contacts.set_tags(tx, ana.created_at, shop.customers, ana, API, add=["vip"])
    assert shop.story(tx, ana)[-1] == "tag_added"
    assert [tag.name for tag, _ in contacts.tags_of(tx, [ana])[ana.contact_id]] == ["vip"]


def test_1b_an_import_that_creates_with_the_tag_tells_it(tx, shop):
    dev = shop.add(tx, DEV, FILE, tags=["vip"])
    entry = contacts.timeline(tx, dev, 1)[0]
    assert (entry.kind, entry.source, entry.payload["at_creation"]) == ("contact.tag_added", "import", True)


def test_1c_a_tag_held_already_is_not_told(tx, shop):
    ana = shop.add(tx, ANA, tags=["vip"])
    told = shop.story(tx, ana)
    saved = contacts.set_tags(tx, ana.created_at, shop.customers, ana, API, add=["VIP"])
    assert not saved.changed
    assert shop.story(tx, ana) == told


def test_1d_a_syncing_tag_call_says_so(tx, shop):
    ana = shop.add(tx, ANA)
    contacts.set_tags(tx, ana.created_at, shop.customers, ana, API, add=["vip"], syncing=True)
    assert contacts.timeline(tx, ana, 1)[0].syncing is True


def test_a_tag_added_and_removed_in_one_call_is_nothing(tx, shop):
    ana = shop.add(tx, ANA)
    assert not contacts.set_tags(tx, ana.created_at, shop.customers, ana, API, add=["x"], remove=["x"]).changed


def test_removing_a_tag_that_nobody_made_makes_none(tx, shop):
    ana = shop.add(tx, ANA)
    assert not contacts.set_tags(tx, ana.created_at, shop.customers, ana, API, remove=["ghost"]).changed
    assert tags.list(tx, shop.customers.audience_id) == []


def test_only_tags_replaces_them(tx, shop):
    ana = shop.add(tx, ANA, tags=["a", "b"])
    shop.save(tx, email=ANA, tags=["b", "c"], only_tags=True)
    assert [tag.name for tag, _ in contacts.tags_of(tx, [ana])[ana.contact_id]] == ["b", "c"]
    assert shop.story(tx, ana)[-2:] == ["tag_added", "tag_removed"]


def test_tags_are_searched_by_folded_prefix(tx, shop):
    shop.add(tx, ANA, tags=["Élan", "Elm", "Oak"])
    assert [tag.name for tag in tags.search(tx, shop.customers.audience_id, "EL")] == ["Élan", "Elm"]


def test_a_deleted_tag_is_taken_off_without_a_word(tx, shop, clock):
    ana = shop.add(tx, ANA, tags=["Oak"])
    told = shop.story(tx, ana)
    tags.delete(tx, clock.now(), tags.list(tx, shop.customers.audience_id)[0])
    assert contacts.tags_of(tx, [ana])[ana.contact_id] == []
    assert shop.story(tx, ana) == told


# ── Groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_groups_are_joined_and_left(tx, shop):
    care = groups.add_category(tx, shop.customers.audience_id, "Plant care")
    ferns, moss = groups.add_group(tx, care, "Ferns"), groups.add_group(tx, care, "Moss")
    ana = shop.add(tx, ANA, groups={ferns.group_id: True})
    contacts.set_groups(tx, ana.created_at, shop.customers, ana, FORM, {moss.group_id: True})
    contacts.set_groups(tx, ana.created_at, shop.customers, ana, FORM, {ferns.group_id: False, moss.group_id: True})
    assert shop.story(tx, ana)[-3:] == ["group_joined", "group_joined", "group_left"]
    assert set(contacts.groups_of(tx, [ana])[ana.contact_id]) == {moss.group_id}


def test_a_single_choice_moves(tx, shop):
    light = groups.add_category(tx, shop.customers.audience_id, "Light", "radio")
    sun, shade = groups.add_group(tx, light, "Sun"), groups.add_group(tx, light, "Shade")
    ana = shop.add(tx, ANA, groups={sun.group_id: True})
    contacts.set_groups(tx, ana.created_at, shop.customers, ana, FORM, {shade.group_id: True})
    assert set(contacts.groups_of(tx, [ana])[ana.contact_id]) == {shade.group_id}
    assert shop.story(tx, ana)[-2:] == ["group_left", "group_joined"]


def test_an_unknown_group_is_refused(tx, shop):
    with pytest.raises(Invalid) as caught:
        shop.add(tx, ANA, groups={12345: True})
    assert caught.value.code == "unknown_group"


# ── Archive and erasure ─────────────────────────────────────────────────────────────────────────────────────────────


def test_archive_keeps_everything_and_restore_is_no_sign_up(tx, shop, clock):
    ana = shop.add(tx, ANA, tags=["vip"])
    told = len(shop.story(tx, ana))
    archived = contacts.archive(tx, clock.now(), shop.customers, ana, API)
    assert archived.archived
    assert archived.email_status == "subscribed"
    assert contacts.archive(tx, clock.now(), shop.customers, archived, API) == archived
    contacts.restore(tx, clock.now(), shop.customers, archived, TEAM)
    assert shop.story(tx, ana, told) == ["archived", "restored"]
    assert len(contacts.tags_of(tx, [ana])[ana.contact_id]) == 1


def test_posting_an_archived_contact_revives_it(tx, shop, clock):
    ana = shop.add(tx, ANA)
    contacts.archive(tx, clock.now(), shop.customers, ana, API)
    saved = shop.save(tx, email=ANA, email_status="subscribed", must_be_new=True)
    assert (saved.created, saved.contact.archived) == (False, False)
    assert shop.story(tx, ana)[-2:] == ["archived", "restored"]


def test_an_update_without_a_status_leaves_the_archived_where_they_are(tx, shop, clock):
    ana = shop.add(tx, ANA)
    contacts.archive(tx, clock.now(), shop.customers, ana, API)
    assert shop.save(tx, email=ANA, fields={"FNAME": "Anna"}).contact.archived


def test_what_is_erased_leaves_no_trace_and_is_not_re_imported(tx, shop, clock):
    ana = shop.add(tx, ANA, tags=["vip"])
    contacts.erase(tx, clock.now(), shop.customers, ana, API)
    everything = " ".join(
        str(row)
        for table in ("contact", "identity", "event", "consent_record", "contact_tag", "contact_date")
        for row in tx.connection.execute(f"select * from {table}").fetchall()
    )
    for word in (ANA, "Ana", "Lima", "03/14", contacts.key_of(ANA)):
        assert word not in everything
    with pytest.raises(Conflict) as caught:
        shop.add(tx, ANA, FILE)
    assert caught.value.code == "forgotten"
    assert contacts.find(tx, shop.customers.audience_id, ANA) is None
    back = shop.add(tx, ANA, FORM)  # the contact's own sign-up
    assert back.contact_id != ana.contact_id
    assert shop.add(tx, ANA, FILE) == back
    with pytest.raises(NotFound):
        contacts.erase(tx, clock.now(), shop.customers, ana, API)


# ── Many at once ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_tells_each_draft_what_came_of_it(tx, shop, clock):
    shop.add(tx, BEN, fields={})
    drafts = [
        Draft(email=ANA, email_status="subscribed", tags=["new"]),
        Draft(email="nonsense", email_status="subscribed"),
        Draft(email=BEN, email_status="subscribed", fields={"FNAME": "Ben"}),
        Draft(email=ANA, email_status="subscribed", tags=["twice"]),
        Draft(email=CHLOE, email_status="subscribed", fields={"BIRTHDAY": "31/31"}),
        Draft(email=DEV),
    ]
    saved = contacts.save_many(tx, clock.now(), shop.customers, drafts, BULK)
    assert [each.code if isinstance(each, RelanceError) else each.created for each in saved] == [
        True, "bad_address", False, False, "invalid_fields", "status_required",
    ]  # fmt: skip
    assert len(contacts.tags_of(tx, [saved[0].contact])[saved[0].contact.contact_id]) == 2
    assert tx.connection.execute("select count(*) from identity").fetchone()[0] == 2  # nothing is left of the refused


def test_a_batch_of_any_size_costs_the_same_number_of_statements(tx, shop, clock):
    def cost(start: int, size: int) -> int:
        counted = []
        execute = tx.connection.execute
        tx.connection.execute = lambda *args, **more: (counted.append(1), execute(*args, **more))[1]
        drafts = [
            Draft(
                email=f"p{start + n}@example.com", email_status="subscribed",
                fields={"FNAME": f"P{n}", "BIRTHDAY": "05/04"}, tags=["seed"],
            )
            for n in range(size)
        ]  # fmt: skip
        saved = contacts.save_many(tx, clock.now(), shop.customers, drafts, BULK)
        del tx.connection.execute
        assert all(each.created for each in saved)
        return len(counted)

    cost(0, 1)
    assert cost(1000, 300) == cost(2000, 3)


def test_one_contact_named_twice_in_a_batch_is_saved_in_order(tx, shop, clock):
    ana = shop.add(tx, ANA)
    drafts = [Draft(email=ANA, fields={"FNAME": "First"}), Draft(contact_id=ana.contact_id, fields={"FNAME": "Second"})]
    contacts.save_many(tx, clock.now(), shop.customers, drafts, API)
    key = fields.find_fields(tx, shop.customers.audience_id)["FNAME"].key
    assert shop.find(tx).fields[key] == "Second"


def test_two_callers_who_create_one_address_make_one_contact(database, clock):
    with database.transaction() as tx:
        shop = open_shop(tx)
    outcomes, barrier = [], threading.Barrier(4)

    def create(n: int) -> None:
        barrier.wait()
        with database.transaction() as tx:
            outcomes.append(shop.save(tx, email=ANA, email_status="subscribed", fields={"LNAME": f"Lima {n}"}).created)

    threads = [threading.Thread(target=create, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, False, False, True]
    with database.transaction() as tx:
        ana = shop.find(tx)
        assert shop.story(tx, ana)[:3] == ["created", "email_subscribed", "field_changed"]
        assert shop.story(tx, ana).count("field_changed") == 4


def test_batches_over_the_same_people_in_opposite_orders_wait_for_each_other(database, clock):
    with database.transaction() as tx:
        shop = open_shop(tx)
        shop.add(tx, "p3@example.com", fields={})
    emails = [f"p{n}@example.com" for n in range(60)]
    outcomes, barrier = [], threading.Barrier(2)

    def add(order: list[str], tag: str) -> None:
        for start in range(0, len(order), 20):
            barrier.wait()
            drafts = [Draft(email=email, email_status="subscribed", tags=[tag]) for email in order[start : start + 20]]
            with database.transaction() as tx:
                outcomes.extend(contacts.save_many(tx, clock.now(), shop.customers, drafts, BULK))

    threads = [
        threading.Thread(target=add, args=(emails, "forwards")),
        threading.Thread(target=add, args=(emails[::-1], "backwards")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [each for each in outcomes if isinstance(each, RelanceError)] == []
    assert len(outcomes) == 120
    assert sum(each.created for each in outcomes) == 59
    with database.transaction() as tx:
        everyone = contacts.find_many(tx, shop.customers.audience_id, emails)
        assert all(len(held) == 2 for held in contacts.tags_of(tx, list(everyone.values())).values())


def test_an_identity_without_a_contact_is_used_again(tx, shop, clock):
    ana = shop.add(tx, ANA)
    tx.connection.execute("delete from contact")
    again = shop.add(tx, ANA)
    assert again.contact_id == ana.contact_id
    assert shop.find(tx) == again


def test_changes_move_the_date_of_change(tx, shop, clock):
    ana = shop.add(tx, ANA)
    later = clock.advance(timedelta(hours=1))
    assert shop.save(tx, email=ANA, email_status="subscribed").contact.changed_at == ana.changed_at
    assert contacts.set_tags(tx, later, shop.customers, ana, API, add=["x"]).contact.changed_at == later
