"""One clock, one committer (docs/decisions/0003 and 0004)."""

from __future__ import annotations

import ast
import re

from house.source import ROOT, Module, files, finish, modules, statements

CLOCK = "relance/kernel/clock.py"
READS_A_CLOCK = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "monotonic", "perf_counter", "sleep"},
    "utils": {"localtime", "make_msgid"},
    "uuid": {"uuid1"},
}
SQL_CLOCKS = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
SQL_CHANCE = re.compile(r"\b(random|gen_random_uuid|uuid_generate_v4|uuidv7|uuidv4)\s*\(", re.IGNORECASE)

OWN_CONNECTION = {
    "relance/worker/leases.py": "a lease lives exactly as long as its connection",
}
"""Modules outside relance/db that may hold a connection of their own, with the reason."""


def calls(module: Module) -> list[tuple[str, str, int]]:
    """(owner, method, line) of every ``owner.method`` and ``x.owner.method`` named."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            found.append((name.lstrip("_"), node.attr, node.lineno))
    return found


def test_only_the_clock_reads_the_time() -> None:
    problems = [
        f"{module.place}:{line} {owner}.{method}"
        for module in modules()
        if module.place != CLOCK
        for owner, method, line in calls(module)
        if method in READS_A_CLOCK.get(owner, ())
    ]
    problems += [
        f"{module.place}:{node.lineno} imports from time"
        for module in modules()
        if module.place != CLOCK
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
    ]
    finish(problems, "Take `now` as a parameter; at the door, read kernel/clock.py.")


def without_comments(sql: str) -> str:
    return re.sub(r"--.*", "", sql)


def test_no_statement_reads_a_clock_or_throws_dice() -> None:
    texts = {statement.place: statement.query.text for statement in statements()}
    texts |= {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files() if path.suffix == ".sql"}
    problems = [
        f"{place}: {found.group()}"
        for place, text in texts.items()
        for pattern in (SQL_CLOCKS, SQL_CHANCE)
        if (found := pattern.search(without_comments(text)))
    ]
    finish(problems, "A statement gets time and keys as parameters: the same rows twice give the same result.")


def test_no_sql_in_python_reads_a_clock() -> None:
    problems = [
        f"{module.place}:{node.lineno} {found.group()}"
        for module in modules()
        if module.place != CLOCK
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (found := re.search(r"\b(now|clock_timestamp|statement_timestamp)\(\)", node.value))
        and re.search(r"\b(select|update|insert|interval|where)\b", node.value, re.IGNORECASE)
    ]
    finish(problems, "Composed SQL gets `now` as a value, too.")


def test_only_the_pool_commits() -> None:
    problems = []
    for module in modules():
        if module.place.startswith("relance/db/") or module.place in OWN_CONNECTION:
            continue
        problems += [
            f"{module.place}:{line} {owner}.{method}"
            for owner, method, line in calls(module)
            if method in ("commit", "rollback", "autocommit", "set_autocommit")
            or (owner == "psycopg" and method == "connect")
        ]
        problems += [
            f"{module.place}:{node.value.lineno} autocommit"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.keyword) and node.arg == "autocommit"
        ]
    finish(problems, "Only Database.transaction() commits: one transaction a request, batch or task.")


def test_exceptions_are_still_needed() -> None:
    present = {module.place for module in modules()}
    finish([place for place in OWN_CONNECTION if place not in present], "Take out exceptions for files that are gone.")
