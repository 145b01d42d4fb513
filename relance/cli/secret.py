"""relance secret: the one that signs links."""

from __future__ import annotations

import typer

from relance.cli.show import say

app = typer.Typer(help="The secret that signs links.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def secret() -> None:
    """The secret that signs links."""


@app.command()
def accept() -> None:
    """Sign with the secret of this command's settings from now on, instead of the one that the database knows. Links in
    mail that was sent lead nowhere then, unsubscribing too: only when the former secret is lost or has become known."""
    from relance.accounts import signing
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        changed = signing.accept(tx, clock.now(), relance.secret)
    if changed:
        say("Links are signed with this secret from now on. Restart every process, with this secret.")
    else:
        say("Links are signed with this secret already.")
