"""The command line. Commands import what they need when they run, so that help and errors come at once."""

from __future__ import annotations

import typer

from relance.cli import account, backup, flows, keys, look, people, processes, secret, seed, segments

root = typer.Typer(
    name="relance",
    help="Relance: marketing-automation flows on your own server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

processes.add_to(root)
root.add_typer(flows.app, name="flow")
root.add_typer(segments.app, name="segment")
root.add_typer(keys.app, name="key")
root.add_typer(account.app, name="account")
root.add_typer(people.app, name="person")
root.add_typer(secret.app, name="secret")
look.add_to(root)
seed.add_to(root)
backup.add_to(root)

__all__ = ["root"]
