"""Every text of the pages has its French twin, with the same values in it."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import relance.web
from relance.flows.steps.registry import STEPS
from relance.flows.triggers.registry import TRIGGERS
from relance.web.flows.words import ICONS, STATES
from relance.web.language import Speaker, choose, typeset
from relance.web.render import icon

WEB = Path(relance.web.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None, "say": None, "many": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def texts() -> set[object]:
    return {found[2] for found in extract_from_dir(WEB, METHODS, keywords=KEYWORDS)}


def catalogue(language: str) -> Catalog:
    return read_po(BytesIO((WEB / "locale" / language / "LC_MESSAGES" / "messages.po").read_bytes()), locale=language)


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)  # type: ignore[call-overload]


def test_every_text_is_translated_and_no_translation_is_left_over() -> None:
    french = {message.id: message.string for message in catalogue("fr") if message.id}
    wanted = texts()
    assert len(wanted) > 150
    assert sorted(map(str, wanted - set(french))) == []
    assert sorted(map(str, set(french) - wanted)) == []
    assert [text for text, said in french.items() if not all(forms(said))] == []


def test_translations_keep_the_values() -> None:
    for message in catalogue("fr"):
        if message.id:
            values = set(re.findall(r"%\((\w+)\)s", " ".join(forms(message.id))))
            for form in forms(message.string):
                assert set(re.findall(r"%\((\w+)\)s", form)) == values, message.id


def test_numbers_and_plurals() -> None:
    english, french = Speaker("en"), Speaker("fr")
    assert english.many("%(n)s day", "%(n)s days", 1284) == "1,284 days"
    assert french.many("%(n)s day", "%(n)s days", 1284) == "1\u202f284 jours"
    assert french.many("%(n)s day", "%(n)s days", 0) == "0 jour"


def test_the_states_of_a_flow_are_named_as_specified() -> None:
    """Section 5.2."""
    french = Speaker("fr")
    assert {state: french.say(shown.word) for state, shown in STATES.items()} == {
        "draft": "Brouillon", "live": "En ligne", "paused": "En pause", "draining": "Fermé aux entrées",
        "broken": "En erreur", "archived": "Archivé",
    }  # fmt: skip


def test_french_spaces() -> None:
    assert (
        typeset("Quoi ? « Ceci » : cela ; oui !", "fr")
        == "Quoi\u202f? «\u202fCeci\u202f»\u202f: cela\u202f; oui\u202f!"
    )
    assert typeset("What ?", "en") == "What ?"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("fr", "fr"), ("fr-BE,en;q=0.3", "fr"), ("en;q=0.3,fr;q=0.9", "fr"), ("de,*", "en"),
     ("fr;q=0,en", "en"), ("fr;q=x", "en")],
)  # fmt: skip
def test_the_browser_s_wish(accepted: str, language: str) -> None:
    assert choose(accepted) == language


def test_every_kind_has_an_icon() -> None:
    assert [kind.key for kind in (*TRIGGERS, *STEPS) if kind.key not in ICONS] == []
    assert all("<svg" in icon(name) for name in ICONS.values())
