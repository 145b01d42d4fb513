"""The settings of an account: every one there is, how it is written, and what it is when the account says nothing.

What reads a setting stands with its feature (limits in flows/definition, the cap in messages …); it finds the stored
value in ``account.settings`` under the setting's key, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from relance.accounts import store
from relance.accounts.model import Account
from relance.accounts.people import check_zone
from relance.audience.ask_segments import ask_all_segments
from relance.db.pool import Transaction
from relance.flows.definition import durations
from relance.flows.definition.limits import HIGHEST, LIMITS, FlowLimits
from relance.flows.engine.tasks import ask_to_look_again
from relance.kernel.errors import Invalid, NotFound
from relance.kernel.openings import read_hours
from relance.messages.restraint import USUAL_CAPS

LANGUAGES = ("en", "fr")
OFF = "off"


@dataclass(frozen=True, slots=True)
class AccountSetting:
    """``read`` takes what a person writes and returns what is stored, or raises ValueError with how to write it;
    ``write`` is its contrary. ``usual``: what holds when nothing is stored, as it would be written. ``answers``: what
    conditions answer depends on it. ``moments``: so does when people go on who wait."""

    key: str
    meaning: str
    usual: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    answers: bool = False
    moments: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting of one account as people read it. ``set``: the account has said so."""

    key: str
    value: str
    set: bool
    usual: str
    meaning: str


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError(f"Write a whole number from {lowest:,} to {highest:,}.")
        return int(text)

    return read


