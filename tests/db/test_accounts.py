"""Who may do what: accounts, people, keys, sessions, sign-in links."""

from __future__ import annotations

from datetime import timedelta

import pytest

from relance.accounts import keys, people, sign_in, store
from relance.accounts.model import Account, Person
from relance.db.pool import Database
from relance.kernel.clock import Clock
from relance.kernel.errors import Denied, Invalid, NotFound

PASSWORD = "monstera deliciosa"


@pytest.fixture
def shop(database: Database, clock: Clock) -> tuple[Account, Person]:
    """Fern & Moss, owned by Ana."""
    with database.transaction() as tx:
        return people.open_account(tx, clock.now(), "Fern & Moss", "ana@example.com", owner_name="Ana")


def test_an_account_opens_with_its_owner(database: Database, clock: Clock, shop: tuple[Account, Person]) -> None:
    account, ana = shop
    with database.transaction() as tx:
        assert store.get_account(tx, account.account_id) == account
        assert store.people_of_account(tx, account.account_id) == [(ana, "owner")]


def test_one_address_is_one_person_in_every_account(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    with database.transaction() as tx:
        second, ana_again = people.open_account(tx, clock.now(), "Second shop", "ANA@example.com")
        ben = people.join(tx, clock.now(), second, "ben@example.com", "viewer")
        people.join(tx, clock.now(), second, "ben@example.com", "editor")
        everybody = store.people_of_account(tx, second.account_id)
    assert ana_again.person_id == shop[1].person_id
    assert everybody == [(shop[1], "owner"), (ben, "editor")]


@pytest.mark.parametrize(
    ("email", "zone", "where"), [("not an address", "UTC", "email"), ("ana@example.com", "+02:00", "zone")]
)
def test_a_wrong_address_or_zone_is_refused(
    database: Database, clock: Clock, email: str, zone: str, where: str
) -> None:
    with pytest.raises(Invalid) as refusal, database.transaction() as tx:
        people.open_account(tx, clock.now(), "Fern & Moss", email, zone=zone)
    assert refusal.value.where == where
    with database.transaction() as tx:
        assert store.all_accounts(tx) == []


def test_a_key_has_the_form_that_clients_insist_on_and_opens_with_and_without_its_data_centre(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    account, _ = shop
    with database.transaction() as tx:
        key = keys.create_key(tx, clock.now(), account.account_id, "website")
        digits, _, centre = key.partition("-")
        assert (len(digits), set(digits) <= set("0123456789abcdef"), centre) == (32, True, "us1")
        for presented in (key, digits, f"{digits}-us21"):
            holder = keys.holder_of(tx, presented)
            assert holder is not None
            assert holder.account == account
            assert holder.role == "owner"
        for wrong in ("", digits[:-1], "f" * 32, digits.upper(), f"{digits}-", f"{digits}\n-us1", "é" * 32):
            assert keys.holder_of(tx, wrong) is None


def test_a_copy_of_the_database_lets_nobody_in(database: Database, clock: Clock, shop: tuple[Account, Person]) -> None:
    account, ana = shop
    with database.transaction() as tx:
        key = keys.create_key(tx, clock.now(), account.account_id, "website", person_id=ana.person_id)
        token = sign_in.redeem_link(tx, clock.now(), sign_in.create_link(tx, clock.now(), ana.person_id))
        stored = " ".join(
            str(row)
            for table in ("api_key", "web_session", "sign_in_link")
            for row in tx.connection.execute(f"select t::text from {table} t").fetchall()
        )
    assert key[:32] not in stored
    assert token not in stored


def test_a_revoked_key_opens_nothing_and_stays_listed(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    account, _ = shop
    with database.transaction() as tx:
        key = keys.create_key(tx, clock.now(), account.account_id, "website")
        other = keys.create_key(tx, clock.now(), account.account_id, "import")
        clock.advance(timedelta(days=1))
        keys.revoke_key(tx, clock.now(), account.account_id, key[28:32], label="website")
        assert keys.holder_of(tx, key) is None
        assert keys.holder_of(tx, other) is not None
        assert [(k.label, k.hint, k.revoked_at is None) for k in keys.list_keys(tx, account.account_id)] in (
            [("website", key[28:32], False), ("import", other[28:32], True)],
            [("import", other[28:32], True), ("website", key[28:32], False)],
        )
        with pytest.raises(NotFound):
            keys.revoke_key(tx, clock.now(), account.account_id, key)
        keys.revoke_key(tx, clock.now(), account.account_id, other)
        assert keys.holder_of(tx, other) is None


def test_an_account_cannot_revoke_the_key_of_another(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    with database.transaction() as tx:
        second, _ = people.open_account(tx, clock.now(), "Second shop", "ben@example.com")
        key = keys.create_key(tx, clock.now(), shop[0].account_id, "website")
        with pytest.raises(NotFound):
            keys.revoke_key(tx, clock.now(), second.account_id, key)
        assert keys.holder_of(tx, key) is not None


def test_a_person_s_key_may_what_the_person_may(database: Database, clock: Clock, shop: tuple[Account, Person]) -> None:
    account, _ = shop
    with database.transaction() as tx:
        ben = people.join(tx, clock.now(), account, "ben@example.com", "viewer")
        bens = keys.create_key(tx, clock.now(), account.account_id, "Ben's", person_id=ben.person_id)
        looking = keys.create_key(tx, clock.now(), account.account_id, "dashboard", scopes=["read"])
        sending = keys.create_key(tx, clock.now(), account.account_id, "pixel", scopes=["events"])
        allowed = {
            label: [scope for scope in ("all", "read", "events") if holder and holder.may(scope)]
            for label, holder in (
                ("bens", keys.holder_of(tx, bens)),
                ("looking", keys.holder_of(tx, looking)),
                ("sending", keys.holder_of(tx, sending)),
            )
        }
        with pytest.raises(Invalid):
            keys.create_key(tx, clock.now(), account.account_id, "odd", scopes=["everything"])
    assert allowed == {"bens": ["read"], "looking": ["read"], "sending": ["events"]}


def test_a_sign_in_link_works_once_and_for_half_an_hour(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    account, ana = shop
    with database.transaction() as tx:
        link = sign_in.create_link(tx, clock.now(), ana.person_id)
        late = sign_in.create_link(tx, clock.now(), ana.person_id)
        clock.advance(timedelta(minutes=29))
        session = sign_in.redeem_link(tx, clock.now(), link)
        here = sign_in.signed_in(tx, clock.now(), session)
    assert here is not None
    assert (here.account, here.person, here.role) == (account, ana, "owner")
    clock.advance(timedelta(minutes=2))
    for spent in (link, late, "made up"):
        with pytest.raises(Denied), database.transaction() as tx:
            sign_in.redeem_link(tx, clock.now(), spent)


def test_a_session_ends_after_a_month_at_sign_out_and_when_the_person_leaves(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    ana = shop[1]

    def sign_ana_in() -> str:
        with database.transaction() as tx:
            return sign_in.redeem_link(tx, clock.now(), sign_in.create_link(tx, clock.now(), ana.person_id))

    def is_in(token: str) -> bool:
        with database.transaction() as tx:
            return sign_in.signed_in(tx, clock.now(), token) is not None

    first, second = sign_ana_in(), sign_ana_in()
    with database.transaction() as tx:
        sign_in.sign_out(tx, first)
    assert (is_in(first), is_in(second)) == (False, True)
    clock.advance(timedelta(days=31))
    assert not is_in(second)
    third = sign_ana_in()
    with database.transaction() as tx:
        tx.connection.execute("delete from membership where person_id = %s", (ana.person_id,))
    assert not is_in(third)


def test_a_password_opens_a_session_and_a_wrong_one_says_nothing_about_the_address(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    with database.transaction() as tx:
        sign_in.set_password(tx, "ana@example.com", PASSWORD)
    session = sign_in.sign_in_with_password(database, clock.now(), "Ana@example.com ", PASSWORD)
    with database.transaction() as tx:
        assert sign_in.signed_in(tx, clock.now(), session) is not None
    refusals = []
    for email, password in (
        ("ana@example.com", "guess guess"),
        ("nobody@example.com", PASSWORD),
        ("ana@example.com", "x" * 5000),
    ):
        with pytest.raises(Denied) as refusal:
            sign_in.sign_in_with_password(database, clock.now(), email, password)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1
    with pytest.raises(Invalid), database.transaction() as tx:
        sign_in.set_password(tx, "ana@example.com", "short")


def test_somebody_without_a_password_cannot_sign_in_by_one(
    database: Database, clock: Clock, shop: tuple[Account, Person]
) -> None:
    with pytest.raises(Denied):
        sign_in.sign_in_with_password(database, clock.now(), "ana@example.com", "")
