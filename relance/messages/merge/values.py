"""What a message is written with: one contact's data, built once per message. Plain data, nothing is fetched here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from relance.kernel.text import fold
from relance.messages.merge.dates import php_date, usual_date
from relance.messages.merge.words import ADDRESS_PARTS

Data = Mapping[str, object]
_NOTHING: Data = {}

_STATE_FIRST = frozenset({"US", "CA", "AU", "BR", "MX"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that is already written out, with the raw one for tests: money, dates in a field's own format."""

    text: str
    raw: object


@dataclass(frozen=True, slots=True)
class Event:
    """A triggering event: its name, its instant (aware) and its properties as parsed JSON."""

    name: str
    at: datetime | None = None
    properties: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Values:
    """One contact's data for one message.

    A value is None, str, int, float, Decimal, bool, date, datetime (aware), Shown, an address (a mapping of
    words.ADDRESS_PARTS), or for events any JSON. Blank is None, '' or only spaces (7.3).

    - ``now`` is the rendering instant (aware), ``zone`` the flow's, ``language`` the contact's ('fr', 'en' …).
    - ``fields``: by tag, EMAIL included; number fields as numbers and dates as dates, or Shown with such a raw.
      ``defaults``: the fields' default texts, by tag.
    - ``system``: by tag: UNSUB (also serves LIST:UNSUB), UPDATE_PROFILE, ARCHIVE, FORWARD, CONTACT_ID,
      MC_PREVIEW_TEXT, MC:SUBJECT, LIST:NAME … LIST:URL, SURVEY:URL, FLOW:NAME, FLOW:ENTERED.
    - ``position``: this email on the run's path and the send steps of the version, both from 1.
    - ``groups``: the contact's groups, as group_key() pairs.
    - ``events``: the triggering event and those that waits met, newest first.
    - ``cart``: URL, TOTAL; ``order``: ORDER_TOTAL and the other words.ORDER_WORDS; the lines of both by
      words.SCOPE_NAMES["PRODUCT"]. ``trigger``: by object, then property. ``webhook``: mapped keys.
      ``coupons``: the run's code by pool.
    """

    now: datetime
    zone: tzinfo = UTC
    language: str = "en"
    fields: Data = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    system: Data = field(default_factory=dict)
    position: tuple[int, int] = (1, 1)
    groups: frozenset[tuple[str, str]] = frozenset()
    events: Sequence[Event] = ()
    cart: Data = field(default_factory=dict)
    cart_lines: Sequence[Data] = ()
    order: Data = field(default_factory=dict)
    order_lines: Sequence[Data] = ()
    trigger: Mapping[str, Data] = field(default_factory=dict)
    webhook: Data = field(default_factory=dict)
    coupons: Mapping[str, str] = field(default_factory=dict)


def group_key(category: str, group: str) -> tuple[str, str]:
    """How INTERESTED compares groups: both names folded."""
    return fold(category), fold(group)


def money(amount: Decimal, currency: str, language: str) -> Shown:
    """An amount in the store's currency, written for the contact's language.

    >>> money(Decimal("12.5"), "EUR", "en").text
    '€12.50'
    """
    # Babel loads slowly and only shops need it.
    from babel.core import UnknownLocaleError
    from babel.numbers import format_currency

    try:
        return Shown(format_currency(amount, currency, locale=language.replace("-", "_") or "en"), amount)
    except (UnknownLocaleError, ValueError):
        return Shown(format_currency(amount, currency, locale="en"), amount)


def dated(day: date | datetime, written: str, language: str) -> Shown:
    """A date field's value in the field's own format (PHP date letters)."""
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
    return Shown(php_date(written, moment, language), day)


def raw_of(value: object) -> object:
    return value.raw if isinstance(value, Shown) else value


def is_address(value: object) -> bool:
    return isinstance(value, Mapping) and any(part in value for part in ADDRESS_PARTS)


def address_lines(address: Data) -> list[str]:
    """The lines of a postal address, blank ones left out. Town and postcode stand in the country's order."""
    part = {name: str(address.get(name) or "").strip() for name in ADDRESS_PARTS}
    if part["country"].upper() in _STATE_FIRST:
        region = " ".join(filter(None, (part["state"], part["zip"])))
        town = ", ".join(filter(None, (part["city"], region)))
    else:
        town = " ".join(filter(None, (part["zip"], part["city"])))
        town = ", ".join(filter(None, (town, part["state"])))
    return [line for line in (part["addr1"], part["addr2"], town, part["country"]) if line]


def look_up(properties: Data, path: str) -> object:
    """The property ``path``: a key, or keys and list positions joined by dots. None if there is none."""
    if path in properties:
        return properties[path]
    found: object = properties
    for key in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, Sequence) and not isinstance(found, str) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found


def shown(value: object, values: Values) -> str:
    """``value`` as text. An object without an address in it has no text: ''. Raises TypeError for unknown types."""
    match value:
        case None:
            return ""
        case str():
            return value
        case Shown():
            return value.text
        case bool():
            return _YES_NO["fr" if values.language[:2] == "fr" else "en"][value]
        case int():
            return str(value)
        case float():
            return f"{value:.15g}" if abs(value) < 1e15 else repr(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return usual_date(value.astimezone(values.zone) if value.tzinfo else value, values.language)
        case date():
            return usual_date(value, values.language)
        case Mapping():
            return ", ".join(address_lines(value)) if is_address(value) else ""
        case list() | tuple():
            return ", ".join(filter(None, (shown(item, values) for item in value)))
    raise TypeError(f"a {type(value).__name__} cannot be printed")


_YES_NO = {"en": ("no", "yes"), "fr": ("non", "oui")}
