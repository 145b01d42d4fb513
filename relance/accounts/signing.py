"""The secret that signs links and cookies is the same for every process of an installation, and stays it.

A process with another secret would answer 404 to every link in sent mail, unsubscribing too, and nothing would tell
why. So the database knows the secret by a fingerprint, from which it cannot be found again (docs/decisions/0038).
"""

from __future__ import annotations

import hmac
from datetime import datetime

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import Conflict

queries = load_queries(__package__, "signing.sql")

_CONSTANT = b"relance: the secret that signs links"
WHAT = "links of this installation are signed with another secret; with this one those in sent mail would lead nowhere"
MEND = (
    "Give it the secret of the other processes (RELANCE_SECRET, or the file `secret` of their data folder). To sign "
    "with this one from now on: `relance secret accept`."
)


def fingerprint(secret: str) -> str:
    return hmac.digest(secret.encode(), _CONSTANT, "sha256").hex()


def agrees(tx: Transaction, secret: str) -> bool | None:
    """Whether links are signed with this secret; None when no process has signed yet."""
    known = tx.value(queries.get_fingerprint)
    return None if known is None else hmac.compare_digest(known, fingerprint(secret))


def hold_to(tx: Transaction, now: datetime, secret: str, where: str) -> None:
    """The first secret becomes the installation's. Raises Conflict for another one; ``where`` it comes from."""
    tx.run(queries.first_fingerprint, fingerprint=fingerprint(secret), now=now)
    if not agrees(tx, secret):
        raise Conflict(WHAT, where=where, mend=MEND)


def accept(tx: Transaction, now: datetime, secret: str) -> bool:
    """Make another secret the installation's. False when it is so already."""
    return tx.run(queries.accept_fingerprint, fingerprint=fingerprint(secret), now=now) > 0
