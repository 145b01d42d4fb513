"""The letter with a sign-in link."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from relance.accounts.model import Person
from relance.accounts.sign_in import LINK_LASTS
from relance.kernel.ids import time_uuid
from relance.messages.transports.model import Letter
from relance.web.language import Speaker


def link_letter(public_url: str, person: Person, token: str, now: datetime) -> Letter:
    """To the person, in their language, from this server's name."""
    speaker = Speaker(person.language[:2])
    host = urlsplit(public_url).hostname or "localhost"
    sender = f"no-reply@{host if '.' in host and not host[-1].isdigit() else 'localhost.localdomain'}"
    message = EmailMessage(policy=SMTP)
    message["Subject"] = speaker.say("Your sign-in link for Relance")
    message["From"] = Address("Relance", addr_spec=sender)
    message["To"] = Address(person.name, addr_spec=person.email)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{time_uuid(now)}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        speaker.say(
            "Open this address to sign in:\n\n%(url)s\n\nIt works once, for %(minutes)s minutes. If you did not ask "
            "for it, do nothing: nobody can sign in without it.\n",
            url=f"{public_url}/signin/link/{token}",
            minutes=int(LINK_LASTS.total_seconds() // 60),
        )
    )
    return Letter(f"sign-in {person.person_id}", sender, person.email, message.as_bytes())
