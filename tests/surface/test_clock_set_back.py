"""A machine whose clock was set back, over a restart (spec/flows.md section 11, decision 37)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relance.app import open_app
from relance.config import Config, read_config
from relance.db import last_reading
from relance.db.pool import Database
from relance.kernel import clock as clocks
from relance.kernel.errors import Conflict
from relance.worker import loops

HOUR = timedelta(hours=1)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[timedelta], None]]:
    """Sets the machine's clock so far ahead of what it is."""
    real = clocks._time.time
    clocks.clock.release()
    yield lambda ahead: monkeypatch.setattr(clocks._time, "time", lambda: real() + ahead.total_seconds())
    monkeypatch.undo()
    clocks.clock.release()


@pytest.fixture
def config(database: Database, tmp_path: Path) -> Config:
    return read_config({"RELANCE_DATABASE_URL": database.conninfo, "RELANCE_DATA": str(tmp_path / "data")})


def restart() -> None:
    """A new process: nothing is in memory."""
    clocks.clock.release()


def test_time_goes_on_from_where_a_worker_has_been(
    config: Config, machine: Callable[[timedelta], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody corrects a machine that was two hours ahead, and starts Relance anew."""
    machine(2 * HOUR)
    with open_app(config) as app:
        worker = app.worker()
        worker.start()
        worker.stop()
        turned_on = clocks.now()
    restart()
    machine(timedelta(0))
    with caplog.at_level(logging.WARNING), open_app(config):
        assert abs(clocks.now() - turned_on) < timedelta(seconds=5)
        assert clocks.now() - clocks.machine() > HOUR
    assert "clock.waits" in caplog.messages


def test_a_clock_that_is_set_back_under_a_worker_is_told_and_kept(
    config: Config,
    machine: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(loops, "BEAT", 0.05)
    machine(2 * HOUR)
    with open_app(config) as app:
        worker = app.worker()
        worker.start()
        machine(timedelta(0))
        with caplog.at_level(logging.WARNING):
            clocks.pause(1)
            worker.stop()
        with app.database.transaction() as tx:
            assert last_reading.ahead(tx) > HOUR
    assert caplog.messages.count("clock.waits") == 1


def test_a_reading_of_2036_stops_nothing_for_years(config: Config, machine: Callable[[timedelta], None]) -> None:
    with open_app(config) as app, app.database.transaction() as tx:
        last_reading.keep(tx, datetime(2036, 5, 4, tzinfo=UTC))
    restart()
    with pytest.raises(Conflict, match="has worked at 2036-05-04 00:00 UTC") as refused, open_app(config):
        pass
    assert "relance believe-clock" in refused.value.mend
    with open_app(config, believe_clock=True):
        assert clocks.now() - clocks.machine() < HOUR
    restart()
    with open_app(config):
        assert clocks.now() - clocks.machine() < HOUR, "and from then on"


def test_a_day_is_still_waited_for(config: Config, machine: Callable[[timedelta], None]) -> None:
    with open_app(config) as app, app.database.transaction() as tx:
        last_reading.keep(tx, clocks.machine() + 23 * HOUR)
    restart()
    with open_app(config):
        assert clocks.now() - clocks.machine() > 22 * HOUR
