"""The letter with a sign-in link."""

from __future__ import annotations

from datetime import datetime

from relance.accounts.model import Person
from relance.accounts.sign_in import LINK_LASTS
from relance.messages.transports.model import Letter
from relance.web.language import Speaker
from relance.web.letters import letter


def link_letter(public_url: str, person: Person, token: str, now: datetime) -> Letter:
    """To the person, in their language, from this server's name."""
    speaker = Speaker(person.language[:2])
    return letter(
        public_url,
        person,
        now,
        key=f"sign-in {person.person_id}",
        subject=speaker.say("Your sign-in link for Relance"),
        text=speaker.say(
            "Open this address to sign in:\n\n%(url)s\n\nIt works once, for %(minutes)s minutes. If you did not ask "
            "for it, do nothing: nobody can sign in without it.\n",
            url=f"{public_url}/signin/link/{token}",
            minutes=int(LINK_LASTS.total_seconds() // 60),
        ),
    )
