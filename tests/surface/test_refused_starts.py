"""What keeps Relance from starting is told with the way out, and nothing is made or lost by it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from relance.cli import listening
from relance.config import CATCHER_OFFSET, read_config
from relance.db.embedded.place import prepare_folder
from relance.db.pool import Database
from relance.kernel.errors import Invalid, Unavailable


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of 127.0.0.1 that another program uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def up(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELANCE_")}
    return subprocess.run(
        [sys.executable, "-m", "relance", "up"],
        env={**kept, "RELANCE_DATA": str(tmp_path / "data"), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_in_use(tmp_path: Path, taken: int) -> None:
    done = up(tmp_path, RELANCE_PORT=str(taken))
    assert done.returncode == 7
    assert done.stderr.startswith(f"RELANCE_PORT: port {taken} on 127.0.0.1 cannot be used")
    assert "set RELANCE_PORT to another one" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_catchers_port_in_use(database: Database, taken: int) -> None:
    app: Any = SimpleNamespace(database=database, config=SimpleNamespace(catcher_port=taken))
    with pytest.raises(Unavailable, match=f"set RELANCE_PORT: the catcher listens {CATCHER_OFFSET} above it"):
        listening.catcher(app)


def test_a_host_that_is_not_ours() -> None:
    with pytest.raises(Unavailable, match="cannot be used") as refused, listening.port("192.0.2.1", 8699):
        pass
    assert (refused.value.where, "address of this machine" in refused.value.mend) == ("RELANCE_HOST", True)


def test_a_mail_server_url_that_cannot_be_read_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = up(tmp_path, RELANCE_PORT="8699", RELANCE_SMTP_URL="http://mail.example")
    assert done.returncode == 2
    assert done.stderr.startswith("RELANCE_SMTP_URL: The mail server URL does not start with smtp://")
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    done = up(tmp_path, RELANCE_PORT="8699", RELANCE_DATABASE_URL="postgresql://fern@127.0.0.1:1/moss")
    assert done.returncode == 7
    assert done.stderr.startswith("RELANCE_DATABASE_URL: the PostgreSQL at 127.0.0.1, database moss cannot be used")
    assert "Connection refused. Is it running, and are host" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_where_none_can_be() -> None:
    with pytest.raises(Unavailable, match="or choose another folder with RELANCE_DATA"):
        prepare_folder(Path("/proc/relance"))


def test_a_secret_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"No such file or directory\. Name a file"):
        read_config({"RELANCE_SECRET_FILE": str(tmp_path / "secret")})


def test_a_secret_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match="is not UTF-8 text"):
        read_config({"RELANCE_SECRET_FILE": str(tmp_path / "secret")})


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.1.0.0/33", "127.0.0.1, 10.1.0"])
def test_a_proxy_that_is_no_address_is_refused(proxies: str) -> None:
    """Whoever is believed by mistake can write any address into the record of a consent."""
    with pytest.raises(Invalid, match="is neither an address nor a network") as refused:
        read_config({"RELANCE_TRUSTED_PROXIES": proxies})
    assert refused.value.where == "RELANCE_TRUSTED_PROXIES"
    assert read_config({"RELANCE_TRUSTED_PROXIES": "127.0.0.1, 10.1.2.3/16"}).trusted_proxies == (
        "127.0.0.1",
        "10.1.0.0/16",
    )
