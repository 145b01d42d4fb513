"""What the benchmarks stand on: copies that are what the product would have left, bounds, and results that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.figures import Figure, Row
from benchmarks.installation import Installation, email, make_due
from benchmarks.multiply import COLUMNS
from benchmarks.rows import ROWS
from relance.audience.contacts import find_many
from relance.db.pool import Database
from relance.flows.engine.reconcile import reconcile
from relance.kernel.clock import Clock

FLOW = """
flow: Care tips
audience: Customers
triggers:
  - event_api: {name: bought}
steps:
  - delay: 3 days
  - if_else:
      when: {field: PLAN, is: pro}
      then: [{add_tag: pro}]
      else: [{add_tag: free}]
"""
MANY = 30


@pytest.fixture
def shop(database: Database, clock: Clock, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(database.conninfo, 0, tmp_path)
    yield made
    made.database.close()


def waiting(shop: Installation) -> None:
    """Contact 0 and copies of it wait in the flow."""
    shop.flow(FLOW)

    def journey() -> None:
        shop.people([0])
        shop.happen("bought", [0], {"plant": "fern"})
        shop.settle()

    shop.copy(0, range(1, MANY), journey)


def test_a_copy_has_every_row_that_the_original_has(shop: Installation) -> None:
    waiting(shop)
    with shop.database.transaction() as tx:
        tables = sorted({table for table, _, _ in tx.connection.execute(COLUMNS)})
        rows = {
            table: tx.connection.execute(f"select count(contact_id) from {table}").fetchone()[0] for table in tables
        }
    assert {table for table, count in rows.items() if count} == {
        "consent_record", "contact", "entry", "event", "identity", "run", "trail",
    }  # fmt: skip
    assert all(count % MANY == 0 for count in rows.values()), rows
    assert shop.ask("select count(*) from event where payload ->> 'email' <> %s", email(0)) == MANY - 1


def test_the_product_finds_the_copies_and_the_accounting_closes_over_them(shop: Installation) -> None:
    waiting(shop)
    with shop.database.transaction() as tx:
        found = find_many(tx, shop.audience.audience_id, [email(i) for i in range(MANY)])
        assert sorted(found) == sorted(email(i) for i in range(MANY))
        assert all(found[who].email == who for who in found)
        checks = reconcile(tx)
    assert [check.gaps for check in checks] == [[]] * len(checks)
    assert checks[0].counted == MANY


def test_the_figures_of_others_are_not_multiplied(shop: Installation) -> None:
    shop.flow(FLOW)
    shop.people([500])
    shop.happen("bought", [500])
    shop.settle()
    shop.copy(0, range(1, MANY), lambda: (shop.people([0]), shop.happen("bought", [0]), shop.settle())[0])
    with shop.database.transaction() as tx:
        assert [check.gaps for check in reconcile(tx)] == [[]] * 6
    assert shop.ask("select sum(n)::int from tally_delta where code = 'E00'") == MANY + 1


def test_when_time_passes_the_copies_go_on(shop: Installation) -> None:
    waiting(shop)
    shop.settle()
    assert shop.ask("select count(*) from run where state = 'waiting'") == MANY
    make_due(shop)
    shop.settle()
    assert shop.ask("select count(*) from run where end_code = 'X00'") == MANY
    assert shop.ask("select count(*) from contact_tag") == MANY


def test_a_bound_is_from_above_or_from_below() -> None:
    assert [Figure("p99", seen, "s", 0.3, 0.1).verdict for seen in (0.05, 0.2, 0.4)] == ["aim", "yes", "no"]
    assert [Figure("rate", seen, "/s", 10, 20, more=True).verdict for seen in (25, 15, 5)] == ["aim", "yes", "no"]
    assert Figure("rate", 5, "/s").verdict == ""
    assert Figure("engine that is not here", float("nan"), "/s", 10, more=True).verdict == "no"


def test_a_row_that_is_not_measured_keeps_what_was_seen_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "KEPT", tmp_path / "results.json")
    rows = [Row(name, name.title(), "How.", lambda _size, _tell: []) for name in ("first", "second", "third")]
    where = {"date": "2026-05-04", "commit": "abc1234", "machine": "a machine", "load": "0.1"}
    results.keep(rows[0], "usual", where, [Figure("p99", 0.25, "s", 0.3, 0.1)])
    results.keep(rows[1], "full", where, [Figure("rate", 9_000, "events/s", 10_000, more=True)])
    results.keep(rows[0], "usual", {**where, "commit": "def5678"}, [Figure("p99", 0.05, "s", 0.3, 0.1)])
    shown = results.show(rows)
    assert "| [first](#first) | p99 | ≤ 0.3 | ≤ 0.1 | 0.05 s | aim reached |" in shown
    assert "| [second](#second) | rate | ≥ 10,000 |  | 9,000 events/s | **missed** |" in shown
    assert "def5678" in shown
    assert "0.25 s" not in shown
    assert "large sizes" in shown.partition("## second")[2]
    assert "third" not in shown


def test_rows_have_names_of_their_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
