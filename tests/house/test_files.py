"""Names, sizes and words of files."""

from __future__ import annotations

import re
import warnings
from collections import Counter

from house.source import ROOT, files, finish, modules, statements

LARGE, TOO_LARGE = 600, 700
VAGUE = {"service", "services", "manager", "managers", "helper", "helpers", "util", "utils", "common", "misc"}
STAY_OUT = {
    "a folder of somebody's machine": re.compile(r"/(?:work|root|farm)/"),
    "a package registry": re.compile(r"https?://[a-z.]*(?:npmjs|pypi|pythonhosted)"),
}
TEXT = {
    ".py",
    ".sql",
    ".md",
    ".txt",
    ".toml",
    ".html",
    ".css",
    ".js",
    ".yaml",
    ".yml",
    ".json",
    ".cfg",
    ".svg",
    ".po",
    "",
}


def test_names_say_what_is_inside() -> None:
    problems = [module.place for module in modules() if module.name.rsplit(".", 1)[1:] and module.path.stem in VAGUE]
    problems += [module.place for module in modules() if VAGUE & set(module.name.split("."))]
    finish(sorted(set(problems)), "No module is called service, manager, helper, utils or common: say what it does.")


def test_files_can_be_read_in_one_sitting() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in files()
        if path.suffix in (".py", ".sql") and path.parent.name != "migrations" and path.name != "schema.sql"
    }
    for place, count in lines.items():
        if LARGE < count <= TOO_LARGE:
            warnings.warn(f"{place} has {count} lines: is it still about one thing?", stacklevel=1)
    problems = [f"{place}: {count} lines" for place, count in lines.items() if count > TOO_LARGE]
    finish(problems, f"A file over {TOO_LARGE} lines is about more than one thing.")


def test_every_module_says_what_it_is() -> None:
    problems = []
    for module in modules():
        body = module.tree.body
        if body and not (hasattr(body[0], "value") and isinstance(getattr(body[0].value, "value", None), str)):
            problems.append(module.place)
    finish(problems, "A module begins with a sentence about itself.")


def test_nothing_names_a_machine_or_a_registry() -> None:
    problems = []
    for path in files():
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            problems += [
                f"{path.relative_to(ROOT)}:{number} names {what}"
                for what, pattern in STAY_OUT.items()
                if pattern.search(line)
            ]
    finish(problems, "The repository works anywhere: no folder of one machine, no registry's address.")


def test_every_statement_is_used() -> None:
    """By name, in the folder of its file or below."""
    python = {module.path: module.path.read_text("utf-8") for module in modules()}
    problems = []
    for statement in statements():
        name = re.compile(rf"\.{statement.query.name}\b|[\"']{statement.query.name}[\"']")
        if not any(name.search(text) for path, text in python.items() if statement.path.parent in path.parents):
            problems.append(statement.place)
    finish(problems, "A statement that nobody runs is taken out.")


def test_every_statement_s_name_tells_it_apart() -> None:
    names = Counter(statement.place for statement in statements())
    finish([place for place, n in names.items() if n > 1], "A name stands once in a file.")
