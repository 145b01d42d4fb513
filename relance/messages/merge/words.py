"""The fixed words of merge tags (spec/flows.md 8.1 and 8.2). Field tags are the audience's own and are not here."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Literal

FieldType = Literal[
    "text", "number", "address", "phone", "date", "url", "imageurl", "choice", "birthday", "zip", "yes_no"
]


class Place(StrEnum):
    """What a text becomes: it decides how values are escaped (8.3)."""

    HTML = "html"
    TEXT = "text"
    HEADER = "header"
    URL = "url"
    JSON = "json"


MODES = frozenset({"HTML", "URL", "UPPER", "LOWER", "TITLE"})
LOOPS = frozenset({"ABANDONED_CART", "ORDER_LINES"})
BLOCKS = frozenset({"IF", "IFNOT", "ELSEIF", "ELSE", "END", "INTERESTED"}) | LOOPS

FREE_SCOPES = frozenset({"EVENT", "WEBHOOK", "COUPON"})
SCOPE_NAMES: dict[str, tuple[str, ...]] = {
    "LIST": ("NAME", "COMPANY", "ADDRESS", "PHONE", "EMAIL", "URL", "UNSUB"),
    "MC": ("SUBJECT",),
    "AUTOMATION": ("CURRENT_EMAIL", "TOTALEMAILS"),
    "CART": ("URL", "TOTAL"),
    "PRODUCT": ("TITLE", "PRICE", "IMAGE_URL", "DESCRIPTION", "URL", "QUANTITY", "VARIANT"),
    "SURVEY": ("URL",),
    "FLOW": ("NAME", "ENTERED"),
}
SCOPES = FREE_SCOPES | SCOPE_NAMES.keys()

TRIGGER_OBJECTS = ("PRODUCT", "VARIANT", "CART", "ORDER", "EVENT")
TRIGGER_PROPERTIES = ("TITLE", "PRICE", "IMAGE_URL", "URL", "DESCRIPTION")

ORDER_WORDS = (
    "ORDER_TOTAL",
    "ORDER_SUBTOTAL",
    "ORDER_TAX_TOTAL",
    "ORDER_SHIPPING_ADDRESS",
    "ORDER_BILLING_ADDRESS",
    "ORDER_NUMBER",
    "ORDER_DATE",
    "ORDER_SHIPPING_TOTAL",
    "ORDER_DISCOUNT",
    "ORDER_TRACKING_URL",
)
PLAIN_WORDS = (
    "UNSUB",
    "UPDATE_PROFILE",
    "ARCHIVE",
    "FORWARD",
    "MC_PREVIEW_TEXT",
    "MC_LANGUAGE",
    "CURRENT_YEAR",
    "REWARDS",
    "CONTACT_ID",
)
SYSTEM = frozenset(ORDER_WORDS) | frozenset(PLAIN_WORDS)

ADDRESS_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")
USUAL_FIELDS = ("EMAIL", "FNAME", "LNAME", "PHONE", "ADDRESS", "BIRTHDAY")

# What a new field may not be called: a tag of that name could never show the field.
RESERVED = MODES | BLOCKS | SCOPES | SYSTEM | {"TRIGGER", "DATE"}

# What the tests < > <= >= may be asked of, besides number and date fields. EVENT: and WEBHOOK: values, of any type,
# are judged at rendering.
NUMBERS = frozenset(
    {"CURRENT_YEAR", "AUTOMATION:CURRENT_EMAIL", "AUTOMATION:TOTALEMAILS", "CART:TOTAL"}
    | {"PRODUCT:PRICE", "PRODUCT:QUANTITY"}
    | {"ORDER_TOTAL", "ORDER_SUBTOTAL", "ORDER_TAX_TOTAL", "ORDER_SHIPPING_TOTAL", "ORDER_DISCOUNT"}
    | {f"TRIGGER:{thing}:PRICE" for thing in TRIGGER_OBJECTS}
)
DATES = frozenset({"ORDER_DATE", "EVENT:DATE", "FLOW:ENTERED"})

FIXED_TAGS: tuple[str, ...] = (
    *PLAIN_WORDS,
    *ORDER_WORDS,
    *(f"{scope}:{name}" for scope, names in SCOPE_NAMES.items() for name in names),
    *("EVENT:NAME", "EVENT:DATE", "DATE:d/m/Y"),
    *("IF:", "IFNOT:", "ELSEIF:", "ELSE:", "END:IF", "INTERESTED:", "END:INTERESTED"),
    *("ABANDONED_CART:", "END:ABANDONED_CART", "ORDER_LINES:", "END:ORDER_LINES"),
    *(f"TRIGGER:{thing}:{prop}" for thing in TRIGGER_OBJECTS for prop in TRIGGER_PROPERTIES),
)

_LONGEST = 60  # difflib is quadratic: nobody's tag is longer


def nearest(tag: str, names: tuple[str, ...] | list[str]) -> str:
    """The known name that ``tag`` was probably meant to be, or ''."""
    wanted = tag.strip().upper()[:_LONGEST]
    by_upper = {name.upper(): name for name in reversed(names)}
    found = get_close_matches(wanted, list(by_upper), n=1, cutoff=0.6)
    return by_upper[found[0]] if found else ""
