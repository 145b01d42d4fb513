"""A kind is a declaration, and the registries hold all of them."""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from house.source import ROOT, finish, modules

from relance.events.model import EventKind
from relance.flows.steps.registry import STEPS
from relance.flows.steps.shape import StepKind
from relance.flows.triggers.registry import TRIGGERS
from relance.flows.triggers.shape import TriggerKind

FAMILIES = [("triggers", TriggerKind, TRIGGERS), ("steps", StepKind, STEPS)]


def declared(sort: type, under: str) -> Iterator[tuple[str, str, Any]]:
    """(module, constant, kind) for every kind that a module under ``under`` makes itself."""
    for module in modules():
        if not module.name.startswith(under):
            continue
        loaded = importlib.import_module(module.name)
        for node in module.tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                value = getattr(loaded, target.id, None) if isinstance(target, ast.Name) else None
                if isinstance(value, sort):
                    yield module.name, target.id, value


@pytest.mark.parametrize(("folder", "sort", "registry"), FAMILIES, ids=["triggers", "steps"])
def test_what_is_declared_is_registered_and_the_reverse(folder: str, sort: type, registry: tuple[Any, ...]) -> None:
    found = {id(kind): f"{module}.{name}" for module, name, kind in declared(sort, f"relance.flows.{folder}.")}
    forgotten = [place for key, place in found.items() if key not in {id(kind) for kind in registry}]
    finish(forgotten, f"Every kind stands in flows/{folder}/registry.py.")
    homeless = [kind.key for kind in registry if id(kind) not in found]
    finish(homeless, f"Every registered kind is declared in a module under flows/{folder}/.")


@pytest.mark.parametrize(("folder", "sort", "registry"), FAMILIES, ids=["triggers", "steps"])
def test_a_module_declares_one_kind_and_has_its_name(folder: str, sort: type, registry: tuple[Any, ...]) -> None:
    found = list(declared(sort, f"relance.flows.{folder}."))
    problems = [
        f"{module} declares {kind.key} as {name}"
        for module, name, kind in found
        if module.rsplit(".", 1)[1] != kind.key or name != kind.key.upper()
    ]
    problems += [f"{key} is declared {n} times" for key, n in Counter(kind.key for *_, kind in found).items() if n > 1]
    finish(problems, "The module is called as its kind, the constant likewise in capitals.")


def test_every_event_kind_is_in_its_feature_s_list_once() -> None:
    problems, keys = [], Counter[str]()
    for module, name, kind in declared(EventKind, "relance."):
        keys[kind.key] += 1
        if not module.endswith(".events"):
            problems.append(f"{module}.{name}: kinds of events are declared in events.py")
        elif not any(kind is one for one in importlib.import_module(module).KINDS):
            problems.append(f"{module}.{name} is missing in KINDS")
    problems += [f"{key} is declared {n} times" for key, n in keys.items() if n > 1]
    finish(problems, "A feature's KINDS lists every kind of event that it emits.")


def test_nobody_asks_which_kind_it_is() -> None:
    """Behaviour belongs to the declaration: where a name of a kind is compared, the next kind is forgotten.
    Layers below flows know no kinds (a birthday is a field there)."""
    keys = {kind.key for kind in (*TRIGGERS, *STEPS)}
    problems = []
    for module in modules():
        if module.name.split(".")[1:2] in ([below] for below in ("kernel", "db", "events", "audience", "messages")):
            continue
        for node in ast.walk(module.tree):
            asked: list[ast.expr] = []
            if isinstance(node, ast.Compare) and _is_kind(node.left):
                asked = node.comparators
            elif isinstance(node, ast.Match) and _is_kind(node.subject):
                asked = [
                    p.value for case in node.cases for p in ast.walk(case.pattern) if isinstance(p, ast.MatchValue)
                ]
            for value in (part for one in asked for part in ast.walk(one)):
                if isinstance(value, ast.Constant) and value.value in keys:
                    problems.append(f"{module.place}:{node.lineno} asks for {value.value}")
    finish(problems, "Ask the declaration, not for the name of a kind.")


def _is_kind(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "kind"
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name in ("kind", "key", "step_kind", "trigger_kind", "kind_key")


def test_every_trigger_has_its_story() -> None:
    stories = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tests" / "scenarios").glob("test_*.py")))
    if not stories:
        pytest.skip("no scenarios yet")
    finish([kind.key for kind in TRIGGERS if kind.key not in stories], "Every trigger has a scenario that names it.")
