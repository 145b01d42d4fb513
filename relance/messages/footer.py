"""The foot that the law asks for under a marketing email: how to unsubscribe and who writes (spec/flows.md V12).

It is added at publication, so that the stored message already has it; a message that shows both is left as it is.
"""

from __future__ import annotations

import re

from relance.messages.merge import MergeTagError, missing_footer, parse

_WORDS = {
    "en": {"why": "You get this email because you signed up with *|LIST:COMPANY:us|*.", "out": "Unsubscribe"},
    "fr": {
        "why": "Vous recevez cet e-mail car vous êtes inscrit(e) auprès de *|LIST:COMPANY:nous|*.",
        "out": "Se désabonner",
    },
}
_STYLE = "padding:24px 16px;text-align:center;font-family:sans-serif;font-size:12px;line-height:18px;color:#5c5c5c"
_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)

UNSUBSCRIBE, ADDRESS = "UNSUB", "LIST:ADDRESS"


def with_footer(html: str, text: str, language: str) -> tuple[str, str]:
    """HTML and text of a marketing email with what they lack of unsubscribe link and postal address.

    ``text`` "" stays so: it is derived from the HTML, foot included. A text whose tags cannot be read stays as it is.
    """
    words = _WORDS["fr" if language.lower().startswith("fr") else "en"]
    lacks = _lacks(html, html=True)
    if lacks:
        html = _inserted(html, _html_foot(lacks, words))
    if text.strip() and (lacks := _lacks(text, html=False)):
        text = f"{text.rstrip()}\n\n{_text_foot(lacks, words)}\n"
    return html, text


def _lacks(text: str, *, html: bool) -> frozenset[str]:
    try:
        return frozenset(problem.tag for problem in missing_footer(parse(text, html=html)))
    except MergeTagError:
        return frozenset()


def _html_foot(lacks: frozenset[str], words: dict[str, str]) -> str:
    lines = []
    if UNSUBSCRIBE in lacks:
        lines.append(words["why"])
        lines.append(f'<a href="*|UNSUB|*" style="color:#5c5c5c">{words["out"]}</a>')
    if ADDRESS in lacks:
        lines.append("*|LIST:ADDRESS|*")
    return f'<div style="{_STYLE}">{"<br>".join(lines)}</div>\n'


def _text_foot(lacks: frozenset[str], words: dict[str, str]) -> str:
    lines = ["--"]
    if UNSUBSCRIBE in lacks:
        lines += [words["why"], f"{words['out']}: *|UNSUB|*"]
    if ADDRESS in lacks:
        lines.append("*|LIST:ADDRESS|*")
    return "\n".join(lines)


def _inserted(html: str, foot: str) -> str:
    """Before the end of the body where there is one: mail programs drop what comes after it."""
    ends = list(_BODY_ENDS.finditer(html))
    if not ends:
        return f"{html.rstrip()}\n{foot}"
    at = ends[-1].start()
    return f"{html[:at]}{foot}{html[at:]}"
