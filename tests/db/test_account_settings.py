"""Settings of an account: how they are written, what is refused, and what follows from a change."""

from __future__ import annotations

import pytest

from relance.accounts import store
from relance.accounts.people import open_account
from relance.accounts.settings import OWN, SETTINGS, all_settings, set_setting, unset_setting
from relance.db.pool import Database
from relance.flows.definition.limits import HIGHEST, FlowLimits, limits_of
from relance.kernel.clock import Clock
from relance.kernel.errors import Invalid, NotFound, RelanceError


class Shop:
    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        with database.transaction() as tx:
            self.account_id = open_account(tx, clock.now(), "Fern & Moss", "ana@example.com")[0].account_id

    def set(self, key: str, value: str) -> str:
        with self.database.transaction() as tx:
            return set_setting(tx, self.clock.now(), self.account_id, key, value)

    def unset(self, key: str) -> str:
        with self.database.transaction() as tx:
            return unset_setting(tx, self.clock.now(), self.account_id, key)

    @property
    def account(self) -> store.Account:
        with self.database.transaction() as tx:
            account = store.get_account(tx, self.account_id)
        assert account is not None
        return account

    def shown(self, key: str) -> tuple[str, bool]:
        one = next(one for one in all_settings(self.account) if one.key == key)
        return one.value, one.set


@pytest.fixture
def shop(database: Database, clock: Clock) -> Shop:
    return Shop(database, clock)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("quiet_hours.email", "21:00-08:00", "21:00-08:00"),
        ("quiet_hours.email", "off", False),
        ("frequency_cap.email", "2 in 1 day", {"n": 2, "seconds": 86_400}),
        ("frequency_cap.email", "off", False),
        ("when_capped", "wait", "wait"),
        ("feb29", "mar1", "mar1"),
        ("unknown_counts_as", "not_opened", "not_opened"),
        ("count_machine_activity", "true", True),
        ("limits.steps", "400", 400),
        ("limits.min_delay", "5 seconds", 5),
    ],
)
def test_a_setting_is_understood_stored_shown_and_taken_back(shop: Shop, key: str, value: str, stored: object) -> None:
    usual = shop.shown(key)
    assert not usual[1]
    assert shop.set(key, value) == value
    assert shop.account.settings == {key: stored}
    assert shop.shown(key) == (value, True)
    assert shop.unset(key) == usual[0]
    assert shop.account.settings == {}
    assert shop.shown(key) == usual


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quiet_hours.email", "at night"),
        ("quiet_hours.email", "21:00-21:00"),
        ("frequency_cap.email", "0 in 1 day"),
        ("frequency_cap.email", "1 in a while"),
        ("frequency_cap.email", "1 in 60 days"),
        ("when_capped", "drop"),
        ("feb29", "feb29"),
        ("unknown_counts_as", "opened"),
        ("count_machine_activity", "yes"),
        ("limits.steps", "1001"),
        ("limits.steps", "0"),
        ("limits.min_delay", "2 minutes"),
        ("zone", "+02:00"),
        ("language", "tlh"),
        ("name", " "),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(shop: Shop, key: str, value: str) -> None:
    before = shop.account
    with pytest.raises(Invalid) as refusal:
        shop.set(key, value)
    assert refusal.value.where == key
    assert shop.account == before


def test_a_key_that_is_none_is_refused_with_the_nearest(shop: Shop) -> None:
    for change in (lambda: shop.set("quiet_hour.email", "off"), lambda: shop.unset("quiet_hour.email")):
        with pytest.raises(NotFound) as refusal:
            change()
        assert "quiet_hours.email" in refusal.value.mend
    with pytest.raises(RelanceError):
        shop.set("forget_key", "known to everybody")


def test_name_zone_and_language_are_the_accounts_own(shop: Shop) -> None:
    for key, value in (("name", "Fern"), ("zone", "Europe/Paris"), ("language", "fr")):
        shop.set(key, value)
        assert shop.shown(key) == (value, True)
        with pytest.raises(Invalid):
            shop.unset(key)
    account = shop.account
    assert (account.name, account.zone, account.language, account.settings) == ("Fern", "Europe/Paris", "fr", {})


def test_one_setting_leaves_the_others_alone(shop: Shop) -> None:
    shop.set("feb29", "mar1")
    shop.set("when_capped", "wait")
    shop.unset("feb29")
    assert shop.account.settings == {"when_capped": "wait"}


def test_every_limit_can_be_set_up_to_its_highest(shop: Shop) -> None:
    for name, most in HIGHEST.items():
        text = f"{most} seconds" if name in ("min_delay", "max_delay") else str(most)
        shop.set(f"limits.{name}", text)
    assert limits_of(shop.account.settings) == FlowLimits(**HIGHEST)


def test_what_is_usual_can_be_written(shop: Shop) -> None:
    for one in SETTINGS:
        assert one.write(one.read(one.usual)) == one.usual
    assert {one.key for one in all_settings(shop.account)} == {*OWN, *(one.key for one in SETTINGS)}
