"""Audiences, fields and groups through Mailchimp's own client."""

from __future__ import annotations

from typing import Any

import pytest
from api_shop import Shop, refusal

from relance.accounts import keys, people
from relance.audience import audiences
from relance.db.pool import Database
from relance.kernel.clock import Clock

CUSTOMERS: dict[str, Any] = {
    "name": "Customers",
    "contact": {
        "company": "Fern & Moss",
        "address1": "5 rue des Fougères",
        "city": "Nantes",
        "zip": "44000",
        "country": "FR",
    },
    "permission_reminder": "You bought a plant from us.",
    "campaign_defaults": {
        "from_name": "Fern & Moss",
        "from_email": "hello@fern.example",
        "subject": "",
        "language": "fr",
    },
    "email_type_option": True,
}


def test_an_audience_is_created_read_back_changed_and_deleted(shop: Shop) -> None:
    made = shop.official.lists.create_list(CUSTOMERS)
    assert (len(made["id"]), int(made["id"], 16) > 0) == (10, True)
    for part in ("name", "permission_reminder", "campaign_defaults", "email_type_option"):
        assert made[part] == CUSTOMERS[part]
    assert made["contact"] == {**CUSTOMERS["contact"], "address2": "", "state": "", "phone": ""}
    assert made["date_created"] == "2026-05-04T09:00:00+00:00"
    assert made["stats"]["member_count"] == 0
    assert shop.official.lists.get_list(made["id"]) == made

    changed = shop.official.lists.update_list(made["id"], {"name": "Friends", "contact": {"phone": "0240000000"}})
    assert changed["name"] == "Friends"
    assert changed["contact"] == {**made["contact"], "phone": "0240000000"}
    assert changed["campaign_defaults"] == made["campaign_defaults"]

    assert shop.official.lists.delete_list(made["id"]).status_code == 204
    assert shop.http.get(f"/lists/{made['id']}").status_code == 404


def test_the_postal_address_is_what_emails_show(shop: Shop, database: Database) -> None:
    made = shop.official.lists.create_list(CUSTOMERS)
    shop.official.lists.update_list(made["id"], {"contact": {"city": "Rezé"}})
    with database.transaction() as tx:
        sender = audiences.get(tx, shop.account.account_id, int(made["id"], 16)).sender
    assert (sender["company"], sender["address"]) == ("Fern & Moss", "5 rue des Fougères, 44000 Rezé, FR")
    assert (sender["from_name"], sender["from_email"]) == ("Fern & Moss", "hello@fern.example")


def test_all_audiences_with_constraints_links_and_figures(shop: Shop, customers: str) -> None:
    shop.join(customers, "ana@example.com")
    shop.join(customers, "ben@example.com", status="unsubscribed")
    shop.join(customers, "dev@example.com", status="transactional")
    answer = shop.official.lists.get_all_lists()
    assert answer["total_items"] == 1
    assert set(answer["constraints"]) == {"may_create", "max_instances", "current_total_instances"}
    assert answer["_links"][0]["rel"] == "self"
    stats = answer["lists"][0]["stats"]
    assert (stats["member_count"], stats["unsubscribe_count"], stats["total_contacts"]) == (1, 1, 3)
    assert stats["last_sub_date"] == "2026-05-04T09:00:00+00:00"
    assert all(set(each) == {"rel", "href", "method"} for each in answer["lists"][0]["_links"])
    assert answer["lists"][0]["_links"][0]["href"].endswith(f"/3.0/lists/{customers}")


@pytest.mark.parametrize(
    ("query", "keys_of_answer", "keys_of_item"),
    [
        ("fields=lists.id,total_items", {"lists", "total_items"}, {"id"}),
        ("fields=lists.id%2Ctotal_items", {"lists", "total_items"}, {"id"}),
        ("fields=lists.id&fields=lists.name", {"lists"}, {"id", "name"}),
        ("fields=lists._links,_links", {"lists", "_links"}, {"_links"}),
        ("fields=lists.contact.city", {"lists"}, {"contact"}),
        ("fields=total_items", {"total_items"}, None),
        ("fields=nothing", set(), None),
    ],
)
def test_fields_choose_what_is_shown(
    shop: Shop, customers: str, query: str, keys_of_answer: set[str], keys_of_item: set[str] | None
) -> None:
    answer = shop.http.get(f"/lists?{query}").json()
    assert set(answer) == keys_of_answer
    if keys_of_item is not None:
        assert set(answer["lists"][0]) == keys_of_item


