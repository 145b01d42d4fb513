"""relance person …: who may sign in, and what they may do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from relance.cli.show import AsJson, print_json, print_table, say

app = typer.Typer(help="People of the account.", no_args_is_help=True, rich_markup_mode=None)

Email = Annotated[str, typer.Argument(help="The person's email address.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List who belongs to the account, owners first."""
    from relance.accounts.store import people_of_account
    from relance.cli.opened import opened

    with opened() as relance, relance.database.transaction() as tx:
        people = people_of_account(tx, relance.account.account_id)
    if as_json:
        print_json([{"email": person.email, "name": person.name, "role": role} for person, role in people])
        return
    print_table(("email", "name", "role"), [(person.email, person.name, role) for person, role in people], "")


@app.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help="owner, admin, editor or viewer.")] = "editor",
    name: Annotated[str, typer.Option(help="Their name.")] = "",
) -> None:
    """Let somebody in, or change the role of who is there. They sign in by a link, or by a password once one is set."""
    from relance.accounts.people import join
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        person = join(tx, clock.now(), relance.account, email, role, name=name)
    say(f"{person.email} is {role} now. A link to sign in: relance person link {person.email}")


@app.command()
def address(
    email: Email,
    new: Annotated[str, typer.Argument(help="Their address from now on.")],
) -> None:
    """Change a person's address: they sign in with it and are written to there. The first owner begins as
    owner@localhost.localdomain, whom no mail reaches."""
    from relance.accounts.people import change_address
    from relance.cli.opened import opened

    with opened() as relance, relance.database.transaction() as tx:
        kept = change_address(tx, relance.account, email, new)
    say(f"{email} is {kept} now.")


@app.command()
def password(email: Email) -> None:
    """Set a person's password: asked for in a terminal, else read from standard input, a line."""
    from relance.accounts.people import of_account
    from relance.accounts.sign_in import set_password
    from relance.cli.opened import opened

    if sys.stdin.isatty():
        chosen = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        chosen = sys.stdin.readline().rstrip("\r\n")
    with opened() as relance, relance.database.transaction() as tx:
        set_password(tx, of_account(tx, relance.account, email).email, chosen)
    say("The password is set.")


@app.command()
def link(
    email: Annotated[str, typer.Argument(help="The person's email address; without it the first owner.")] = "",
) -> None:
    """Print a link that signs the person in. It works once, for half an hour."""
    from relance.accounts.people import of_account
    from relance.cli.access import sign_in_link
    from relance.cli.opened import opened

    with opened() as relance:
        with relance.database.transaction() as tx:
            person = of_account(tx, relance.account, email) if email else None
        print(sign_in_link(relance, person))


@app.command()
def remove(email: Email) -> None:
    """Take somebody out of the account. What they are signed in with ends at once."""
    from relance.accounts.people import leave
    from relance.cli.opened import opened

    with opened() as relance, relance.database.transaction() as tx:
        leave(tx, relance.account, email)
    say(f"{email} is out.")
