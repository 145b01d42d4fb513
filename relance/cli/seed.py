"""relance seed: people to try things with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.show import say

if TYPE_CHECKING:
    from relance.audience.contacts import Draft

AT_ONCE = 500
FIRST = (
    "Ana",
    "Ben",
    "Chloé",
    "Dev",
    "Élodie",
    "Farid",
    "Grace",
    "Hugo",
    "Inès",
    "Jun",
    "Kofi",
    "Lina",
    "Malik",
    "Nour",
)
LAST = ("Lima", "Okafor", "Martin", "Rao", "Dubois", "Haddad", "Petit", "Sato", "Silva", "Moreau", "Novak", "Diallo")


def add_to(root: typer.Typer) -> None:
    root.command("seed")(seed)


def seed(
    contacts: Annotated[int, typer.Option("--contacts", min=1, max=10_000_000, help="How many to add.")] = 1000,
    audience: Annotated[str, typer.Option(help="The audience's name; made when it is missing.")] = "Customers",
) -> None:
    """Add invented, subscribed contacts to an audience, as an import that starts no flow. Their addresses end in
    example.com, which receives nothing; running it again adds others."""
    from relance.audience import audiences
    from relance.audience.contacts import Actor, save_many
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance:
        with relance.database.transaction() as tx:
            account_id = relance.account.account_id
            chosen = audiences.by_name(tx, account_id, audience)
            if chosen is None:
                chosen = audiences.create(tx, clock.now(), account_id, audience, _sender())
                say(f"The audience {audience!r} is new.")
        actor = Actor("import", "import", imported=True)
        done = 0
        for batch in _batches(contacts):
            with relance.database.transaction() as tx:
                save_many(tx, clock.now(), chosen, batch, actor, syncing=True)
            done += len(batch)
            if done % (20 * AT_ONCE) == 0:
                say(f"{done:,} of {contacts:,}")
    print(f"{done:,} contacts are in {chosen.name}.")


def _batches(count: int) -> Iterator[list[Draft]]:
    from relance.audience.contacts import Draft
    from relance.kernel.ids import hex_id, object_id

    chance = random.Random(count)  # noqa: S311 (names, not secrets)
    series = hex_id(object_id())
    for start in range(0, count, AT_ONCE):
        batch = []
        for number in range(start, min(start + AT_ONCE, count)):
            birthday = f"{chance.randint(1, 12):02}/{chance.randint(1, 28):02}"
            fields = {"FNAME": chance.choice(FIRST), "LNAME": chance.choice(LAST), "BIRTHDAY": birthday}
            batch.append(Draft(email=f"{series}.{number}@example.com", email_status="subscribed", fields=fields))
        yield batch


def _sender() -> dict[str, str]:
    return {
        "from_name": "Fern & Moss",
        "from_email": "hello@fernandmoss.example",
        "company": "Fern & Moss",
        "address": "12 Garden Lane, Dublin",
    }
