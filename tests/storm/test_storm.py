"""One fault at a time, seen from outside: what a caller is told meanwhile, and that everything goes on by itself. Then
a short storm of all kinds, on the same server; the long ones are behind --long and `make storm`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from relance.db.pool import Database
from relance.kernel.clock import monotonic
from tests.storm.faults import FAULTS
from tests.storm.storm import Storm, gathered, storm

SOON = 20.0
"""Seconds: a caller waits ten for the database, and PostgreSQL is tried again every five."""


class Town:
    """The shop with its processes, and somebody who tells it of people."""

    def __init__(self, storm: Storm, database: Database) -> None:
        self.storm, self.database = storm, database
        self.http = httpx.Client(base_url=storm.urls[0], auth=("storm", storm.shop.key), timeout=30)
        self._number = -1  # the storm's callers count upwards

    def tell(self, text: str = "") -> httpx.Response:
        """The next person signs up and goes: said once, whatever the answer."""
        number = self._number
        email = f"p{number}@example.com"
        members = [{"email_address": email, "status": "subscribed", "merge_fields": {"FNAME": "Ana"}}]
        answer = self.http.post(
            f"/3.0/lists/{self.storm.shop.list_id}", json={"members": members, "update_existing": True}
        )
        if answer.status_code != 200:
            return answer
        event = {"contact": email, "name": "go", "key": f"go {number}", "properties": {"n": number, "text": text}}
        answer = self.http.post("/api/events", json={"events": [event]})
        if answer.status_code == 200:
            self.storm.told.people.append(email)
            self.storm.told.events[number] = ("go", email)
            self._number -= 1
        return answer

    def tell_until_heard(self, patience: float = SOON) -> None:
        end = monotonic() + patience
        while self.tell().status_code != 200:
            assert monotonic() < end, "it does not go on by itself"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with gathered(11, short=True) as storm, storm.standing() as database:
        yield Town(storm, database)
        storm.settle((), 120)
        storm.close_books(database)
        assert not storm.tally.faults, str(storm.tally)


def test_a_database_that_vanishes_is_waited_for(town: Town) -> None:
    """Callers, too, may wait: who asks in that time has an answer when it is back."""
    town.tell_until_heard()
    town.storm.lose_database(0)
    threading.Timer(3, town.storm.calm).start()
    began = monotonic()
    town.tell_until_heard()
    assert monotonic() - began > 3
    for _ in range(5):
        town.tell_until_heard()


def test_a_full_disk_is_told_and_survived(town: Town) -> None:
    storm = town.storm
    if storm.disk is None:
        pytest.skip("; ".join(storm.tally.not_struck))
    town.tell_until_heard()
    storm.fill_disk(0)
    end = monotonic() + SOON
    while (answer := town.tell("x" * 15_000)).status_code == 200:
        assert monotonic() < end, "the disk is not full"
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "database" in answer.json()["detail"], "and it says what the matter is"
    time.sleep(2)
    storm.calm()
    for _ in range(5):
        town.tell_until_heard()


def test_whatever_happens_at_once_loses_nothing_and_doubles_nothing(town: Town) -> None:
    """The last of these stories: it ends with the books."""
    tally = town.storm.tally
    town.storm.blow(9, settle=180)
    town.storm.close_books(town.database)
    assert not tally.faults, str(tally)
    assert sum(tally.struck.values()) >= 6, str(tally)
    assert tally.caught > 10, str(tally)


@pytest.mark.long
def test_ten_minutes_of_storm() -> None:
    tally = storm(23, 600, workers=3, settle=300)
    assert not tally.faults, str(tally)
    assert len(tally.struck) >= len(FAULTS) - len(tally.not_struck), str(tally)
