"""relance account …: what holds for the whole account."""

from __future__ import annotations

from typing import Annotated

import typer

from relance.cli.show import AsJson, print_json, print_table, say

app = typer.Typer(help="The account and its settings.", no_args_is_help=True, rich_markup_mode=None)

Key = Annotated[str, typer.Argument(help="Which setting; `relance account show` lists them.")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """List the settings of the account, with what is usual where it has said nothing."""
    from relance.accounts.settings import all_settings
    from relance.cli.opened import opened

    with opened() as relance:
        found = all_settings(relance.account)
    if as_json:
        print_json(found)
        return
    rows = [(one.key, one.value, "" if one.set else "usual", one.meaning) for one in found]
    print_table(("setting", "value", "", "meaning"), rows, "")


@app.command("set")
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(help='Its value, such as "1 in 16 hours", 21:00-08:00 or off.')],
) -> None:
    """Change one setting, also the account's name, zone or language. It holds from now on, also for moments
    that people already wait for."""
    from relance.accounts.settings import set_setting
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        understood = set_setting(tx, clock.now(), relance.account.account_id, key, value)
    say(f"{key} is {understood}.")


@app.command()
def unset(key: Key) -> None:
    """Take a setting back: what is usual holds again."""
    from relance.accounts.settings import unset_setting
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        usual = unset_setting(tx, clock.now(), relance.account.account_id, key)
    say(f"{key} is {usual}, as usual.")
