"""Open an account with its owner; let people join it, change their address, and leave."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email

from relance.accounts import store
from relance.accounts.model import ROLES, Account, Person
from relance.db.pool import Transaction
from relance.kernel.errors import Conflict, Invalid, NotFound
from relance.kernel.ids import BUCKETS, object_id


def open_account(
    tx: Transaction, now: datetime, name: str, owner_email: str, *, owner_name: str = "", zone: str = "UTC",
    language: str = "en", spread: int = BUCKETS,
) -> tuple[Account, Person]:  # fmt: skip
    """A new account whose owner is the person with that address, who may be known already.

    Raises Invalid for an address or a zone that does not exist.
    """
    if not name.strip():
        raise Invalid("an account needs a name", where="name")
    account = Account(object_id(), name.strip(), check_zone(zone), language, spread, {}, now)
    store.add_account(tx, now, account)
    return account, join(tx, now, account, owner_email, "owner", name=owner_name)


def join(tx: Transaction, now: datetime, account: Account, email: str, role: str, *, name: str = "") -> Person:
    """Give the person with that address ``role`` in the account, making the person if needed."""
    if role not in ROLES:
        raise Invalid(f"there is no role {role!r}", where="role", mend=f"Roles are {', '.join(ROLES)}.")
    address = check_address(email)
    person = Person(object_id(), address, name.strip(), account.language)
    if not store.add_person(tx, now, person, fold_address(address)):
        known = store.person_by_email(tx, fold_address(address))
        if known is None:
            raise Conflict("the person was changed at the same moment", mend="Try again.")
        person = known[0]
    if role != "owner":
        _refuse_the_last_owner(tx, account, person)
    store.put_membership(tx, account.account_id, person.person_id, role)
    return person


def leave(tx: Transaction, account: Account, email: str) -> Person:
    """Take the person out of the account: their sessions and keys end with it. Raises NotFound, or Conflict for the
    last owner."""
    person = of_account(tx, account, email)
    _refuse_the_last_owner(tx, account, person)
    store.remove_membership(tx, account.account_id, person.person_id)
    return person


def change_address(tx: Transaction, account: Account, email: str, new: str) -> str:
    """The person's address from now on. Raises NotFound, Invalid, or Conflict when somebody else has it."""
    person = of_account(tx, account, email)
    address = check_address(new)
    known = store.person_by_email(tx, fold_address(address))
    if known is not None and known[0].person_id != person.person_id:
        raise Conflict(f"{address} is somebody else's address", where="email")
    store.set_address(tx, person.person_id, address, fold_address(address))
    return address


def of_account(tx: Transaction, account: Account, email: str) -> Person:
    """The person of the account with that address. Raises NotFound."""
    folded = fold_address(email)
    for person, _ in store.people_of_account(tx, account.account_id):
        if fold_address(person.email) == folded:
            return person
    raise NotFound(f"nobody in this account has the address {email}", where="email", mend="See `relance person list`.")


def _refuse_the_last_owner(tx: Transaction, account: Account, person: Person) -> None:
    if store.lock_owners(tx, account.account_id) == [person.person_id]:
        mend = "Make somebody else an owner first."
        raise Conflict(f"{person.email} is the only owner of the account", where="role", mend=mend)


def fold_address(email: str) -> str:
    """How addresses of people are compared: unlike words, accents count."""
    return email.strip().lower()


def check_address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Invalid(f"{email!r} is no email address: {error}", where="email") from None


def check_zone(zone: str) -> str:
    """An IANA name (spec section 11: a fixed offset is refused)."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"there is no time zone {zone!r}", where="zone", mend="Use an IANA name such as Europe/Paris."
        ) from None
    return zone
