"""The processes of one installation, as they are started on a real machine: who has the server, what they write, how
they end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest

from relance.config import CATCHER_OFFSET
from relance.db.embedded.cluster import is_held, running

ROOT = Path(__file__).resolve().parents[2]
Begin = Callable[..., subprocess.Popen[str]]

PASSING_BY = """
import sys
from relance.app import open_app
from relance.config import read_config
with open_app(read_config()):
    print("there", flush=True)
    sys.stdin.readline()
"""
"""A command that supervises the embedded server until it is given a line."""


@pytest.fixture
def data() -> Iterator[Path]:
    # Not tmp_path: its parents are root's alone.
    made = Path(tempfile.mkdtemp(prefix="relance-test-", dir="/tmp"))
    made.chmod(0o711)
    yield made / "data"
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def port() -> int:
    """A free one, with the catcher's."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one:
            number = int(one.getsockname()[1])
            try:
                socket.create_server(("127.0.0.1", number + CATCHER_OFFSET)).close()
            except (OSError, OverflowError):
                continue
            return number


@pytest.fixture
def begin(data: Path, port: int, tmp_path: Path) -> Iterator[Begin]:
    """Start a process of the installation; whoever is left at the end is killed."""
    begun: list[subprocess.Popen[str]] = []
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELANCE_")}

    def begin(*args: str, **env: str) -> subprocess.Popen[str]:
        own = {"RELANCE_DATA": str(data), "RELANCE_PORT": str(port), "PYTHONPATH": str(ROOT), **env}
        process = subprocess.Popen(
            [sys.executable, *args], env={**kept, **own}, cwd=tmp_path, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def database_answers(port: int) -> bool:
    """By what /healthz says of the database; the engine's loops do not matter here."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(json.load(answer)["database"] == "ok")
    except HTTPError as error:
        return bool(json.load(error)["database"] == "ok")
    except OSError:
        return False


def told_to_end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, output and errors after SIGTERM."""
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_who_stays_takes_the_server_over_from_a_command_that_was_passing_by(
    begin: Begin, data: Path, port: int
) -> None:
    passing = begin("-c", PASSING_BY)
    assert passing.stdout is not None
    assert passing.stdout.readline() == "there\n"
    serving = begin("-m", "relance", "serve")
    wait_for(lambda: database_answers(port))
    passing.communicate("\n", timeout=60)
    wait_for(lambda: database_answers(port))
    assert is_held(data), "by the one that stays"
    code, _, err = told_to_end(serving)
    assert (code, "Traceback" in err) == (0, False)
    assert "server.taken_over" in err
    assert not is_held(data)


def test_of_two_that_stay_one_goes_on_with_the_server_when_the_other_is_killed(
    begin: Begin, data: Path, port: int
) -> None:
    working = begin("-m", "relance", "worker")
    wait_for(lambda: is_held(data))
    serving = begin("-m", "relance", "serve")
    also = begin("-m", "relance", "worker")
    wait_for(lambda: database_answers(port))
    working.kill()
    working.wait()
    wait_for(lambda: is_held(data) and database_answers(port))
    ends = [told_to_end(each) for each in (also, serving)]
    assert [code for code, _, _ in ends] == [0, 0]
    assert sum("server.taken_over" in err for _, _, err in ends) >= 1
    assert not is_held(data)


def migrations(conninfo: str) -> list[int]:
    with psycopg.connect(conninfo) as connection:
        return [row[0] for row in connection.execute("select number from migration order by number").fetchall()]


def test_a_careful_backup_leaves_the_schema_to_the_release_that_is_running(begin: Begin, data: Path) -> None:
    """A release that knows one migration less still runs when the new one's commands come by."""
    passing = begin("-c", PASSING_BY)
    assert passing.stdout is not None
    assert passing.stdout.readline() == "there\n"
    conninfo = running(data) or ""
    *before, last = migrations(conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute("delete from migration where number = %s", [last])
    backup = begin("-m", "relance", "backup", str(data.parent / "kept"))
    _, err = backup.communicate(timeout=60)
    assert backup.returncode == 0, err
    assert json.loads((data.parent / "kept" / "about.json").read_text())["migration"] == before[-1]
    listing = begin("-m", "relance", "flow", "list")
    _, err = listing.communicate(timeout=60)
    assert listing.returncode == 5
    assert "this release brings a change to the schema" in err
    assert "Run `relance migrate`, or restart `relance up`" in err
    assert migrations(conninfo) == before


def test_a_backup_holds_no_secret_that_nothing_reads(begin: Begin, data: Path) -> None:
    own = {"RELANCE_SECRET": "a secret of the operator's own"}
    listing = begin("-m", "relance", "flow", "list")
    assert listing.wait(60) == 0
    assert (data / "secret").exists(), "made before RELANCE_SECRET was set"
    backup = begin("-m", "relance", "backup", str(data.parent / "kept"), **own)
    _, err = backup.communicate(timeout=60)
    assert backup.returncode == 0, err
    assert "it comes from RELANCE_SECRET: keep that too" in err
    assert not (data.parent / "kept" / "secret").exists()


def test_a_backup_that_is_ended_leaves_no_copy_of_people(begin: Begin, data: Path) -> None:
    """Told to end, it puts away what it has; killed, it cannot, and the next backup does."""
    passing = begin("-c", PASSING_BY)
    assert passing.stdout is not None
    assert passing.stdout.readline() == "there\n"
    kept = data.parent / "kept"

    def half_made() -> list[Path]:
        return list(kept.glob(".relance-backup-*/copy/base.tar.gz"))

    ended = begin("-m", "relance", "backup", f"{kept}/")
    wait_for(half_made, 15)
    assert told_to_end(ended)[0] == 143
    assert list(kept.iterdir()) == []
    killed = begin("-m", "relance", "backup", f"{kept}/")
    wait_for(half_made)
    killed.kill()
    killed.wait()
    assert half_made()
    backup = begin("-m", "relance", "backup", f"{kept}/")
    _, err = backup.communicate(timeout=60)
    assert backup.returncode == 0, err
    assert [path.name for path in kept.iterdir() if path.name.startswith(".")] == []
    assert [path.name[:8] for path in kept.iterdir()] == ["relance-"]


def test_programs_that_read_the_logs_meet_nothing_else(begin: Begin, data: Path, port: int) -> None:
    """Neither a remark to a person nor a refusal; and no key, for what they read is kept."""

    def lines(err: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in err.splitlines()]

    running_it = begin("-m", "relance", "up", RELANCE_LOG="json")
    wait_for(lambda: database_answers(port))
    wait_for((data / "api-key").exists)
    second = begin("-m", "relance", "serve", RELANCE_LOG="json")
    _, refused = second.communicate(timeout=60)
    third = begin("-m", "relance", "worker", RELANCE_LOG="json", RELANCE_PORT="harbour")
    _, unread = third.communicate(timeout=60)
    code, out, err = told_to_end(running_it)
    assert (code, second.returncode, third.returncode) == (0, 7, 2)
    assert any("This is the first start" in line.get("text", "") for line in lines(err))
    assert [line["action"] for line in (*lines(refused), *lines(unread))] == ["process.failed"] * 2
    assert "RELANCE_PORT: 'harbour' is no port" in lines(unread)[0]["text"]
    assert (data / "api-key").read_text().strip() not in out + err
    assert "/signin/link/" not in out + err
