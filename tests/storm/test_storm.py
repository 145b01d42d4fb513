"""The short storm of every test run, and the long one behind --long."""

from __future__ import annotations

import pytest

from relance.db.embedded import throwaway_server
from tests.storm.storm import Storm


def test_workers_killed_at_random_lose_nothing_and_double_nothing() -> None:
    with throwaway_server() as server:
        tally = Storm(server.conninfo, seed=11).run(12)
    assert not tally.faults, str(tally)
    assert tally.kills >= 5, str(tally)
    assert tally.caught > 100, str(tally)


@pytest.mark.long
def test_ten_minutes_of_storm() -> None:
    with throwaway_server({"fsync": "on", "synchronous_commit": "on"}) as server:
        tally = Storm(server.conninfo, seed=23, workers=3).run(600, settle=300)
    assert not tally.faults, str(tally)
