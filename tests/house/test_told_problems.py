"""What keeps a flow from going live is told in French too: every sentence of its checks has its pattern and its twin."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from house.source import PACKAGE, finish

from relance.messages.merge import texts
from relance.web.flows.problems import translated
from relance.web.language import Speaker

CHECKS = [
    PACKAGE / "flows" / "definition" / "check.py",
    PACKAGE / "flows" / "definition" / "check_calls.py",
    PACKAGE / "flows" / "definition" / "check_messages.py",
    PACKAGE / "audience" / "conditions" / "check.py",
    PACKAGE / "audience" / "conditions" / "subjects" / "field.py",
    PACKAGE / "audience" / "conditions" / "subjects" / "groups.py",
    PACKAGE / "audience" / "conditions" / "subjects" / "tag.py",
    PACKAGE / "messages" / "conditions.py",
    *sorted((PACKAGE / "flows" / "triggers").glob("*/*.py")),
]
CALLS = {"problem": 1, "Unfit": 1, "gone": 1, "gone_unless": 2, "Problem": 2}
"""Calls that tell a problem, and which argument is the first sentence."""
WRITING = {
    texts.DID_YOU_MEAN, texts.PLACE, texts.NO_LINES, texts.NO_CODE, texts.NO_LINK, texts.FAILED, texts.TOO_SLOW,
}  # fmt: skip
"""Parts of sentences, and what is said when a message is written: an operator reads it in the trail."""


def sentences(path: Path) -> Iterator[str]:
    """The sentences that a module tells, with a letter and a figure for each value."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and {"what", "mend"} & {name for each in node.targets for name in _names(each)}:
            yield from _texts(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            for argument in node.args[CALLS[node.func.id] :]:
                yield from _texts(argument)
            for keyword in node.keywords:
                if keyword.arg in ("what", "mend"):
                    yield from _texts(keyword.value)


def _names(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(str(text)) if " " in text:
            yield text
        case ast.JoinedStr():
            yield "".join(part.value if isinstance(part, ast.Constant) else "X1" for part in node.values)
        case ast.Tuple():
            for each in node.elts:
                yield from _texts(each)
        case ast.IfExp():
            yield from _texts(node.body)
            yield from _texts(node.orelse)
        case ast.BinOp(op=ast.Add()):
            for left in _texts(node.left):
                yield left
                yield from (left + right for right in _texts(node.right) if right.startswith(" "))
        case ast.Lambda():
            yield from _texts(node.body)


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_a_check_says_is_said_in_french(path: Path) -> None:
    lost = sorted({each for each in sentences(path) if translated(Speaker("fr"), each) == each})
    finish(lost, "Add the sentence to relance/web/flows/problems.py and its twin to the French catalogue.")


def test_what_merge_tags_say_is_said_in_french() -> None:
    said = {text for name, text in vars(texts).items() if name.isupper() and isinstance(text, str)} - WRITING
    lost = sorted(each for each in said if translated(Speaker("fr"), re.sub(r"\{\w+\}", "X1", each)) == each)
    finish(lost, "Add the sentence to relance/web/flows/problems.py and its twin to the French catalogue.")
