"""relance backup, relance restore: the embedded server's data, copied while it runs, and put back."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.show import say
from relance.kernel.errors import Conflict

if TYPE_CHECKING:
    from datetime import datetime

    from relance.config import Config

FOLDER = "backups"
"""Of the data folder: where backups go when no other place is named."""


def add_to(root: typer.Typer) -> None:
    root.command()(backup)
    root.command()(restore)


def backup(
    target: Annotated[
        str | None,  # a Path would lose the / at its end
        typer.Argument(help="A new folder; or one that is there, or ends in /, to have a name chosen in it."),
    ] = None,
) -> None:
    """Copy the embedded database to a folder while everything runs, and verify the copy."""
    from relance import __version__
    from relance.app import open_server
    from relance.db.embedded.backup import back_up
    from relance.kernel import clock

    # Whatever release wrote the schema: it is copied as it is, so that the one that runs can have it back.
    with open_server(_embedded_only(), say) as (config, conninfo):
        now = clock.now()
        place = _place(target or f"{config.data / FOLDER}/", now)
        about = back_up(conninfo, config.data, place, now, __version__, with_secret=not config.secret)
    print(about.place)
    say(f"{about.size / 1e6:.1f} MB, verified. To put it back: relance restore {about.place} --to NEW_FOLDER")
    if not about.secret:
        say("The secret that signs links is not in it, for it comes from RELANCE_SECRET: keep that too.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder that `relance backup` made.")],
    to: Annotated[
        Path | None, typer.Option(help="Data folder to restore into, instead of RELANCE_DATA; new or empty.")
    ] = None,
) -> None:
    """Put a backup into an empty data folder. Nothing that is there is replaced."""
    from relance.db.embedded import resolve_folder
    from relance.db.embedded.restore import restore as put_back
    from relance.db.migrate import migrate

    config = _embedded_only()
    folder = to.absolute() if to else resolve_folder(config.data, config.data_chosen, say)

    def prepare(conninfo: str) -> None:
        migrate(conninfo)

    about = put_back(source.absolute(), folder, prepare, say)
    print(folder)
    say(f"The state of {about.taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC.")
    say(f"Start it: RELANCE_DATA={folder} relance up")
    say("Nothing was sent between then and now, as far as it knows: messages that were due are sent when it starts.")


def _embedded_only() -> Config:
    from relance.config import read_config

    config = read_config()
    if config.database_url:
        raise Conflict(
            "the database is a server of your own, which Relance does not copy.",
            where="RELANCE_DATABASE_URL",
            mend="Use what belongs to it: pg_basebackup, pg_dump or your provider's snapshots.",
        )
    return config


def _place(wanted: str, now: datetime) -> Path:
    """A backup that is there is no folder to put another one into: it is refused later."""
    from relance.db.embedded.backup import ABOUT

    place = Path(wanted).absolute()
    chosen_in_it = wanted.endswith("/") or (place.is_dir() and not (place / ABOUT).exists())
    return place / f"relance-{now.astimezone(UTC):%Y%m%d-%H%M%S}" if chosen_in_it else place
