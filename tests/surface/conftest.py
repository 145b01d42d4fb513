"""What stories of the surface may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_shop import Shop, open_shop

from relance.api import Context
from relance.db.pool import Database
from relance.kernel.clock import Clock


@pytest.fixture
def shop(database: Database, clock: Clock) -> Iterator[Shop]:
    with open_shop(database, clock, Context(database)) as shop:
        yield shop


@pytest.fixture
def customers(shop: Shop) -> str:
    """The id of the audience Customers."""
    return str(shop.official.lists.create_list({"name": "Customers"})["id"])
