"""Letters of the product itself to its people: plain text, from this server's name, in their language."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from relance.accounts.model import Person
from relance.kernel.ids import time_uuid
from relance.messages.transports.model import Letter


def letter(public_url: str, person: Person, now: datetime, *, key: str, subject: str, text: str) -> Letter:
    host = urlsplit(public_url).hostname or "localhost"
    sender = f"no-reply@{host if '.' in host and not host[-1].isdigit() else 'localhost.localdomain'}"
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(subject.split())
    message["From"] = Address("Relance", addr_spec=sender)
    message["To"] = Address(person.name, addr_spec=person.email)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{time_uuid(now)}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return Letter(key, sender, person.email, message.as_bytes())
