"""Every reason of the closed list (spec/flows.md 5.12) is named by some test that runs against a database.

Named is what can be seen from here; that the code is brought about is for that test to say.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from house.source import ROOT, finish

from relance.flows.engine.words import CODES

STORIES = ("scenarios", "db", "surface")

NOT_BUILT = {
    "E09": "anonymous visitors of a site",
    "E12": "shopping triggers",
    "E23": "browsing triggers",
    "E25": "carts",
    "E26": "carts",
    "S05": "contacts without an email address",
    "S06": "suppression list",
    "S07": "carts",
    "S09": "SMS",
    "S10": "SMS",
    "S19": "test runs",
    "S21": "carts",
    "X04": "carts",
    "X05": "carts",
    "X06": "carts",
    "X15": "merging contacts",
}
"""Codes that no door leads to yet. Whoever builds it takes its codes off this list and tells their story."""

_CODE = re.compile(r"(?<![A-Za-z0-9])([EWBSX]\d\d)(?![0-9])")


def expected(text: str) -> set[str]:
    """Codes in the strings of a module and in the names of its tests; documentation and comments do not count."""
    tree = ast.parse(text)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            found |= set(_CODE.findall(node.value))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found |= {word.upper() for word in node.name.split("_") if _CODE.fullmatch(word.upper())}
    return found


def modules_of_stories() -> list[Path]:
    return [path for folder in STORIES for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))]


def test_every_code_is_named_by_a_test() -> None:
    told = {code for path in modules_of_stories() for code in expected(path.read_text("utf-8"))}
    finish(sorted(CODES.keys() - told - NOT_BUILT.keys()), "Bring the code about in a scenario, or build its feature.")
    finish(sorted(told & NOT_BUILT.keys()), "A test expects it: take the code off NOT_BUILT.")
    finish(sorted(NOT_BUILT.keys() - CODES.keys()), "NOT_BUILT lists codes of the catalogue.")


def test_documentation_and_comments_do_not_count() -> None:
    text = 'def test_s15_late() -> None:\n    """E06 is not meant."""\n    assert path == ["W01"]  # X00\n'
    assert expected(text) == {"S15", "W01"}
