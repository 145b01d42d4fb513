"""Folded text: how Relance compares words (spec/flows.md 7.4). SQL twin: the function fold(text)."""

from __future__ import annotations

import re
import unicodedata

_SPELLED = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ς": "σ", "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"'}
)
_MARKS = re.compile("[\u0300-\u036f]")
_SPACES = re.compile(r"[\s\u00a0]+")


def fold(text: str) -> str:
    """NFKD, accents removed, case folded, ligatures and typographic quotes spelled out, spaces collapsed, trimmed.

    >>> fold("  ÉLODIE ")
    'elodie'
    """
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower().replace("ß", "ss").translate(_SPELLED)
    return _SPACES.sub(" ", plain).strip()
