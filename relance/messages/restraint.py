"""What an account lays on its marketing messages, by channel: hours of quiet and a frequency cap (spec/flows.md 5.8).

Read from the account's settings (accounts/settings.py says how they are written). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from relance.kernel.openings import Hours, read_hours

RESTRAINED: Final = "marketing"
"""The class of messages that windows, hours of quiet and caps are for."""

QUIET_HOURS: Final[Mapping[str, str]] = {}
"""By channel, for an account that says nothing. Email has none."""

LONGEST_WAIT: Final = timedelta(days=7)
"""How long a message may wait for its turn under a cap (W08)."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``n`` messages in any ``seconds``."""

    n: int
    seconds: int

    @property
    def period(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def free_at(self, times: Sequence[datetime]) -> datetime | None:
        """When one more may leave, after messages that left at ``times``, all within the period. None: now."""
        return sorted(times)[-self.n] + self.period if len(times) >= self.n else None


USUAL_CAPS: Final[Mapping[str, Cap]] = {"email": Cap(1, 16 * 3600)}
"""By channel, for an account that says nothing."""


def quiet_hours(account: Mapping[str, Any], channel: str) -> Hours | None:
    return read_hours(account.get(f"quiet_hours.{channel}", QUIET_HOURS.get(channel)) or "")


def frequency_cap(account: Mapping[str, Any], channel: str, *, usual: bool) -> Cap | None:
    """``usual``: whether an account that says nothing has the usual cap."""
    key = f"frequency_cap.{channel}"
    if key not in account:
        return USUAL_CAPS.get(channel) if usual else None
    return Cap(account[key]["n"], account[key]["seconds"]) if account[key] else None


def waits_when_capped(account: Mapping[str, Any]) -> bool:
    return account.get("when_capped") == "wait"
