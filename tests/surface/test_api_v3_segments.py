"""Saved segments, and tags as static segments, through Mailchimp's own client."""

from __future__ import annotations

from typing import Any

import pytest
from api_shop import Shop, refusal
from test_api_v3_lists import CUSTOMERS

from relance.app import KINDS
from relance.audience.conditions import CompiledCache
from relance.db.pool import Database
from relance.db.share import everything
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.membership import Membership

ANA, BEN = "ana@example.com", "ben@example.com"

REGULARS: dict[str, Any] = {
    "match": "all",
    "conditions": [
        {"condition_type": "TextMerge", "field": "FNAME", "op": "is", "value": "Ana"},
        {"condition_type": "VIP", "field": "gmonkey", "op": "notmember"},
    ],
}


@pytest.fixture
def list_id(shop: Shop) -> str:
    made = str(shop.official.lists.create_list(CUSTOMERS)["id"])
    shop.join(made, ANA, merge_fields={"FNAME": "Ana"}, tags=["regular"])
    shop.join(made, BEN, merge_fields={"FNAME": "Ben"})
    return made


def settle(database: Database) -> None:
    cache = CompiledCache(KINDS.subjects)
    dispatcher, membership = Dispatcher(database, cache), Membership(database, cache)
    while dispatcher.batch(everything()) + membership.batch(everything()):
        pass


def test_a_saved_segment_is_made_filled_read_changed_and_deleted(shop: Shop, list_id: str, database: Database) -> None:
    lists = shop.official.lists
    made = lists.create_segment(list_id, {"name": "Anas", "options": REGULARS})
    assert (made["type"], made["member_count"], made["options"]) == ("saved", 0, REGULARS)
    settle(database)
    read = lists.get_segment(list_id, str(made["id"]))
    assert (read["name"], read["member_count"]) == ("Anas", 1)
    found = lists.get_segment_members_list(list_id, str(made["id"]))
    assert [member["email_address"] for member in found["members"]] == [ANA]
    assert found["total_items"] == 1

    lists.update_list_member(list_id, ANA, {"vip": True})
    settle(database)
    assert lists.get_segment_members_list(list_id, str(made["id"]))["total_items"] == 0

    any_of = {"match": "any", "conditions": [{"condition_type": "EmailAddress", "field": "EMAIL", "op": "contains",
                                              "value": "@example.com"}]}  # fmt: skip
    changed = lists.update_segment(list_id, str(made["id"]), {"name": "Everybody", "options": any_of})
    assert (changed["name"], changed["options"]) == ("Everybody", any_of)
    settle(database)
    assert lists.get_segment(list_id, str(made["id"]))["member_count"] == 2
    assert lists.delete_segment(list_id, str(made["id"])).status_code == 204
    with refusal(404, "Resource Not Found"):
        lists.get_segment(list_id, str(made["id"]))


@pytest.mark.parametrize(
    "condition",
    [
        {"condition_type": "StaticSegment", "field": "static_segment", "op": "static_is", "value": 0},
        {"condition_type": "Date", "field": "timestamp_opt", "op": "greater", "value": "2026-05-01"},
        {"condition_type": "Aim", "field": "aim", "op": "noopen", "value": "any"},
        {"condition_type": "MemberRating", "field": "rating", "op": "greater", "value": "2"},
        {"condition_type": "SignupSource", "field": "source", "op": "source_not", "value": "API"},
        {"condition_type": "Language", "field": "language", "op": "is", "value": "fr"},
        {"condition_type": "BirthdayMerge", "field": "BIRTHDAY", "op": "is", "value": "03/14"},
        {"condition_type": "AddressMerge", "field": "ADDRESS", "op": "blank"},
    ],
    ids=lambda condition: str(condition["condition_type"]),
)
def test_a_condition_reads_back_as_it_was_written(shop: Shop, list_id: str, condition: dict[str, Any]) -> None:
    static = shop.official.lists.list_segments(list_id, type="static")["segments"]
    if condition.get("value") == 0:
        condition = {**condition, "value": static[0]["id"]}
    options = {"match": "any", "conditions": [condition]}
    assert shop.official.lists.create_segment(list_id, {"name": "One", "options": options})["options"] == options


def test_a_tag_is_a_static_segment(shop: Shop, list_id: str) -> None:
    lists = shop.official.lists
    made = lists.create_segment(list_id, {"name": "Keen", "static_segment": [ANA, "nobody@example.com"]})
    assert (made["type"], made["member_count"]) == ("static", 1)
    assert {tag["name"] for tag in lists.get_list_member(list_id, ANA)["tags"]} == {"regular", "Keen"}
    done = lists.batch_segment_members(
        {"members_to_add": [BEN, "nobody@example.com"], "members_to_remove": [ANA]}, list_id, str(made["id"])
    )
    assert (done["total_added"], done["total_removed"], done["error_count"]) == (1, 1, 1)
    found = lists.get_segment_members_list(list_id, str(made["id"]))["members"]
    assert [member["email_address"] for member in found] == [BEN]
    listed = lists.list_segments(list_id)
    assert {(each["name"], each["type"], each["member_count"]) for each in listed["segments"]} == {
        ("Keen", "static", 1),
        ("regular", "static", 1),
    }


def test_what_makes_no_sense_is_refused_with_its_place(shop: Shop, list_id: str) -> None:
    bad = {"match": "all", "conditions": [{"condition_type": "TextMerge", "field": "NOPE", "op": "is", "value": "x"}]}
    with refusal(400, "Invalid Resource") as problem:
        shop.official.lists.create_segment(list_id, {"name": "Bad", "options": bad})
    assert problem["errors"][0]["field"] == "options.conditions.item:0.field"
    with refusal(400, "Invalid Resource"):
        shop.official.lists.create_segment(list_id, {"name": "Bad"})
    shop.official.lists.create_segment(list_id, {"name": "Anas", "options": REGULARS})
    with refusal(400, "Invalid Resource"):
        shop.official.lists.create_segment(list_id, {"name": "anas", "options": REGULARS})
