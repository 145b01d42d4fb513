"""A backup of a server that is being written to holds every row that was there when it began, and no half of one."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from relance.db.embedded import EmbeddedServer
from relance.db.embedded.backup import ASIDE, _held, back_up, last_backup, unpack
from relance.db.embedded.restore import restore
from relance.kernel.errors import Conflict, Invalid, NotFound, Unavailable

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    # Not tmp_path: its parents are root's alone.
    made = Path(tempfile.mkdtemp(prefix="relance-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def shop(places: Path) -> Iterator[EmbeddedServer]:
    """A running server that holds a thousand sold plants."""
    server = EmbeddedServer(places / "shop")
    server.start()
    try:
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            connection.execute("create table sold (plant int)")
            connection.execute("insert into sold select generate_series(0, 999)")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def kept(shop: EmbeddedServer, places: Path) -> Path:
    """A backup taken while plants are sold."""
    (places / "shop" / "secret").write_text("signs links")
    stop = threading.Event()

    def sell() -> None:
        with psycopg.connect(shop.conninfo, autocommit=True) as connection:
            plant = 1000
            while not stop.is_set():
                connection.execute("insert into sold values (%s)", [plant])
                plant += 1

    selling = threading.Thread(target=sell)
    selling.start()
    try:
        about = back_up(shop.conninfo, places / "shop", places / "kept", NOW, "0.1.0")
    finally:
        stop.set()
        selling.join()
    assert (about.taken_at, about.secret, about.place) == (NOW, True, str(places / "kept"))
    return places / "kept"


def test_what_was_sold_is_there_again(kept: Path, places: Path) -> None:
    asked: list[str] = []
    restore(kept, places / "again", asked.append)
    assert len(asked) == 1, "it was started once, aside"
    server = EmbeddedServer(places / "again")
    server.start()
    try:
        with psycopg.connect(server.conninfo) as connection:
            row = connection.execute("select count(*), count(distinct plant), max(plant) from sold").fetchone()
    finally:
        server.stop()
    assert row is not None
    assert row[0] >= 1000
    assert row == (row[0], row[0], row[0] - 1), "every sale up to one moment, none twice, none left out"
    assert (places / "again" / "secret").read_text() == "signs links"
    assert last_backup(places / "shop") is not None


def test_only_its_owner_can_read_a_backup(kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_nothing_that_is_there_is_replaced(shop: EmbeddedServer, kept: Path, places: Path) -> None:
    with pytest.raises(Conflict, match="something already"):
        back_up(shop.conninfo, places / "shop", kept, NOW, "0.1.0")
    with pytest.raises(Conflict, match="is running"):
        restore(kept, places / "shop", lambda _: None)
    used = places / "used"
    used.mkdir()
    (used / "letters.txt").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        restore(kept, used, lambda _: None)
    assert (used / "letters.txt").read_text() == "mine"


def test_wherever_an_archive_is_damaged_it_is_said_in_words(places: Path) -> None:
    """Or it is unpacked, and found by the checksums of the manifest."""
    refused = 0
    archive = places / "some.tar.gz"
    (places / "letters.txt").write_text("".join(f"letter {n} of {n * n}\n" for n in range(5000)))
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(places / "letters.txt", "letters.txt")
    sound = archive.read_bytes()
    for at in range(20, len(sound) - 20, len(sound) // 60):
        archive.write_bytes(sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :])
        (into := places / f"into-{at}").mkdir()
        try:
            unpack(archive, into)
        except Invalid:
            refused += 1
    assert refused


def test_a_damaged_backup_is_refused_and_leaves_nothing(kept: Path, places: Path) -> None:
    damaged = places / "damaged"
    shutil.copytree(kept, damaged)
    archive = damaged / "base.tar.gz"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(Invalid, match=r"damaged|unpacked"):
        restore(damaged, places / "new", lambda _: None)
    assert not (places / "new" / "postgres" / "data").exists()

    (damaged / "backup_manifest").unlink()
    with pytest.raises(Invalid, match="backup_manifest is missing"):
        restore(damaged, places / "new", lambda _: None)
    with pytest.raises(NotFound):
        restore(places / "nowhere", places / "new", lambda _: None)


def test_what_cannot_be_prepared_leaves_the_folder_as_it_was(kept: Path, places: Path) -> None:
    def refuse(_: str) -> None:
        raise Conflict("the schema is of a later release.")

    with pytest.raises(Conflict, match="later release"):
        restore(kept, places / "fresh", refuse)
    assert not (places / "fresh" / "postgres" / "data").exists()


def test_a_backup_that_fails_leaves_nothing(places: Path) -> None:
    with pytest.raises(Unavailable):
        back_up("host=/nowhere dbname=none", places / "shop", places / "failed", NOW, "0.1.0")
    assert [path.name for path in places.iterdir() if "failed" in path.name] == []


def test_what_another_backup_is_making_is_left_to_it(shop: EmbeddedServer, places: Path) -> None:
    making = places / "shelf" / f"{ASIDE}of-another"
    (making / "copy").mkdir(parents=True)
    with _held(making):
        back_up(shop.conninfo, places / "shop", places / "shelf" / "first", NOW, "0.1.0")
        assert making.exists()
    back_up(shop.conninfo, places / "shop", places / "shelf" / "second", NOW, "0.1.0")
    assert sorted(path.name for path in (places / "shelf").iterdir()) == ["first", "second"]


def test_a_target_where_none_can_be_is_told_as_one(shop: EmbeddedServer, places: Path) -> None:
    with pytest.raises(Unavailable, match="or name another folder for the backup") as refused:
        back_up(shop.conninfo, places / "shop", Path("/proc/kept/monday"), NOW, "0.1.0")
    assert "RELANCE_DATA" not in str(refused.value)
