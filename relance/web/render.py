"""Templates to HTML: one Jinja environment per language, everything escaped, icons drawn inline."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from relance.web.language import Speaker, translations

_SYMBOL = re.compile(r'<symbol id="i-([\w-]+)" viewBox="([^"]+)">(.*?)</symbol>', re.DOTALL)


@lru_cache(maxsize=2)
def environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("relance.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(icon=icon, static=static, query=query, initials=initials)
    made.filters["shown"] = shown
    return made


def render(template: str, speaker: Speaker, values: Mapping[str, Any]) -> bytes:
    """UTF-8 HTML."""
    return (
        environment(speaker.language)
        .get_template(template)
        .render(speaker=speaker, many=speaker.many, **values)
        .encode()
    )


@lru_cache(maxsize=1)
def _icons() -> dict[str, tuple[str, str]]:
    text = _static_file("icons.svg").decode()
    return {name: (box, shapes) for name, box, shapes in _SYMBOL.findall(text)}


@lru_cache(maxsize=256)
def icon(name: str, size: str = "") -> Markup:
    """An icon of the set, hidden from screen readers: a word always stands beside it."""
    box, shapes = _icons()[name]
    return Markup(f'<svg class="i {size}" viewBox="{box}" aria-hidden="true">{shapes}</svg>')  # noqa: S704 our own file


@lru_cache(maxsize=16)
def static(name: str) -> str:
    """The address of a file of static/, which changes with its content, so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256(_static_file(name)).hexdigest()[:12]}"


def _static_file(name: str) -> bytes:
    return resources.files(__package__).joinpath("static", name).read_bytes()


def query(**values: object) -> str:
    """A query string without the empty values."""
    return "?" + urlencode({name: value for name, value in values.items() if value not in (None, "")})


def initials(name: str) -> str:
    words = re.findall(r"\w+", name)
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def shown(value: Any) -> str:
    """A value seen by a decision, short: text as it is, the rest as JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
