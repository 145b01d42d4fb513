"""The two languages of the pages: catalogues, plural forms, numbers, dates, and French spaces.

Texts are written in English in the code and the templates and looked up in locale/*/messages.po, which is read as it
stands: there is nothing to compile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from gettext import NullTranslations
from importlib import resources
from io import BytesIO
from typing import Any, TypeVar

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from relance.flows.words import Label
from relance.kernel.dates import zone

LANGUAGES = ("en", "fr")

_BEFORE = re.compile(r"[ \u00a0](?=[?!:;»])")
_AFTER = re.compile(r"(?<=«)[ \u00a0]")
_Text = TypeVar("_Text")


def mark(text: str) -> str:
    """Marks a text for translation where it is declared; it is looked up where it is shown."""
    return text


def typeset(text: str, language: str) -> str:
    """French puts a narrow no-break space before ? ! : ; and inside « »."""
    if language != "fr":
        return text
    return _AFTER.sub("\u202f", _BEFORE.sub("\u202f", text))


def choose(accepted: str) -> str:
    """The language of an Accept-Language header (RFC 9110 12.5.4): French when it comes before English."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        language = tag.strip()[:2].lower()
        if language in LANGUAGES and weight > 0:
            wanted.append((-weight, place, language))
    return min(wanted)[2] if wanted else "en"


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> NullTranslations:
    """The catalogue of a language. English texts are their own translations."""
    file = resources.files(__package__).joinpath("locale", language, "LC_MESSAGES", "messages.po")
    catalogue = read_po(BytesIO(file.read_bytes()), locale=language)
    for message in catalogue:
        if message.id and message.string:
            message.string = _typeset_all(message.string, language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _typeset_all(text: Any, language: str) -> Any:
    if isinstance(text, str):
        return typeset(text, language)
    return tuple(typeset(form, language) for form in text)


class Speaker:
    """Says things in one language and one zone."""

    __slots__ = ("_catalogue", "language", "zone")

    def __init__(self, language: str, where: str = "UTC") -> None:
        self.language = language if language in LANGUAGES else "en"
        self.zone = zone(where)
        self._catalogue = translations(self.language)

    def say(self, text: str, **values: object) -> str:
        """The text in this language, with ``%(name)s`` filled."""
        said = self._catalogue.gettext(text)
        return said % values if values else said

    def many(self, one: str, several: str, n: int, **values: object) -> str:
        """The form for ``n``; ``%(n)s`` is the number as people write it."""
        return self._catalogue.ngettext(one, several, n) % {"n": self.number(n), **values}

    def label(self, label: Label) -> str:
        return typeset(label.in_language(self.language), self.language)

    def fine(self, text: str) -> str:
        """A text that came in this language from elsewhere, with its spaces."""
        return typeset(text, self.language)

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self.language))

    def per_cent(self, share: float, *, signed: bool = False) -> str:
        """12.5%; ``signed``: a difference of two shares, +1.5, in points."""
        value = round(100 * share, 1)
        told = str(format_decimal(value, format="0.0", locale=self.language))
        if signed:
            return f"+{told}" if value > 0 else told
        return f"{told}\u202f%" if self.language == "fr" else f"{told}%"

    def length(self, n: int, unit: str) -> str:
        """2 days; ``unit``: second, minute, hour, day or week."""
        many = self.many
        forms: dict[str, Callable[[], str]] = {
            "second": lambda: many("%(n)s second", "%(n)s seconds", n),
            "minute": lambda: many("%(n)s minute", "%(n)s minutes", n),
            "hour": lambda: many("%(n)s hour", "%(n)s hours", n),
            "day": lambda: many("%(n)s day", "%(n)s days", n),
            "week": lambda: many("%(n)s week", "%(n)s weeks", n),
        }
        return forms[unit]()

    def moment(self, moment: datetime | None) -> str:
        """2 May 2026, 14:02, in the account's zone."""
        return self._format(moment, "d MMMM y, HH:mm")

    def precise(self, moment: datetime | None) -> str:
        return self._format(moment, "d MMMM y, HH:mm:ss")

    def day(self, moment: datetime | None) -> str:
        """Saturday 2 May 2026."""
        return self._format(moment, "EEEE d MMMM y")

    def hour(self, moment: datetime | None) -> str:
        return self._format(moment, "HH:mm")

    def iso(self, moment: datetime | None) -> str:
        """For the datetime attribute of a time element."""
        return "" if moment is None else moment.astimezone(self.zone).isoformat(timespec="seconds")

    def listed(self, texts: Iterable[str]) -> str:
        """ "a, b or c"."""
        items = list(texts)
        if len(items) < 2:
            return "".join(items)
        return self.say("%(first)s or %(last)s", first=", ".join(items[:-1]), last=items[-1])

    def _format(self, moment: datetime | None, pattern: str) -> str:
        if moment is None:
            return ""
        return str(format_datetime(moment.astimezone(self.zone), pattern, locale=self.language))
