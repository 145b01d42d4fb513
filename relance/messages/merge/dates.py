"""Dates written with PHP's date letters (spec/flows.md 8.1, DATE:), in English or French."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
_SHORT_DAYS = {
    "en": tuple(day[:3] for day in _DAYS["en"]),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_SHORT_MONTHS = {
    "en": tuple(month[:3] for month in _MONTHS["en"]),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}
_USUAL = {"en": "F j, Y", "fr": "j F Y"}

_Letter = Callable[[datetime, str], str]


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_length(moment: datetime) -> int:
    if moment.month == 2:
        return 29 if _leap(moment.year) else 28
    return 30 if moment.month in {4, 6, 9, 11} else 31


def _suffix(moment: datetime, language: str) -> str:
    if language == "fr":
        return "er" if moment.day == 1 else ""
    if 11 <= moment.day <= 13:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(moment.day % 10, "th")


def _offset(moment: datetime, colon: str) -> str:
    minutes = int((moment.utcoffset() or moment - moment).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"


def _zone_name(moment: datetime) -> str:
    return getattr(moment.tzinfo, "key", None) or moment.tzname() or "UTC"


def _beat(moment: datetime) -> str:
    """Swatch Internet Time: thousandths of the day at UTC+1."""
    seconds = (int(moment.timestamp()) + 3600) % 86400
    return f"{seconds * 10 // 864:03d}"


_LETTERS: dict[str, _Letter] = {
    "d": lambda m, _: f"{m.day:02d}",
    "D": lambda m, lang: _SHORT_DAYS[lang][m.weekday()],
    "j": lambda m, _: str(m.day),
    "l": lambda m, lang: _DAYS[lang][m.weekday()],
    "N": lambda m, _: str(m.isoweekday()),
    "S": _suffix,
    "w": lambda m, _: str(m.isoweekday() % 7),
    "z": lambda m, _: str(m.timetuple().tm_yday - 1),
    "W": lambda m, _: f"{m.isocalendar().week:02d}",
    "F": lambda m, lang: _MONTHS[lang][m.month - 1],
    "m": lambda m, _: f"{m.month:02d}",
    "M": lambda m, lang: _SHORT_MONTHS[lang][m.month - 1],
    "n": lambda m, _: str(m.month),
    "t": lambda m, _: str(_month_length(m)),
    "L": lambda m, _: str(int(_leap(m.year))),
    "o": lambda m, _: str(m.isocalendar().year),
    "Y": lambda m, _: f"{m.year:04d}",
    "y": lambda m, _: f"{m.year % 100:02d}",
    "a": lambda m, _: "am" if m.hour < 12 else "pm",
    "A": lambda m, _: "AM" if m.hour < 12 else "PM",
    "B": lambda m, _: _beat(m),
    "g": lambda m, _: str(m.hour % 12 or 12),
    "G": lambda m, _: str(m.hour),
    "h": lambda m, _: f"{m.hour % 12 or 12:02d}",
    "H": lambda m, _: f"{m.hour:02d}",
    "i": lambda m, _: f"{m.minute:02d}",
    "s": lambda m, _: f"{m.second:02d}",
    "u": lambda m, _: f"{m.microsecond:06d}",
    "v": lambda m, _: f"{m.microsecond // 1000:03d}",
    "T": lambda m, _: m.tzname() or "UTC",
    "e": lambda m, _: _zone_name(m),
    "I": lambda m, _: "1" if m.dst() else "0",
    "P": lambda m, _: _offset(m, ":"),
    "p": lambda m, _: "Z" if not m.utcoffset() else _offset(m, ":"),
    "O": lambda m, _: _offset(m, ""),
    "Z": lambda m, _: str(int((m.utcoffset() or m - m).total_seconds())),
    "c": lambda m, _: php_date("Y-m-d\\TH:i:sP", m, "en"),
    "r": lambda m, _: php_date("D, d M Y H:i:s O", m, "en"),
    "U": lambda m, _: str(int(m.timestamp())),
}


@lru_cache(maxsize=512)
def _pieces(written: str) -> tuple[str | _Letter, ...]:
    pieces: list[str | _Letter] = []
    characters = iter(written)
    for char in characters:
        # A backslash prints the next letter as it is; PHP prints a last lone one.
        pieces.append(next(characters, "\\") if char == "\\" else _LETTERS.get(char, char))
    return tuple(pieces)


def php_date(written: str, moment: datetime, language: str = "en") -> str:
    """``moment``, in its own zone, in the format ``written``. Languages other than French are written in English.

    >>> php_date("l jS F Y", datetime(2026, 5, 1), "en")
    'Friday 1st May 2026'
    >>> php_date("l jS F Y", datetime(2026, 5, 1), "fr")
    'vendredi 1er mai 2026'
    """
    known = "fr" if language[:2] == "fr" else "en"
    return "".join([piece if isinstance(piece, str) else piece(moment, known) for piece in _pieces(written)])


def usual_date(day: date, language: str) -> str:
    """A date as a reader of ``language`` writes it: March 31, 2026; 31 mars 2026."""
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
    return php_date(_USUAL["fr" if language[:2] == "fr" else "en"], moment, language)
