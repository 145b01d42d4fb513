"""/ping: is anybody there, and does the key fit?"""

from __future__ import annotations

from relance.api.http import Answer, Call
from relance.api.v3.collections import one
from relance.db.pool import Transaction


def get(call: Call, _: Transaction) -> Answer:
    return one(call, {"health_status": "Everything's Chimpy!"})
