"""From what people and programs write to what is stored, and from there to text. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from relance.audience.fields.model import ADDRESS_PARTS, BadFields, Field
from relance.kernel.errors import Invalid
from relance.kernel.text import fold

# The words of scope, mode and block names of the merge language, TRIGGER, and its fixed words (spec/flows.md 8.1-8.3).
RESERVED = frozenset(
    {
        "LIST", "MC", "AUTOMATION", "CART", "PRODUCT", "EVENT", "WEBHOOK", "SURVEY", "FLOW", "COUPON", "TRIGGER",
        "HTML", "URL", "UPPER", "LOWER", "TITLE", "IF", "IFNOT", "ELSEIF", "ELSE", "END", "INTERESTED",
        "ABANDONED_CART", "ORDER_LINES", "DATE", "EMAIL", "UNSUB", "ARCHIVE", "FORWARD", "REWARDS", "CONTACT_ID",
    }
)  # fmt: skip
LONGEST = 2000
"""Characters of a text value."""

_TAG = re.compile(r"[A-Z][A-Z0-9_]{0,9}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_ISO_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_MONTH_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})")
_ZIP = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{1,11}")
_YES = frozenset({"yes", "true", "1", "on", "oui", "vrai"})
_NO = frozenset({"no", "false", "0", "off", "non", "faux"})

WORDS = {
    "text": "Please enter a text of at most 2,000 characters.",
    "number": "Please enter a number.",
    "date": "Please enter a date as YYYY-MM-DD.",
    "birthday": "Please enter a month and a day as MM/DD.",
    "choice": "Please choose one of the options of this field.",
    "address": "Please enter a complete address.",
    "phone": "Please enter a phone number.",
    "url": "Please enter a URL that starts with http:// or https://.",
    "image": "Please enter an image URL that starts with http:// or https://.",
    "yes_no": "Please enter yes or no.",
    "zip": "Please enter a zip code.",
    "required": "This field should not be blank.",
}


def check_tag(tag: str) -> str:
    """The tag in capitals. Raises Invalid unless it is 1-10 of A-Z, 0-9, _ and no word of the merge language."""
    tag = tag.strip().upper()
    if not _TAG.fullmatch(tag):
        raise Invalid(
            f"{tag!r} cannot be a field's tag.", where="tag", mend="Use 1 to 10 of A-Z, 0-9 and _, a letter first."
        )
    if tag in RESERVED:
        raise Invalid(f"{tag} has a meaning of its own in messages.", where="tag", mend="Choose another tag.")
    return tag


def check_options(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with tidy choices. Raises Invalid when a choice field has none."""
    tidy = {name: value for name, value in options.items() if value not in (None, "")}
    if kind == "choice":
        choices = [str(choice).strip() for choice in tidy.get("choices") or ()]
        tidy["choices"] = list(dict.fromkeys(choice for choice in choices if choice))
        if not tidy["choices"]:
            raise Invalid("a field of this type needs choices.", where="options.choices", mend="Give at least one.")
    return tidy


