"""Read what a caller sent: JSON into a dictionary, a dictionary into a checked form."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from relance.api.problems import refused
from relance.kernel.errors import Invalid

_BYTE = re.compile(r" \(byte (\d+)\)$")
_PATH = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"Object missing required field `(.+?)`")
_EXPECTED = re.compile(r"Expected `(.+?)`, got `(.+?)`")
_NUL = "\x00"

Form = TypeVar("Form", bound=msgspec.Struct)


def parse(raw: bytes) -> Any:
    """The JSON in ``raw``; None for nothing. Raises Invalid (malformed) that names the place."""
    if not raw.strip():
        return None
    try:
        value = msgspec.json.decode(raw)
    except UnicodeDecodeError:
        raise _not_utf8(raw) from None
    except msgspec.DecodeError as error:
        raise _malformed(raw, str(error)) from None
    except RecursionError:
        raise Invalid("the body is nested too deeply", code="malformed") from None
    # PostgreSQL's text cannot hold U+0000. The escape is looked for first: walking every body would cost more.
    if b"\\u0000" in raw and _has_nul(value):
        raise Invalid("the body contains the character U+0000", code="malformed", mend="Leave it out.")
    return value


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in ``raw``; nothing and ``null`` are the empty one (the official client sends ``null``)."""
    value = parse(raw)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refused(("", f"Schema describes object, {json_type(value)} found instead"))
    return value


def fit(value: Any, form: type[Form], where: str = "") -> Form:
    """``value`` as a checked form; unknown members are ignored. Raises Refused naming the member."""
    try:
        return msgspec.convert(value, form, strict=False)
    except msgspec.ValidationError as error:
        raise refused(_field_error(str(error), where)) from None


def json_type(value: object) -> str:
    """What JSON calls a value, in the words of existing error messages."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _field_error(text: str, where: str) -> tuple[str, str]:
    path = _PATH.search(text)
    text = _PATH.sub("", text)
    place = ".".join(part for part in (where, path[1].replace("[...]", "") if path else "") if part)
    if missing := _MISSING.search(text):
        return (f"{place}.{missing[1]}".lstrip("."), "Required fields were not provided")
    if expected := _EXPECTED.search(text):
        wanted = expected[1].replace("str", "string").replace("int", "integer").replace("bool", "boolean")
        got = expected[2].replace("str", "string").replace("null", "NULL")
        return (place, f"Schema describes {wanted}, {got} found instead")
    return (place, text)


def _malformed(raw: bytes, text: str) -> Invalid:
    if "utf-8" in text.lower():
        return _not_utf8(raw)
    byte = _BYTE.search(text)
    what = _BYTE.sub("", text).removeprefix("JSON is malformed: ")
    return Invalid(
        f"the body is no JSON: {what} at {place_in(raw, int(byte[1]) if byte else len(raw))}", code="malformed"
    )


def _not_utf8(raw: bytes) -> Invalid:
    try:
        raw.decode()
        start = len(raw)
    except UnicodeDecodeError as error:
        start = error.start
    return Invalid(f"the body is not UTF-8: wrong byte at {place_in(raw, start)}", code="malformed")


def place_in(raw: bytes, byte: int) -> str:
    """Line and column (in bytes) of a byte, from 1."""
    before = raw[:byte]
    return f"line {before.count(10) + 1}, column {byte - (before.rfind(10) + 1) + 1}"


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return _NUL in value
    if isinstance(value, dict):
        return any(_NUL in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