def _length(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        seconds = durations.parse_seconds(text)
        if seconds is None or not lowest <= seconds <= highest:
            shortest, longest = durations.write_seconds(lowest), durations.write_seconds(highest)
            raise ValueError(f"Write a length of time from {shortest} to {longest}.")
        return seconds

    return read


def _word(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"Write {' or '.join(words)}.")
        return text

    return read


def _flag(text: str) -> bool:
    return _word("true", "false")(text) == "true"


def _write_flag(value: bool) -> str:
    return "true" if value else "false"


def _hours(text: str) -> str | bool:
    if text == OFF:
        return False
    if read_hours(text) is None:
        raise ValueError("Write two times of day, such as 21:00-08:00, or off.")
    return text


def _write_hours(value: str | bool) -> str:
    return value if isinstance(value, str) else OFF


def _cap(text: str) -> Mapping[str, int] | bool:
    """``1 in 16 hours``"""
    if text == OFF:
        return False
    match = re.fullmatch(r"([0-9]{1,3}) in (.+)", text)
    seconds = durations.parse_seconds(match[2]) if match else None
    if not match or int(match[1]) < 1 or seconds is None or not 60 <= seconds <= 30 * 86_400:
        raise ValueError('Write for example "1 in 16 hours", for up to 30 days, or off.')
    return {"n": int(match[1]), "seconds": seconds}


def _write_cap(value: Mapping[str, int] | bool) -> str:
    return f"{value['n']} in {durations.write_seconds(value['seconds'])}" if isinstance(value, Mapping) else OFF


def _limits() -> list[AccountSetting]:
    """Of a flow (spec section 12). Lengths are written as such."""
    found = []
    for one in fields(FlowLimits):
        long = one.name in ("min_delay", "max_delay")
        lowest = "1 second" if long else "1"
        meaning = f"{LIMITS[one.name]} From {lowest} to {_limit(one.name, HIGHEST[one.name])}."
        read = _length(1, HIGHEST[one.name]) if long else _whole(1, HIGHEST[one.name])
        write = durations.write_seconds if long else str
        found.append(AccountSetting(f"limits.{one.name}", meaning, _limit(one.name, one.default), read, write))
    return found


def _limit(name: str, value: Any) -> str:
    return durations.write_seconds(value) if name in ("min_delay", "max_delay") else str(value)


SETTINGS: tuple[AccountSetting, ...] = (
    AccountSetting(
        "frequency_cap.email",
        "How many marketing emails a contact is sent in which time. While mail goes to the local catcher, the usual "
        "cap is not applied: trying a flow out shows every message.",
        _write_cap({"n": USUAL_CAPS["email"].n, "seconds": USUAL_CAPS["email"].seconds}),
        _cap,
        _write_cap,
        moments=True,
    ),
    AccountSetting(
        "when_capped",
        "What becomes of a message over the cap: it is skipped (S08), or waits up to 7 days (W08).",
        "skip",
        _word("skip", "wait"),
        moments=True,
    ),
    AccountSetting(
        "quiet_hours.email",
        "When no marketing email leaves, by the contact's clock, else the account's: 21:00-08:00.",
        OFF,
        _hours,
        _write_hours,
        moments=True,
    ),
    AccountSetting(
        "feb29",
        "When a birthday on 29 February is celebrated in common years: feb28 or mar1.",
        "feb28",
        _word("feb28", "mar1"),
        answers=True,
        moments=True,
    ),
    AccountSetting(
        "unknown_counts_as",
        "What a message counts as that was opened by machines at most: neither opened nor not, or not_opened.",
        "neither",
        _word("neither", "not_opened"),
        answers=True,
    ),
    AccountSetting(
        "count_machine_activity", "Whether opens and clicks by machines count.", "false", _flag, _write_flag
    ),
    *_limits(),
)

OWN = ("name", "zone", "language")
"""What every account has of its own; cannot be unset."""
MEANINGS = {
    "name": "Of the organisation.",
    "zone": "Time zone of days, dates, delays of days and windows: an IANA name such as Europe/Paris.",
    "language": f"Of people who join: {' or '.join(LANGUAGES)}.",
}


def all_settings(account: Account) -> list[Shown]:
    """Those of its own first."""
    own = [Shown(key, str(getattr(account, key)), True, "", MEANINGS[key]) for key in OWN]
    return own + [
        Shown(
            one.key,
            one.write(account.settings[one.key]) if one.key in account.settings else one.usual,
            one.key in account.settings,
            one.usual,
            one.meaning,
        )
        for one in SETTINGS
    ]


def set_setting(tx: Transaction, now: datetime, account_id: int, key: str, text: str) -> str:
    """Change one setting; returns it as it was understood. Raises NotFound for a key that is none, Invalid for a value
    that does not fit. Whoever waits for a moment that has moved by it is looked at again."""
    text = text.strip()
    if key in OWN:
        value = _own(key, text)
        store.change_account(tx, account_id, key, value)
        if key == "zone":
            ask_all_segments(tx, now, account_id)
            ask_to_look_again(tx, now, account_id, zone=True)
        return value
    setting = _find(key)
    try:
        value = setting.read(text)
    except ValueError as error:
        raise Invalid(f"{text!r} does not fit", where=key, mend=str(error)) from None
    store.put_setting(tx, account_id, key, value)
    _look_again(tx, now, account_id, setting)
    return setting.write(value)


def unset_setting(tx: Transaction, now: datetime, account_id: int, key: str) -> str:
    """Back to what is usual, which is returned. Raises NotFound, and Invalid for what an account cannot be without."""
    if key in OWN:
        raise Invalid(f"an account cannot be without its {key}", where=key, mend="Set another one.")
    setting = _find(key)
    store.remove_setting(tx, account_id, key)
    _look_again(tx, now, account_id, setting)
    return setting.usual


def _look_again(tx: Transaction, now: datetime, account_id: int, setting: AccountSetting) -> None:
    if setting.answers:
        ask_all_segments(tx, now, account_id)
    if setting.moments:
        ask_to_look_again(tx, now, account_id)


def _own(key: str, text: str) -> str:
    if key == "zone":
        return check_zone(text)
    if key == "language" and text not in LANGUAGES:
        raise Invalid(f"{text!r} is not spoken here", where=key, mend=f"Write {' or '.join(LANGUAGES)}.")
    if key == "name" and not 1 <= len(text) <= 100:
        raise Invalid("an account's name has 1 to 100 characters", where=key)
    return text


def _find(key: str) -> AccountSetting:
    found = next((one for one in SETTINGS if one.key == key), None)
    if found is None:
        from difflib import get_close_matches

        known = [*OWN, *(one.key for one in SETTINGS)]
        near = get_close_matches(key, known, 1)
        mend = f"Did you mean {near[0]}?" if near else "`relance account show` lists them."
        raise NotFound(f"there is no account setting {key!r}", mend=mend)
    return found
