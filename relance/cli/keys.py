"""relance key …: API keys."""

from __future__ import annotations

from typing import Annotated

import typer

from relance.cli.show import AsJson, print_json, print_table, say

app = typer.Typer(help="API keys.", no_args_is_help=True, rich_markup_mode=None)

Scopes = Annotated[list[str] | None, typer.Option("--scope", help="all, read or events; may be given several times.")]


@app.command()
def create(
    label: Annotated[str, typer.Option(help="What the key is for, to tell keys apart.")] = "command line",
    scope: Scopes = None,
) -> None:
    """Make an API key and print it, alone. It is shown this once."""
    from relance.accounts.keys import create_key
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        key = create_key(tx, clock.now(), relance.account.account_id, label, scopes=tuple(scope or ("all",)))
    print(key)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the keys by their last four digits."""
    from relance.accounts.keys import list_keys
    from relance.cli.opened import opened

    with opened() as relance, relance.database.transaction() as tx:
        keys = list_keys(tx, relance.account.account_id)
    if as_json:
        print_json(keys)
        return
    rows = [
        (key.hint, key.label, ", ".join(key.scopes), key.created_at, "revoked" if key.revoked_at else "in use")
        for key in keys
    ]
    print_table(("ends in", "label", "scopes", "created", "state"), rows, "There is no key yet: relance key create")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key, or its last four digits.")],
    label: Annotated[str | None, typer.Option(help="Its label, when two keys end alike.")] = None,
) -> None:
    """End a key: whoever uses it is refused from now on."""
    from relance.accounts.keys import revoke_key
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        revoke_key(tx, clock.now(), relance.account.account_id, key, label=label)
    say("The key is revoked.")
