"""What was measured, the last time for each row: results.json keeps it, RESULTS.md shows it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Row, Size, as_json, number
from relance.kernel import clock

HERE = Path(__file__).parent
KEPT, SHOWN = HERE / "results.json", HERE / "RESULTS.md"

INTRODUCTION = """# Results

`make bench` measures; `python -m benchmarks NAME … --full` measures some rows, or the large sizes. Everything goes through
the real publication, API and engine, with ledger, trail and figures, on the PostgreSQL that comes with Relance: fsync on, its
usual settings. CPU is user and system time of all processes concerned: client, web, workers, PostgreSQL. Rows that say so are
filled by SQL. The machine is small and shared: compare figures of one run.
"""


def environment() -> dict[str, str]:
    """Of what is measured now."""
    commit = _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", "--porcelain", "--", "relance") else "")
    load = os.getloadavg()[0]
    return {
        "date": f"{clock.now():%Y-%m-%d %H:%M}",
        "commit": commit,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": f"{load:.1f}",
    }


def keep(row: Row, size: Size, where: dict[str, str], figures: Sequence[Figure]) -> None:
    """In the place of what was measured before."""
    kept = read()
    kept[row.name] = {**where, "size": size, "figures": [as_json(one) for one in figures]}
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")


def read() -> dict[str, Any]:
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


def show(rows: Sequence[Row]) -> str:
    """The document; rows that were never measured are left out."""
    kept = read()
    lines = [INTRODUCTION, "| Row | What | Wanted | Aim | Measured | |", "|---|---|---|---|---|---|"]
    sections: list[str] = []
    for row in rows:
        if row.name not in kept:
            continue
        one = kept[row.name]
        figures = [Figure(**each) for each in one["figures"]]
        lines += [_line(f"[{row.name}](#{row.name})", each) for each in figures if each.wanted is not None]
        sections += ["", f"## {row.name}", "", f"{row.title}. {row.how}", ""]
        sections += [
            f"{one['date']} UTC, commit {one['commit']}, {one['machine']}, load {one['load']} at the start"
            f"{', large sizes' if one['size'] == 'full' else ''}.",
            "",
            "| What | Wanted | Aim | Measured | | How |",
            "|---|---|---|---|---|---|",
            *(_line(each.name, each, each.how) for each in figures),
        ]
    return "\n".join([*lines, *sections, ""])


def _line(first: str, figure: Figure, *last: str) -> str:
    measured = f"{number(figure.measured)} {figure.unit}"
    verdict = {"aim": "aim reached", "yes": "reached", "no": "**missed**", "": ""}[figure.verdict]
    cells = [figure.bound(figure.wanted), figure.bound(figure.aim), measured, verdict]
    name = [first] if last else [first, figure.name]  # the table of all rows names the row first
    return "| " + " | ".join([*name, *cells, *last]) + " |"


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], capture_output=True, text=True, cwd=HERE).stdout.strip()
