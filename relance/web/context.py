"""What the composition root hands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from relance.db.pool import Database
from relance.flows.kinds import Kinds
from relance.kernel.clock import Clock, clock
from relance.messages.transports.model import Answer, Letter

THREADS = 8
"""Pages being made at a time in one process: half of the pool's connections, so that the API keeps the other half."""


class Post(Protocol):
    """Hands letters to a mail server (messages/transports/smtp.py)."""

    def hand_over(self, batch: Sequence[Letter], /) -> list[Answer]: ...


@dataclass(frozen=True, slots=True)
class WebContext:
    """``public_url`` has no slash at its end; ``secret`` signs form tokens. Without ``post`` nobody is offered a
    sign-in link by email."""

    database: Database
    kinds: Kinds
    public_url: str = "http://127.0.0.1:8700"
    secret: str = ""
    post: Post | None = None
    clock: Clock = clock
    limiter: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(THREADS))
