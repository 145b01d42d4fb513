"""What the composition root hands to the hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from relance.db.pool import Database, Transaction
from relance.flows.contexts import contexts_behind
from relance.messages.templates import MessageCache
from relance.messages.track.addresses import Addresses
from relance.messages.track.token import Tokens

Contexts = Callable[[Transaction, Sequence[Any]], Mapping[UUID, Mapping[str, Any]]]


@dataclass(frozen=True)
class HookContext:
    """``public_url`` has no slash at its end. ``contexts``: of the runs behind deliveries, for personal links."""

    database: Database
    public_url: str
    secret: str
    contexts: Contexts = contexts_behind

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.secret)

    @cached_property
    def addresses(self) -> Addresses:
        return Addresses(self.public_url)

    @cached_property
    def messages(self) -> MessageCache:
        return MessageCache(self.public_url)