def test_excluded_fields_are_left_out(shop: Shop, customers: str) -> None:
    answer = shop.http.get("/lists?exclude_fields=lists.stats,lists._links,constraints,lists.contact.city").json()
    assert set(answer) == {"lists", "total_items", "_links"}
    item = answer["lists"][0]
    assert not {"stats", "_links"} & set(item)
    assert "city" not in item["contact"]
    assert "company" in item["contact"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x", "contact": "Nantes"}, "contact"),
        ({"name": "x", "contact": {"city": 7}}, "contact.city"),
        ({"name": "x", "campaign_defaults": {"from_email": "nobody"}}, "campaign_defaults.from_email"),
    ],
)
def test_a_bad_audience_is_refused_field_by_field(shop: Shop, body: dict[str, Any], field: str) -> None:
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.create_list(body)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert shop.official.lists.get_all_lists()["total_items"] == 0


def test_pages(shop: Shop) -> None:
    ids = [shop.official.lists.create_list({"name": f"Shop {number}"})["id"] for number in range(12)]

    def seen(query: str) -> list[str]:
        return [each["id"] for each in shop.http.get(f"/lists?{query}").json()["lists"]]

    assert len(seen("")) == 10
    assert sorted(seen("count=10") + seen("count=10&offset=10")) == sorted(ids)
    assert seen("count=0") == []
    assert len(seen("count=5000")) == 12
    assert seen("offset=50") == []
    assert shop.http.get("/lists?count=0").json()["total_items"] == 12
    for wrong in ("count=ten", "offset=-1", "count=1.5", "count=99999999999999999999"):
        assert shop.http.get(f"/lists?{wrong}").status_code == 400


def test_nobody_sees_the_audiences_of_another_account(
    shop: Shop, customers: str, database: Database, clock: Clock
) -> None:
    with database.transaction() as tx:
        other, _ = people.open_account(tx, clock.now(), "Another shop", "dev@example.com")
        key = keys.create_key(tx, clock.now(), other.account_id, "tests")
    shop.join(customers, "ana@example.com")
    shop.http.auth = ("x", key)
    assert shop.http.get("/lists").json()["total_items"] == 0
    for path in ("", "/members", "/members/ana@example.com", "/merge-fields", "/interest-categories", "/tag-search"):
        assert shop.http.get(f"/lists/{customers}{path}").status_code == 404
    assert shop.http.delete(f"/lists/{customers}").status_code == 404


@pytest.mark.parametrize("list_id", ["0000000000", "zzz", "12345678901234567890", "%2e%2e", "ＡＢ"])
def test_an_id_that_is_none_is_not_found(shop: Shop, list_id: str) -> None:
    assert shop.http.get(f"/lists/{list_id}").status_code == 404


def test_the_root_tells_whose_account_it_is(shop: Shop, customers: str) -> None:
    shop.join(customers, "ana@example.com")
    root = shop.official.root.get_root()
    assert (root["account_name"], root["email"], root["first_name"], root["last_name"]) == (
        "Fern & Moss", "ana@example.com", "Ana", "Moss",
    )  # fmt: skip
    assert (root["total_subscribers"], root["role"], root["account_timezone"]) == (1, "owner", "UTC")
    assert shop.http.get("").status_code == 200


# ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_audience_has_the_usual_fields(shop: Shop, customers: str) -> None:
    answer = shop.official.lists.get_list_merge_fields(customers)
    found = [(each["merge_id"], each["tag"], each["type"]) for each in answer["merge_fields"]]
    assert found == [
        (1, "FNAME", "text"), (2, "LNAME", "text"), (3, "ADDRESS", "address"), (4, "PHONE", "phone"),
        (5, "BIRTHDAY", "birthday"),
    ]  # fmt: skip
    assert (answer["list_id"], answer["total_items"]) == (customers, 5)
    assert answer["merge_fields"][4]["options"] == {"date_format": "MM/DD"}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("text", {}), ("number", {}), ("date", {"date_format": "DD/MM/YYYY"}), ("url", {}), ("imageurl", {}),
        ("radio", {"choices": ["sun", "shade"]}), ("dropdown", {"choices": ["sun", "shade"]}), ("birthday", {}),
        ("zip", {}), ("phone", {"phone_format": "US"}), ("address", {"default_country": 73}),
    ],
)  # fmt: skip
def test_every_type_of_field_reads_back_as_it_was_written(
    shop: Shop, customers: str, kind: str, options: dict[str, Any]
) -> None:
    body = {"name": "Light", "type": kind, "tag": "LIGHT", "options": options, "help_text": "Where will it stand?"}
    made = shop.official.lists.add_list_merge_field(customers, body)
    assert (made["merge_id"], made["type"], made["tag"], made["help_text"]) == (6, kind, "LIGHT", body["help_text"])
    assert made["options"].items() >= options.items()
    assert shop.official.lists.get_list_merge_field(customers, 6) == made


