"""What `relance up` prints to begin with: a link that signs the owner in, an API key for this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from relance.accounts.keys import create_key, holder_of
from relance.accounts.sign_in import create_link
from relance.accounts.store import people_of_account
from relance.kernel import clock

if TYPE_CHECKING:
    from relance.accounts.model import Person
    from relance.app import App

KEY_FILE = "api-key"


def sign_in_link(app: App, person: Person | None = None) -> str:
    """Works once, for half an hour, for the person or the first owner; `up` prints a new one at each start."""
    with app.database.transaction() as tx:
        person = person or people_of_account(tx, app.account.account_id)[0][0]
        token = create_link(tx, clock.now(), person.person_id)
    return f"{app.config.public_url}/signin/link/{token}"


def api_key(app: App) -> str:
    """The key that the first start made, kept in the data folder for the owner's eyes only; a new one when it is gone
    or revoked."""
    path = app.data / KEY_FILE
    with app.database.transaction() as tx:
        kept = path.read_text().strip() if path.exists() else ""
        holder = holder_of(tx, kept) if kept else None
        if holder is not None and holder.account.account_id == app.account.account_id:
            return kept
        key = create_key(tx, clock.now(), app.account.account_id, "made by relance up")
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{key}\n")
    return key
