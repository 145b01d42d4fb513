"""The same small flow on Relance and on other engines, one after the other, on one PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from relance.db.embedded.supervisor import EmbeddedServer

HERE = Path(__file__).resolve().parent
TOOLS = HERE / "out" / "comparators"
RELANCE = ("relance", "relance-http", "relance-mail")
OTHERS = ("sql", "celery", "dbos-sleep", "dbos-delayed")
NEEDS = {"celery": "redis-server"}

Tell = Callable[[str], None]


def comparators(tell: Tell) -> Path | None:
    """The Python of an environment with the other engines, made at the first use; None when it cannot be made."""
    python = TOOLS / "bin" / "python"
    ready = TOOLS / "ready"
    if ready.exists():
        return python
    tell("installing Celery and DBOS into benchmarks/out")
    # Elsewhere than Relance's own: their dependencies are none of its.
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(TOOLS)],
        [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "celery[redis]",
            "packaging",
            "dbos",
            "psycopg[binary,pool]",
            "psutil",
        ],
    ):
        if subprocess.run(command, check=False).returncode:
            return None
    ready.touch()
    return python


@contextmanager
def server(settings: Mapping[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """The PostgreSQL that comes with Relance, as Relance runs it; its URL and process."""
    folder = Path(tempfile.mkdtemp(prefix="relance-bench-", dir="/tmp"))
    embedded = EmbeddedServer(folder, settings=settings)
    try:
        embedded.start()
        assert embedded.pid is not None
        yield url(embedded.conninfo), embedded.pid
    finally:
        embedded.stop()
        shutil.rmtree(folder, ignore_errors=True)


def url(conninfo: str) -> str:
    """A connection string of the form that every engine understands."""
    parts = conninfo_to_dict(conninfo)
    return f"postgresql://{parts['user']}@/{parts['dbname']}?host={quote(str(parts['host']), '')}&port={parts['port']}"


def measure(engines: Sequence[str], options: Sequence[str], tell: Tell) -> list[dict[str, Any]]:
    """One result an engine, in order; one that cannot run here has an ``error`` that says why."""
    others = comparators(tell) if set(engines) & set(OTHERS) else None
    results = []
    with server({"max_connections": "300"}) as (address, pid):
        for engine in engines:
            missing = NEEDS.get(engine)
            if missing and not shutil.which(missing):
                results.append({"engine": engine, "error": f"{missing} is not installed on this machine"})
                continue
            python = sys.executable if engine in RELANCE else others
            if python is None:
                results.append({"engine": engine, "error": "its package cannot be installed here"})
                continue
            tell(f"{engine} …")
            results.append(_one(engine, str(python), address, pid, options))
            tell(f"{engine}: {told(results[-1])}")
    return results


def _one(engine: str, python: str, address: str, pid: int, options: Sequence[str]) -> dict[str, Any]:
    command = [python, str(HERE / "engines" / "run.py"), engine, "--server", address, "--pid", str(pid), *options]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(HERE.parent)}, capture_output=True, text=True)
    if ran.returncode:
        return {"engine": engine, "error": ran.stderr[-300:]}
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result


def told(result: dict[str, Any]) -> str:
    if "error" in result:
        return f"{result['error']} {result.get('log', '')}"
    burst = result["burst"]
    return f"{burst['done']} of {burst['n']}, {burst['cpu_ms']} ms CPU a contact, {burst['per_s']} contacts/s"
