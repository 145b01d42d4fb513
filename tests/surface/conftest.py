"""The API of Fern & Moss, served for real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import mailchimp_marketing
import pytest
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


@pytest.fixture
def shop(database: Database, clock: Clock) -> Iterator[Shop]:
    with open_shop(database, clock, Context(database)) as shop:
        yield shop


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
