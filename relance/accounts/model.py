"""Values of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ROLES = ("owner", "admin", "editor", "viewer")
"""Every role may do what the ones after it may."""

SCOPES = ("all", "read", "events")
"""What a key may do: everything, look only, or only record events."""


@dataclass(frozen=True, slots=True)
class Account:
    account_id: int
    name: str
    zone: str
    language: str
    spread: int
    settings: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    person_id: int
    email: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is listed: ``hint`` is the last four digits, to tell keys apart."""

    label: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """For whom an API call speaks. ``person`` None: a key of the account itself, which counts as its owner's."""

    account: Account
    person: Person | None
    role: str
    scopes: tuple[str, ...]

    def may(self, scope: str) -> bool:
        """Whether calls that need ``scope`` (one of SCOPES) are allowed. A viewer's key only looks."""
        if scope != "read" and self.role == "viewer":
            return False
        return "all" in self.scopes or scope in self.scopes


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sits at the screen."""

    account: Account
    person: Person
    role: str
    expires_at: datetime
