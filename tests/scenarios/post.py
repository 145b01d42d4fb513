"""The mail server of the stories, and what it has taken."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relance.messages.transports.catcher import Catcher, CaughtMail
from relance.messages.transports.read_mail import MailView, read_mail
from relance.messages.transports.smtp import SmtpTransport


@dataclass(frozen=True)
class Mail:
    """A caught email, read."""

    to: str
    view: MailView
    data: bytes

    @property
    def subject(self) -> str:
        return self.view.subject

    def links(self) -> list[str]:
        """The tracked links, in their order."""
        return [url for url in re.findall(r'href="([^"]+)"', self.view.html or "") if "/t/c/" in url]

    @property
    def pixel(self) -> str:
        return re.findall(r'src="([^"]+/t/o/[^"]+)"', self.view.html or "")[0]

    def header(self, name: str) -> str:
        return next(value for key, value in self.view.headers if key.lower() == name.lower())


class Post:
    """The mail server of a session. What it has taken lies in ``mails``, oldest first."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.full = False
        self.catcher = Catcher(0, self._catch)
        self.catcher.start()
        self.transport = SmtpTransport(f"smtp://127.0.0.1:{self.catcher.port}?tls=off", connections=2)

    def _catch(self, mail: CaughtMail) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.mails += [Mail(recipient, read_mail(mail.data), mail.data) for recipient in mail.recipients]

    def close(self) -> None:
        self.transport.close()
        self.catcher.stop()
