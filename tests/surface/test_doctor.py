"""The doctor looks where something is wrong, so nothing that is wrong may keep it from looking."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from relance.cli import doctor
from relance.cli.doctor import Finding
from relance.config import read_config
from relance.db.embedded.backup import NOTE, About
from relance.kernel.clock import Clock


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its parents are root's alone.
    made = Path(tempfile.mkdtemp(prefix="relance-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def as_somebody_else(closed: Path) -> Iterator[None]:
    """Not the owner of ``closed``, which is for its owner alone."""
    if os.geteuid():
        closed.chmod(0)
    else:
        closed.chmod(0o700)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(os.getuid())
        closed.chmod(0o700)


def looked(folder: Path, **env: str) -> dict[str, Finding]:
    config = read_config({"RELANCE_DATA": str(folder), **env})
    return {one.name: one for one in (*doctor._folder(config), *doctor._database(config))}


def test_a_data_folder_of_somebody_else_is_a_finding(folder: Path) -> None:
    data = folder / "data"
    data.mkdir()
    looked(data)  # what is imported on the way is somebody's, too
    with as_somebody_else(data):
        found = looked(data)
        below = looked(data / "below")
    for each in (found, below):
        assert each["data folder"].state == "wrong"
        assert "may not read or write here" in each["data folder"].told
    assert below["database"].state == "wrong"


def test_a_public_address_where_no_web_server_answers(folder: Path) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        found, time = doctor._web(read_config({"RELANCE_PUBLIC_URL": url}))
    assert (found.state, time.state) == ("wrong", "ok")
    assert found.told == f"{url} answers, and not as a web server does"


def test_when_the_last_backup_was_made(folder: Path, clock: Clock) -> None:
    assert "backup" not in looked(folder), "there is nothing to lose yet"
    (folder / "postgres").mkdir()
    assert looked(folder)["backup"].state == "note"
    assert "relance backup" in looked(folder)["backup"].hint
    about = About("0.1.0", "18.1", 19, clock.now(), 1_000, secret=True, place="/mnt/backups/monday")
    (folder / NOTE).write_bytes(msgspec.json.encode(about))
    assert looked(folder)["backup"].told == "2026-05-04 09:00 UTC, to /mnt/backups/monday"
    assert looked(folder)["backup"].state == "ok"
    clock.advance(timedelta(days=8))
    assert looked(folder)["backup"].state == "note"
    assert "over a week ago" in looked(folder)["backup"].told
    own = {"RELANCE_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    assert "backup" not in looked(folder, **own), "a server of one's own has its own means"