def read_value(field: Field, raw: object) -> Any:
    """The stored form of ``raw`` (see schema.sql, contact.fields), or None for a blank.

    Dates are read year first, else in the field's ``date_format``. Raises BadFields with the field's tag.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    try:
        return _READ[field.type](raw.strip() if isinstance(raw, str) else raw, field.options)
    except ValueError:
        raise BadFields([(field.tag, WORDS[field.type])]) from None


def _text(raw: Any, _options: Mapping[str, Any]) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if not isinstance(raw, (str, int, float)):
        raise ValueError
    text = str(raw).replace("\x00", "")
    if len(text) > LONGEST:
        raise ValueError
    return text


def _number(raw: Any, _options: Mapping[str, Any]) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        raise ValueError
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw):
        raise ValueError
    value = float(raw)
    if not math.isfinite(value):
        raise ValueError
    if value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _date(raw: Any, options: Mapping[str, Any]) -> str:
    if not isinstance(raw, str):
        raise ValueError
    if found := _ISO_DAY.fullmatch(raw):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY.fullmatch(raw):
        first, second, year = (int(part) for part in found.groups())
        month, day = _in_order(first, second, options)
    else:
        raise ValueError
    return date(year, month, day).isoformat()


def _birthday(raw: Any, options: Mapping[str, Any]) -> str:
    if not isinstance(raw, str):
        raise ValueError
    if found := _ISO_DAY.fullmatch(raw):
        month, day = int(found[2]), int(found[3])
    elif found := _MONTH_DAY.fullmatch(raw):
        month, day = _in_order(int(found[1]), int(found[2]), options)
    else:
        raise ValueError
    return date(2000, month, day).strftime("%m/%d")  # 2000 had a 29 February


def _in_order(first: int, second: int, options: Mapping[str, Any]) -> tuple[int, int]:
    day_first = str(options.get("date_format", "")).upper().startswith("DD")
    return (second, first) if day_first else (first, second)


def _choice(raw: Any, options: Mapping[str, Any]) -> str:
    wanted = fold(_text(raw, options))
    for choice in options.get("choices") or ():
        if fold(choice) == wanted:
            return str(choice)
    raise ValueError


def _address(raw: Any, options: Mapping[str, Any]) -> dict[str, str] | None:
    if isinstance(raw, str):  # the old form: parts two spaces apart
        raw = dict(zip(ADDRESS_PARTS, re.split(r" {2,}|\n", raw), strict=False))
    if not isinstance(raw, Mapping):
        raise ValueError
    parts = {part: _text(raw.get(part) or "", options).strip() for part in ADDRESS_PARTS}
    if not any(text for part, text in parts.items() if part != "country"):
        return None
    if not parts["addr1"] and not parts["city"]:
        raise ValueError
    parts["country"] = parts["country"] or str(options.get("default_country_code") or "")
    if len(parts["country"]) == 2:
        parts["country"] = parts["country"].upper()
    return {part: text for part, text in parts.items() if text}


def _phone(raw: Any, options: Mapping[str, Any]) -> str:
    text = _text(raw, options)
    digits = sum(character.isdigit() for character in text)
    if options.get("phone_format") == "US" and digits not in (10, 11):
        raise ValueError
    if digits < 3 or len(text) > 50:
        raise ValueError
    return text


def _url(raw: Any, options: Mapping[str, Any]) -> str:
    text = _text(raw, options)
    parts = urlsplit(text)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or any(c.isspace() for c in text):
        raise ValueError
    return text


def _yes_no(raw: Any, options: Mapping[str, Any]) -> bool:
    word = fold(_text(raw, options))
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _zip(raw: Any, options: Mapping[str, Any]) -> str:
    text = _text(raw, options)
    if not _ZIP.fullmatch(text):
        raise ValueError
    return text


_READ: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "text": _text, "number": _number, "date": _date, "birthday": _birthday, "choice": _choice, "address": _address,
    "phone": _phone, "url": _url, "image": _url, "yes_no": _yes_no, "zip": _zip,
}  # fmt: skip


def day_of(kind: str, value: Any) -> tuple[str | None, int] | None:
    """(day "YYYY-MM-DD" or None for birthdays, month and day as 229) of a stored value; None when it is no date."""
    if kind == "date" and value:
        return value, int(value[5:7]) * 100 + int(value[8:10])
    if kind == "birthday" and value:
        return None, int(value[:2]) * 100 + int(value[3:5])
    return None


def display(field: Field, value: Any, language: str = "en") -> str:
    """The text of a stored value, as people read it: dates in the field's format, yes or no in ``language``."""
    if value is None:
        return ""
    if field.type in ("date", "birthday"):
        return _display_day(field, value)
    if field.type == "address":
        return ", ".join(value[part] for part in ADDRESS_PARTS if value.get(part)) if value else ""
    if field.type == "yes_no":
        yes, no = ("Oui", "Non") if language.lower().startswith("fr") else ("Yes", "No")
        return yes if value else no
    if field.type == "number":
        text = format(value, "d") if isinstance(value, int) else format(value, ".15g")
        return text.replace(".", ",") if language.lower().startswith("fr") else text
    return str(value)


def _display_day(field: Field, value: str) -> str:
    day_first = str(field.options.get("date_format", "")).upper().startswith("DD")
    year, month, day = value.split("-") if field.type == "date" else ("", *value.split("/"))
    return "/".join(part for part in ((day, month, year) if day_first else (month, day, year)) if part)
