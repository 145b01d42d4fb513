"""One short function per statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from relance.accounts.model import Account, ApiKey, KeyHolder, Person, SignedIn
from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries

queries = load_queries(__package__)


def add_account(tx: Transaction, now: datetime, account: Account) -> None:
    tx.run(
        queries.add_account, account_id=account.account_id, name=account.name, zone=account.zone,
        language=account.language, spread=account.spread, settings=Json(account.settings), now=now,
    )  # fmt: skip


def get_account(tx: Transaction, account_id: int) -> Account | None:
    row = tx.row(queries.get_account, account_id=account_id)
    return None if row is None else _account(row)


def all_accounts(tx: Transaction) -> list[Account]:
    return [_account(row) for row in tx.rows(queries.all_accounts)]


def change_account(tx: Transaction, account_id: int, key: str, value: str) -> None:
    """``key``: name, zone or language."""
    tx.run(queries.change_account, account_id=account_id, **{"name": None, "zone": None, "language": None, key: value})


def put_setting(tx: Transaction, account_id: int, key: str, value: Any) -> None:
    tx.run(queries.put_setting, account_id=account_id, setting=Json({key: value}))


def remove_setting(tx: Transaction, account_id: int, key: str) -> None:
    tx.run(queries.remove_setting, account_id=account_id, key=key)


def add_person(tx: Transaction, now: datetime, person: Person, folded: str) -> bool:
    """False when the address is taken."""
    return tx.value(
        queries.add_person, person_id=person.person_id, email=person.email, folded=folded, name=person.name,
        language=person.language, now=now,
    ) is not None  # fmt: skip


def person_by_email(tx: Transaction, folded: str) -> tuple[Person, str | None] | None:
    """The person and the hash of their password."""
    row = tx.row(queries.person_by_email, folded=folded)
    return None if row is None else (Person(row.person_id, row.email, row.name, row.language), row.password_hash)


def set_password_hash(tx: Transaction, person_id: int, password_hash: str) -> None:
    tx.run(queries.set_password_hash, person_id=person_id, password_hash=password_hash)


def put_membership(tx: Transaction, account_id: int, person_id: int, role: str) -> None:
    tx.run(queries.put_membership, account_id=account_id, person_id=person_id, role=role)


def remove_membership(tx: Transaction, account_id: int, person_id: int) -> None:
    tx.run(queries.remove_membership, account_id=account_id, person_id=person_id)


def lock_owners(tx: Transaction, account_id: int) -> list[int]:
    """The owners' ids; nobody else changes who they are until the transaction ends."""
    return [row.person_id for row in tx.rows(queries.lock_owners, account_id=account_id)]


def set_address(tx: Transaction, person_id: int, email: str, folded: str) -> None:
    tx.run(queries.set_address, person_id=person_id, email=email, folded=folded)


def first_membership(tx: Transaction, person_id: int) -> tuple[int, str] | None:
    """Account id and role."""
    row = tx.row(queries.first_membership, person_id=person_id)
    return None if row is None else (row.account_id, row.role)


def people_of_account(tx: Transaction, account_id: int) -> list[tuple[Person, str]]:
    """Everybody with their role, owners first."""
    rows = tx.rows(queries.people_of_account, account_id=account_id)
    return [(Person(row.person_id, row.email, row.name, row.language), row.role) for row in rows]


def add_key(
    tx: Transaction, now: datetime, key_hash: bytes, account_id: int, *, person_id: int | None, label: str, hint: str,
    scopes: Sequence[str],
) -> None:  # fmt: skip
    tx.run(
        queries.add_key, key_hash=key_hash, account_id=account_id, person_id=person_id, label=label, hint=hint,
        scopes=list(scopes), now=now,
    )  # fmt: skip


def key_holder(tx: Transaction, key_hash: bytes) -> tuple[bytes, KeyHolder] | None:
    """The stored hash and whom the key speaks for; None for a key that is unknown, revoked or orphaned."""
    row = tx.row(queries.key_holder, key_hash=key_hash)
    if row is None or (row.person_id is not None and row.role is None):
        return None
    person = Person(row.person_id, row.email, row.person_name, row.person_language) if row.person_id else None
    return row.key_hash, KeyHolder(_account(row), person, row.role or "owner", tuple(row.scopes))


def keys_of_account(tx: Transaction, account_id: int) -> list[ApiKey]:
    rows = tx.rows(queries.keys_of_account, account_id=account_id)
    return [ApiKey(row.label, row.hint, tuple(row.scopes), row.created_at, row.revoked_at) for row in rows]


def revoke_key(tx: Transaction, now: datetime, account_id: int, key_hash: bytes) -> int:
    return tx.run(queries.revoke_key, account_id=account_id, key_hash=key_hash, now=now)


def revoke_keys_by_hint(tx: Transaction, now: datetime, account_id: int, hint: str, label: str | None) -> int:
    return tx.run(queries.revoke_keys_by_hint, account_id=account_id, hint=hint, label=label, now=now)


def set_language(tx: Transaction, person_id: int, language: str) -> None:
    tx.run(queries.set_language, person_id=person_id, language=language)


def set_first_language(tx: Transaction, person_id: int, account_id: int, language: str) -> None:
    """Only before the person's first session."""
    tx.run(queries.set_first_language, person_id=person_id, account_id=account_id, language=language)


def add_session(
    tx: Transaction, now: datetime, session_hash: bytes, *, person_id: int, account_id: int, expires_at: datetime
) -> None:
    tx.run(
        queries.add_session, session_hash=session_hash, person_id=person_id, account_id=account_id, now=now,
        expires_at=expires_at,
    )  # fmt: skip


def get_session(tx: Transaction, now: datetime, session_hash: bytes) -> SignedIn | None:
    row = tx.row(queries.get_session, session_hash=session_hash, now=now)
    if row is None:
        return None
    person = Person(row.person_id, row.email, row.person_name, row.person_language)
    return SignedIn(_account(row), person, row.role, row.expires_at)


def end_session(tx: Transaction, session_hash: bytes) -> None:
    tx.run(queries.end_session, session_hash=session_hash)


def forget_expired(tx: Transaction, now: datetime) -> None:
    tx.run(queries.forget_expired, now=now)


def add_sign_in_link(tx: Transaction, token_hash: bytes, person_id: int, expires_at: datetime) -> None:
    tx.run(queries.add_sign_in_link, token_hash=token_hash, person_id=person_id, expires_at=expires_at)


def use_sign_in_link(tx: Transaction, now: datetime, token_hash: bytes) -> int | None:
    """The person's id, once."""
    person_id: int | None = tx.value(queries.use_sign_in_link, token_hash=token_hash, now=now)
    return person_id


def _account(row: Any) -> Account:
    return Account(row.account_id, row.name, row.zone, row.language, row.spread, row.settings, row.created_at)
