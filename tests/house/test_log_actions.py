"""Every action in the logs is declared, with its fields and level; nothing else is said (kernel/log_actions.py)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from house.source import Module, finish, modules

from relance.kernel.log_actions import ACTIONS

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def said() -> Iterator[tuple[Module, ast.Call, str]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in ("log", "logger", "logging"):
                    yield module, node, node.func.attr


def action(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def fields(call: ast.Call) -> list[str] | None:
    """The names in ``extra={…}``; None when they cannot be read off."""
    extra = next((word.value for word in call.keywords if word.arg == "extra"), None)
    if extra is None:
        return []
    keys = extra.keys if isinstance(extra, ast.Dict) else [None]
    names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return names if len(names) == len(keys) else None


def test_what_is_logged_is_a_declared_action_at_its_level() -> None:
    problems = []
    for module, call, level in said():
        name = action(call)
        known = ACTIONS.get(name or "")
        if known is None or len(call.args) != 1:
            problems.append(f"{module.place}:{call.lineno} says {name or 'something composed'}")
        elif {"exception": "error"}.get(level, level) != known.level:
            problems.append(f"{module.place}:{call.lineno} says {name} as {level}, declared as {known.level}")
    finish(problems, "A log names an action of kernel/log_actions.py, alone, at the level declared there.")


def test_only_declared_fields_stand_beside_an_action() -> None:
    problems = [
        f"{module.place}:{call.lineno} {action(call)} with {fields(call)}"
        for module, call, _ in said()
        if (known := ACTIONS.get(action(call) or ""))
        and set(fields(call) or ["?"] if call.keywords else []) - set(known.fields)
    ]
    finish(problems, "Fields are declared with their action: what is not declared is not written.")


def test_every_declared_action_is_said_somewhere() -> None:
    heard = {action(call) for _, call, _ in said()} | {"library.said"}
    finish(sorted(set(ACTIONS) - heard), "An action that nobody says is taken out.")


def test_loggers_are_called_log() -> None:
    problems = [
        f"{module.place}:{node.lineno}"
        for module in modules()
        if module.name != "relance.kernel.logs"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "logging.getLogger"
        and ast.unparse(node.targets[0]) != "log"
    ]
    finish(problems, "A module's logger is called log, so that these tests find what it says.")
