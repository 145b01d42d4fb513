"""Members, their tags and events, and the bulk call, through Mailchimp's own client."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from api_shop import Shop, refusal

from relance.audience import audiences, consent, contacts
from relance.audience.contacts import Actor
from relance.db.pool import Database
from relance.kernel.clock import Clock

ANA = "ana@example.com"
HASH = hashlib.md5(ANA.encode()).hexdigest()
GONE = "gone@example.com"


def inside(shop: Shop, database: Database, clock: Clock, list_id: str, email: str, deed: str) -> None:
    """What the API cannot do: the contact unsubscribes, or the address bounces."""
    with database.transaction() as tx:
        audience = audiences.get(tx, shop.account.account_id, int(list_id, 16))
        contact = contacts.find(tx, audience.audience_id, email)
        assert contact is not None
        if deed == "unsubscribes":
            consent.unsubscribe(tx, clock.now(), audience, contact, Actor("self", "form"))
        else:
            consent.clean(tx, clock.now(), audience, contact, "hard_bounce")


def kinds(database: Database) -> list[tuple[str, bool]]:
    """Kinds of events in the ledger, with whether they only load history."""
    with database.transaction() as tx:
        rows = tx.connection.execute("select kind, syncing from event order by recorded_at, event_id").fetchall()
    return [(row.kind.removeprefix("contact."), row.syncing) for row in rows]


# ── One member ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_with_everything_reads_back_by_hash_address_and_contact_id(shop: Shop, customers: str) -> None:
    shop.official.lists.add_list_merge_field(customers, {"name": "Pots", "type": "number", "tag": "POTS"})
    made = shop.join(
        customers,
        ANA,
        merge_fields={"FNAME": "Ana", "LNAME": "Lima", "POTS": "12", "BIRTHDAY": "3/14", "UNKNOWN": "ignored",
                      "ADDRESS": {"addr1": "5 rue des Fougères", "city": "Nantes", "zip": "44000", "country": "FR"}},
        language="fr", vip=True, email_type="text", tags=["vip", "Plant lover"],
        ip_signup="198.51.100.7", timestamp_signup="2026-05-01 10:00:00", timestamp_opt="2026-05-01T12:00:00+02:00",
    )  # fmt: skip
    assert (made["id"], made["email_address"], made["status"], made["list_id"]) == (HASH, ANA, "subscribed", customers)
    assert (made["full_name"], made["language"], made["vip"], made["email_type"]) == ("Ana Lima", "fr", True, "text")
    assert made["merge_fields"] == {
        "FNAME": "Ana", "LNAME": "Lima", "PHONE": "", "BIRTHDAY": "03/14", "POTS": 12,
        "ADDRESS": {"addr1": "5 rue des Fougères", "addr2": "", "city": "Nantes", "state": "", "zip": "44000",
                    "country": "FR"},
    }  # fmt: skip
    assert sorted(tag["name"] for tag in made["tags"]) == ["Plant lover", "vip"]
    assert made["tags_count"] == 2
    assert made["timestamp_signup"] == "2026-05-01T10:00:00+00:00"
    assert made["timestamp_opt"] == "2026-05-01T10:00:00+00:00"
    assert made["last_changed"] == "2026-05-04T09:00:00+00:00"
    assert (len(made["unique_email_id"]), len(made["contact_id"])) == (10, 32)
    assert {each["rel"] for each in made["_links"]} >= {"self", "parent", "update", "upsert", "delete"}
    for name in (HASH, HASH.upper(), ANA, ANA.upper(), made["contact_id"], quote(ANA, safe="")):
        assert shop.http.get(f"/lists/{customers}/members/{name}").json() == made


def test_absent_texts_are_empty_and_nothing_is_null(shop: Shop, customers: str) -> None:
    def nulls(value: Any, path: str = "") -> list[str]:
        if isinstance(value, dict):
            return [each for key, item in value.items() for each in nulls(item, f"{path}.{key}")]
        if isinstance(value, list):
            return [each for item in value for each in nulls(item, path)]
        return [path] if value is None else []

    assert nulls(shop.join(customers, ANA)) == []
    assert nulls(shop.http.get("/lists").json()) == []


def test_an_address_that_is_there_is_refused_and_one_that_is_archived_comes_back(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA, merge_fields={"FNAME": "Ana"})
    with refusal(400, "Member Exists") as problem:
        shop.join(customers, "Ana@Example.com")
    assert "is already a list member" in problem["detail"]
    shop.official.lists.delete_list_member(customers, HASH)
    assert shop.official.lists.get_list_member(customers, HASH)["status"] == "archived"
    back = shop.join(customers, ANA)
    assert (back["status"], back["merge_fields"]["FNAME"]) == ("subscribed", "Ana")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["email_address", "status"]),
        ({"email_address": ANA}, ["status"]),
        ({"email_address": "not an address", "status": "subscribed"}, ["email_address"]),
        ({"email_address": 7, "status": "subscribed"}, ["email_address"]),
        ({"email_address": ANA, "status": "happy"}, ["status"]),
        ({"email_address": ANA, "status": "archived"}, ["status"]),
        ({"email_address": ANA, "status": "subscribed", "merge_fields": []}, ["merge_fields"]),
        ({"email_address": ANA, "status": "subscribed", "merge_fields": {"BIRTHDAY": "32/1"}}, ["BIRTHDAY"]),
        ({"email_address": ANA, "status": "subscribed", "interests": {"00000000ff": True}}, ["interests"]),
        ({"email_address": ANA, "status": "subscribed", "interests": {"ferns": True}}, ["interests"]),
        ({"email_address": ANA, "status": "subscribed", "timestamp_opt": "yesterday"}, ["timestamp_opt"]),
        ({"email_address": ANA, "status": "subscribed", "email_type": "pdf"}, ["email_type"]),
        ({"email_address": ANA, "status": "subscribed", "tags": [7]}, ["tags"]),
        ({"email_address": ANA, "status": "subscribed", "vip": "perhaps"}, ["vip"]),
    ],
)
def test_a_bad_member_is_refused_field_by_field(
    shop: Shop, customers: str, body: dict[str, Any], fields: list[str]
) -> None:
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.add_list_member(customers, body)
    assert [error["field"].split("[")[0] for error in problem["errors"]] == fields
    assert shop.official.lists.get_list_members_info(customers)["total_items"] == 0


def test_merge_fields_that_do_not_fit_are_named_by_their_tags(shop: Shop, customers: str) -> None:
    with refusal(400, "Invalid Resource") as problem:
        shop.join(customers, ANA, merge_fields={"BIRTHDAY": "soon", "PHONE": "x"})
    assert problem["detail"] == "Your merge fields were invalid."
    assert {error["field"] for error in problem["errors"]} == {"BIRTHDAY", "PHONE"}


def test_a_required_field_is_asked_for_unless_told_otherwise(shop: Shop, customers: str) -> None:
    shop.official.lists.update_list_merge_field(customers, "1", {"required": True})
    with refusal(400, "Invalid Resource") as problem:
        shop.join(customers, ANA)
    assert [error["field"] for error in problem["errors"]] == ["FNAME"]
    body = {"email_address": ANA, "status": "subscribed"}
    assert shop.official.lists.add_list_member(customers, body, skip_merge_validation=True)["status"] == "subscribed"
    # Leaving is never refused for it.
    assert shop.official.lists.set_list_member(customers, HASH, {"status": "unsubscribed"})["status"] == "unsubscribed"


def test_put_creates_and_then_updates_what_it_names(shop: Shop, customers: str) -> None:
    body = {"email_address": ANA, "status_if_new": "subscribed", "merge_fields": {"FNAME": "Ana", "LNAME": "Lima"}}
    assert shop.official.lists.set_list_member(customers, HASH, body)["status"] == "subscribed"
    again = shop.official.lists.set_list_member(
        customers,
        HASH,
        {"email_address": ANA, "status_if_new": "pending", "merge_fields": {"FNAME": "Anna"}, "tags": ["x"]},
    )
    assert (again["status"], again["merge_fields"]["FNAME"], again["merge_fields"]["LNAME"]) == (
        "subscribed",
        "Anna",
        "Lima",
    )
    assert again["tags"] == []
    # Opt-outs made by the API are taken back by the API.
    assert shop.official.lists.set_list_member(customers, HASH, {"status": "unsubscribed"})["status"] == "unsubscribed"
    assert shop.official.lists.set_list_member(customers, HASH, {"status": "subscribed"})["status"] == "subscribed"


def test_put_of_somebody_new_needs_an_address_and_a_status(shop: Shop, customers: str) -> None:
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.set_list_member(customers, HASH, {})
    assert [error["field"] for error in problem["errors"]] == ["email_address", "status_if_new"]
    made = shop.official.lists.set_list_member(customers, ANA, {"status_if_new": "transactional"})
    assert (made["email_address"], made["status"]) == (ANA, "transactional")


def test_put_brings_an_archived_member_back(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    shop.official.lists.delete_list_member(customers, HASH)
    body = {"email_address": ANA, "status_if_new": "subscribed"}
    assert shop.official.lists.set_list_member(customers, HASH, body)["status"] == "subscribed"


def test_another_address_renames_the_member(shop: Shop, customers: str) -> None:
    before = shop.join(customers, ANA)
    after = shop.official.lists.set_list_member(customers, HASH, {"email_address": "ana.lima@example.com"})
    assert after["id"] == hashlib.md5(b"ana.lima@example.com").hexdigest()
    assert after["contact_id"] == before["contact_id"]
    assert shop.http.get(f"/lists/{customers}/members/{HASH}").status_code == 404
    shop.join(customers, "ben@example.com")
    with refusal(400, "Member Exists"):
        shop.official.lists.update_list_member(customers, after["id"], {"email_address": "ben@example.com"})


def test_patch_changes_who_is_there_and_nobody_else(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA, merge_fields={"FNAME": "Ana"})
    changed = shop.official.lists.update_list_member(
        customers, HASH, {"merge_fields": {"FNAME": ""}, "vip": True, "language": "pt"}
    )
    assert (changed["merge_fields"]["FNAME"], changed["vip"], changed["language"]) == ("", True, "pt")
    with refusal(404, "Resource Not Found"):
        shop.official.lists.update_list_member(customers, "ben@example.com", {"vip": True})


def test_who_unsubscribed_in_person_is_not_brought_back_by_the_api(
    shop: Shop, customers: str, database: Database, clock: Clock
) -> None:
    shop.join(customers, ANA)
    inside(shop, database, clock, customers, ANA, "unsubscribes")
    for call in (shop.official.lists.set_list_member, shop.official.lists.update_list_member):
        with refusal(400, "Member In Compliance State") as problem:
            call(customers, HASH, {"status": "subscribed"})
        assert "compliance state" in problem["detail"]
    assert shop.official.lists.get_list_member(customers, HASH)["status"] == "unsubscribed"
    assert shop.official.lists.update_list_member(customers, HASH, {"status": "pending"})["status"] == "pending"


def test_delete_archives_once_and_not_who_bounced_or_is_pending(
    shop: Shop, customers: str, database: Database, clock: Clock
) -> None:
    shop.join(customers, ANA)
    shop.join(customers, "ben@example.com", status="pending")
    shop.join(customers, "dev@example.com")
    inside(shop, database, clock, customers, "dev@example.com", "bounces")
    assert shop.http.delete(f"/lists/{customers}/members/{HASH}").status_code == 204
    for name in (HASH, "ben@example.com", "dev@example.com"):
        answer = shop.http.delete(f"/lists/{customers}/members/{name}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")
    assert shop.http.delete(f"/lists/{customers}/members/{GONE}").status_code == 404
    # A cleaned member may be sent back as it was read.
    dev = shop.official.lists.get_list_member(customers, "dev@example.com")
    assert shop.official.lists.set_list_member(customers, dev["id"], dev)["status"] == "cleaned"


def test_an_erased_member_is_gone_and_cannot_be_imported_again(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    answer = shop.http.post(f"/lists/{customers}/members/{HASH}/actions/delete-permanent", content=b"null")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["content-type"].startswith("application/json")
    assert shop.http.get(f"/lists/{customers}/members/{HASH}").status_code == 404
    with refusal(400, "Forgotten Email Not Subscribed"):
        shop.join(customers, ANA)


def test_an_address_with_a_plus_is_found_in_every_spelling(shop: Shop, customers: str) -> None:
    shop.join(customers, "ana+plants@example.com")
    for name in ("ana+plants@example.com", "ana%2Bplants%40example.com"):
        assert shop.http.get(f"/lists/{customers}/members/{name}").status_code == 200


# ── Many members ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_members_are_filtered_sorted_and_paged(shop: Shop, customers: str, database: Database, clock: Clock) -> None:
    shop.join(customers, ANA, vip=True)
    clock.advance(timedelta(hours=1))
    shop.join(customers, "ben@example.com", status="unsubscribed", email_type="text")
    clock.advance(timedelta(hours=1))
    shop.join(customers, "chloe@example.com", status="transactional")
    clock.advance(timedelta(hours=1))
    shop.join(customers, "dev@example.com")
    shop.official.lists.delete_list_member(customers, "dev@example.com")
    chloe = shop.official.lists.get_list_member(customers, "chloe@example.com")

    def seen(query: str) -> str:
        answer = shop.http.get(f"/lists/{customers}/members?{query}").json()
        assert answer["total_items"] == len(answer["members"])
        return " ".join(each["email_address"].split("@")[0] for each in answer["members"])

    assert seen("") == "ana ben chloe dev"
    assert seen("status=subscribed") == "ana"
    assert seen("status=transactional") == "chloe"
    assert seen("status=archived") == "dev"
    assert seen("vip_only=true") == "ana"
    assert seen("vip_only=false") == "ana ben chloe dev"
    assert seen("email_type=text") == "ben"
    assert seen(f"unique_email_id={chloe['unique_email_id']}") == "chloe"
    assert seen("unique_email_id=%27%20or%201%3D1") == ""
    assert seen("since_last_changed=2026-05-04T10:00:00.000Z") == "ben chloe dev"
    assert (
        seen("since_last_changed=2026-05-04T10:00:00+00:00&before_last_changed=2026-05-04T11:30:00%2B00:00")
        == "ben chloe"
    )
    assert seen("since_timestamp_opt=2026-05-04T08:00:00Z") == "ana dev"
    assert seen("unsubscribed_since=2026-05-04T10:00:00Z") == "ben"
    assert seen("unsubscribed_since=2026-05-04T10:30:00Z") == ""
    assert seen("sort_field=last_changed&sort_dir=DESC") == "dev chloe ben ana"
    assert seen("limit=1&unknown=x") == "ana ben chloe dev"
    page = shop.http.get(f"/lists/{customers}/members?count=2&offset=1&fields=members.email_address,total_items").json()
    assert page == {
        "members": [{"email_address": "ben@example.com"}, {"email_address": "chloe@example.com"}],
        "total_items": 4,
    }
    for wrong in ("status=happy", "since_last_changed=soon", "vip_only=perhaps", "interest_ids=0&interest_match=some"):
        assert shop.http.get(f"/lists/{customers}/members?{wrong}").status_code == 400


def test_members_are_filtered_by_interests(shop: Shop, customers: str) -> None:
    lists = shop.official.lists
    category = lists.create_list_interest_category(customers, {"title": "Plants", "type": "checkboxes"})["id"]
    ferns, cacti = (
        lists.create_interest_category_interest(customers, category, {"name": name})["id"]
        for name in ("Ferns", "Cacti")
    )
    shop.join(customers, ANA, interests={ferns: True, cacti: True})
    shop.join(customers, "ben@example.com", interests={ferns: True})
    shop.join(customers, "dev@example.com")

    def seen(match: str, *ids: str) -> list[str]:
        answer = lists.get_list_members_info(
            customers, interest_category_id=category, interest_ids=",".join(ids), interest_match=match
        )
        return sorted(each["email_address"].split("@")[0] for each in answer["members"])

    assert seen("any", ferns, cacti) == ["ana", "ben"]
    assert seen("all", ferns, cacti) == ["ana"]
    assert seen("none", ferns, cacti) == ["dev"]


def test_every_member_and_the_page_have_links_unless_left_out(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    answer = shop.http.get(f"/lists/{customers}/members?fields=members._links,_links").json()
    assert set(answer) == {"members", "_links"}
    assert set(answer["members"][0]) == {"_links"}
    answer = shop.http.get(f"/lists/{customers}/members?exclude_fields=members._links,_links").json()
    assert "_links" not in answer
    assert "_links" not in answer["members"][0]


def test_many_members_in_one_call(shop: Shop, customers: str, database: Database) -> None:
    shop.join(customers, "ben@example.com", tags=["old"])
    body = {
        "members": [
            {"email_address": ANA, "status": "subscribed", "merge_fields": {"FNAME": "Ana"}, "tags": ["new"]},
            {"email_address": "ben@example.com", "status": "subscribed", "tags": ["new"]},
            {"email_address": "nobody", "status": "subscribed"},
            {"email_address": "chloe@example.com"},
            {"email_address": ANA, "status": "subscribed"},
            {"email_address": "dev@example.com", "status": "subscribed", "merge_fields": {"BIRTHDAY": "?"}},
        ]
    }
    answer = shop.official.lists.batch_list_members(customers, body)
    assert (answer["total_created"], answer["total_updated"], answer["error_count"]) == (1, 0, 5)
    assert [each["email_address"] for each in answer["new_members"]] == [ANA]
    told = [(each["email_address"], each["error_code"], each["field"]) for each in answer["errors"]]
    assert told == [
        ("ben@example.com", "ERROR_CONTACT_EXISTS", ""),
        ("nobody", "ERROR_GENERIC", ""),
        ("chloe@example.com", "ERROR_GENERIC", "status"),
        (ANA, "ERROR_GENERIC", "email_address"),
        ("dev@example.com", "ERROR_GENERIC", "BIRTHDAY"),
    ]
    assert all(each["error"] for each in answer["errors"])

    body = {
        "members": [{"email_address": "ben@example.com", "tags": ["new"]}],
        "update_existing": True,
        "sync_tags": True,
    }
    answer = shop.official.lists.batch_list_members(customers, body)
    assert (answer["total_updated"], [tag["name"] for tag in answer["updated_members"][0]["tags"]]) == (1, ["new"])


def test_a_bulk_call_is_an_import_to_flows(shop: Shop, customers: str, database: Database) -> None:
    body = {"members": [{"email_address": ANA, "status": "subscribed"}]}
    shop.official.lists.batch_list_members(customers, body)
    with database.transaction() as tx:
        rows = tx.connection.execute("select payload from event where kind = 'contact.email_subscribed'").fetchall()
    assert [row.payload["imported"] for row in rows] == [True]


def test_more_than_500_members_are_refused(shop: Shop, customers: str) -> None:
    members = [{"email_address": f"p{number}@example.com", "status": "subscribed"} for number in range(501)]
    with refusal(400, "Invalid Resource"):
        shop.official.lists.batch_list_members(customers, {"members": members})
    answer = shop.official.lists.batch_list_members(customers, {"members": members[:500]})
    assert answer["total_created"] == 500


# ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tags_are_put_on_and_taken_off(shop: Shop, customers: str, clock: Clock) -> None:
    shop.join(customers, ANA, tags=["old"])
    clock.advance(timedelta(minutes=5))
    body = {"tags": [{"name": "vip", "status": "active"}, {"name": "old", "status": "inactive"}]}
    assert shop.official.lists.update_list_member_tags(customers, HASH, body).status_code == 204
    answer = shop.official.lists.get_list_member_tags(customers, HASH)
    assert [(tag["name"], tag["date_added"]) for tag in answer["tags"]] == [("vip", "2026-05-04T09:05:00+00:00")]
    assert isinstance(answer["tags"][0]["id"], int)
    assert answer["total_items"] == 1
    assert shop.official.lists.update_list_member_tags(customers, HASH, {"tags": []}).status_code == 204
    found = shop.official.lists.tag_search(customers, name="V")
    assert (found["tags"], found["total_items"]) == ([{"id": answer["tags"][0]["id"], "name": "vip"}], 1)
    assert {tag["name"] for tag in shop.official.lists.tag_search(customers)["tags"]} == {"old", "vip"}


def test_tags_that_only_load_history_say_so(shop: Shop, customers: str, database: Database) -> None:
    shop.join(customers, ANA)
    body = {"tags": [{"name": "vip", "status": "active"}], "is_syncing": True}
    shop.official.lists.update_list_member_tags(customers, HASH, body)
    body = {"tags": [{"name": "new", "status": "active"}]}
    shop.official.lists.update_list_member_tags(customers, HASH, body)
    assert kinds(database)[-2:] == [("tag_added", True), ("tag_added", False)]


def test_tags_of_an_archived_member_can_be_set_and_of_nobody_not(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    shop.official.lists.delete_list_member(customers, HASH)
    body = {"tags": [{"name": "vip", "status": "active"}]}
    assert shop.official.lists.update_list_member_tags(customers, HASH, body).status_code == 204
    assert shop.official.lists.get_list_member(customers, HASH)["status"] == "archived"
    with refusal(404, "Resource Not Found"):
        shop.official.lists.update_list_member_tags(customers, GONE, body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tags"),
        ({"tags": "vip"}, "tags"),
        ({"tags": [{"name": "vip"}]}, "tags[0].status"),
        ({"tags": [{"name": "vip", "status": "on"}]}, "tags[0].status"),
        ({"tags": [{"name": " ", "status": "active"}]}, "name"),
        ({"tags": [{"name": "x" * 101, "status": "active"}]}, "name"),
    ],
)
def test_bad_tags_are_refused(shop: Shop, customers: str, body: dict[str, Any], field: str) -> None:
    shop.join(customers, ANA)
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.update_list_member_tags(customers, HASH, body)
    assert [error["field"] for error in problem["errors"]] == [field]


# ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_events_are_recorded_and_listed_newest_first(shop: Shop, customers: str, clock: Clock) -> None:
    shop.join(customers, ANA)
    for name in ("trial_started", "first_login"):
        clock.advance(timedelta(minutes=1))
        answer = shop.official.lists.create_list_member_event(
            customers, HASH, {"name": name, "properties": {"plan": "pro"}}
        )
        assert answer.status_code == 204
    listed = shop.official.lists.get_list_member_events(customers, HASH)
    assert [event["name"] for event in listed["events"]] == ["first_login", "trial_started"]
    assert listed["events"][0] == {
        "name": "first_login", "properties": {"plan": "pro"}, "occurred_at": "2026-05-04T09:02:00+00:00",
    }  # fmt: skip
    assert listed["total_items"] == 2
    page = shop.official.lists.get_list_member_events(customers, HASH, count=1, offset=1)
    assert ([event["name"] for event in page["events"]], page["total_items"]) == (["trial_started"], 2)


def test_an_event_of_the_past_or_of_history_says_so(shop: Shop, customers: str, database: Database) -> None:
    shop.join(customers, ANA)
    body = {"name": "bought", "occurred_at": "2026-05-01T08:00:00+02:00", "is_syncing": True}
    shop.official.lists.create_list_member_event(customers, HASH, body)
    assert kinds(database)[-1] == ("event", True)
    listed = shop.official.lists.get_list_member_events(customers, HASH)["events"]
    assert listed == [{"name": "bought", "properties": {}, "occurred_at": "2026-05-01T06:00:00+00:00"}]


def test_an_event_with_a_key_is_recorded_once(shop: Shop, customers: str) -> None:
    shop.join(customers, ANA)
    for key in ("a", "a", "b"):
        answer = shop.http.post(
            f"/lists/{customers}/members/{HASH}/events", json={"name": "bought"}, headers={"Idempotency-Key": key}
        )
        assert answer.status_code == 204
    assert shop.official.lists.get_list_member_events(customers, HASH)["total_items"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x"}, "name"),
        ({"name": "trial started"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "bought", "properties": "plan"}, "properties"),
        ({"name": "bought", "properties": {"text": "x" * 17_000}}, "properties"),
        ({"name": "bought", "occurred_at": "noon"}, "occurred_at"),
        ({"name": "bought", "occurred_at": "2026-05-04T10:00:00Z"}, "occurred_at"),
    ],
)
def test_a_bad_event_is_refused(shop: Shop, customers: str, body: dict[str, Any], field: str) -> None:
    shop.join(customers, ANA)
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.create_list_member_event(customers, HASH, body)
    assert [error["field"] for error in problem["errors"]] == [field]


def test_an_event_of_nobody_is_not_found(shop: Shop, customers: str) -> None:
    with refusal(404, "Resource Not Found"):
        shop.official.lists.create_list_member_event(customers, GONE, {"name": "bought"})