def test_a_field_is_changed_and_deleted(shop: Shop, customers: str) -> None:
    made = shop.official.lists.add_list_merge_field(customers, {"name": "Favourite plant", "type": "text"})
    assert made["tag"] == "MMERGE6"
    changed = shop.official.lists.update_list_merge_field(
        customers,
        6,
        {"name": "Plant", "tag": "PLANT", "required": True, "display_order": 2, "help_text": "Latin is fine"},
    )
    assert (changed["name"], changed["tag"], changed["required"], changed["display_order"], changed["help_text"]) == (
        "Plant", "PLANT", True, 2, "Latin is fine",
    )  # fmt: skip
    required = shop.official.lists.get_list_merge_fields(customers, required=True)
    assert [each["tag"] for each in required["merge_fields"]] == ["PLANT"]
    assert shop.official.lists.delete_list_merge_field(customers, "6").status_code == 204
    assert shop.http.get(f"/lists/{customers}/merge-fields/6").status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name", "type"]),
        ({"name": "x"}, ["type"]),
        ({"name": "x", "type": "colour"}, ["type"]),
        ({"name": "x", "type": "dropdown"}, ["options.choices"]),
        ({"name": "x", "type": "dropdown", "options": {"choices": "sun"}}, ["options.choices"]),
        ({"name": "x", "type": "text", "tag": "FNAME"}, ["tag"]),
        ({"name": "x", "type": "text", "tag": "not a tag"}, ["tag"]),
    ],
)
def test_a_bad_field_is_refused(shop: Shop, customers: str, body: dict[str, Any], fields: list[str]) -> None:
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.add_list_merge_field(customers, body)
    assert [error["field"] for error in problem["errors"]] == fields


def test_a_number_beyond_all_bounds_is_the_caller_s_mistake(shop: Shop, customers: str) -> None:
    body = {"name": "Pots", "type": "number", "display_order": 10**30}
    answer = shop.http.post(f"/lists/{customers}/merge-fields", json=body)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")


# ── Groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_categories_and_their_groups(shop: Shop, customers: str) -> None:
    lists = shop.official.lists
    category = lists.create_list_interest_category(customers, {"title": "Plants", "type": "checkboxes"})
    assert (len(category["id"]), category["list_id"]) == (10, customers)
    ferns = lists.create_interest_category_interest(customers, category["id"], {"name": "Ferns"})
    cacti = lists.create_interest_category_interest(customers, category["id"], {"name": "Cacti", "display_order": 1})
    shop.join(customers, "ana@example.com", interests={ferns["id"]: True})

    answer = lists.list_interest_category_interests(customers, category["id"])
    assert [(each["name"], each["subscriber_count"]) for each in answer["interests"]] == [
        ("Ferns", "1"),
        ("Cacti", "0"),
    ]
    assert (answer["category_id"], answer["total_items"]) == (category["id"], 2)

    renamed = lists.update_interest_category_interest(customers, category["id"], cacti["id"], {"name": "Succulents"})
    assert renamed["name"] == "Succulents"
    lists.delete_interest_category_interest(customers, category["id"], cacti["id"])
    assert lists.list_interest_category_interests(customers, category["id"])["total_items"] == 1

    changed = lists.update_interest_category(customers, category["id"], {"title": "Green things"})
    assert lists.get_list_interest_categories(customers)["categories"] == [changed]
    lists.delete_interest_category(customers, category["id"])
    assert lists.get_list_interest_categories(customers)["total_items"] == 0
    assert lists.get_list_member(customers, "ana@example.com")["interests"] == {}


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, ["title", "type"]), ({"title": "Plants", "type": "knobs"}, ["type"])],
)
def test_a_bad_category_is_refused(shop: Shop, customers: str, body: dict[str, str], fields: list[str]) -> None:
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.create_list_interest_category(customers, body)
    assert [error["field"] for error in problem["errors"]] == fields


def test_a_group_is_found_in_its_own_category_only(shop: Shop, customers: str) -> None:
    lists = shop.official.lists
    plants = lists.create_list_interest_category(customers, {"title": "Plants", "type": "checkboxes"})
    pots = lists.create_list_interest_category(customers, {"title": "Pots", "type": "checkboxes"})
    ferns = lists.create_interest_category_interest(customers, plants["id"], {"name": "Ferns"})
    wrong = f"/lists/{customers}/interest-categories/{pots['id']}/interests/{ferns['id']}"
    assert shop.http.get(wrong).status_code == 404
