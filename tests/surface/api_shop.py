"""The API of Fern & Moss, served for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import mailchimp_marketing
import pytest
from mailchimp_marketing.api_client import ApiClientError
from serve import served
from starlette.applications import Starlette

from relance.accounts import keys, people
from relance.accounts.model import Account
from relance.api import Context, routes
from relance.db.pool import Database
from relance.kernel.clock import Clock


@dataclass(frozen=True)
class Shop:
    """Fern & Moss as its programs see it."""

    account: Account
    key: str
    url: str
    http: httpx.Client
    """Speaks to /3.0 with the key."""
    official: mailchimp_marketing.Client
    """Mailchimp's own Python client."""

    def join(self, list_id: str, email: str, status: str = "subscribed", **body: Any) -> dict[str, Any]:
        """A new member."""
        return self.official.lists.add_list_member(list_id, {"email_address": email, "status": status, **body})


@contextmanager
def refusal(status: int, title: str) -> Iterator[dict[str, Any]]:
    """What is inside must be refused by a problem document, which is filled in afterwards."""
    problem: dict[str, Any] = {}
    with pytest.raises(ApiClientError) as refused:
        yield problem
    problem.update(json.loads(refused.value.text))
    assert (refused.value.status_code, problem["status"], problem["title"]) == (status, status, title), problem
    assert problem["detail"]
    assert problem["instance"]


@contextmanager
def open_shop(database: Database, clock: Clock, context: Context) -> Iterator[Shop]:
    """Open Fern & Moss with a key and serve its API in ``context``."""
    with database.transaction() as tx:
        account, _ = people.open_account(tx, clock.now(), "Fern & Moss", "ana@example.com", owner_name="Ana Moss")
        key = keys.create_key(tx, clock.now(), account.account_id, "tests")
    with (
        served(Starlette(routes=routes(context))) as url,
        httpx.Client(base_url=f"{url}/3.0", auth=("anybody", key), timeout=30) as http,
    ):
        official = mailchimp_marketing.Client()
        official.set_config({"api_key": key})
        official.api_client.host = f"{url}/3.0"
        yield Shop(account, key, url, http, official)
