"""The address of a mail server, as one setting: ``smtp+starttls://user:password@host:587?helo=…``."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from relance.kernel.errors import Invalid

_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_SETTINGS: Final = {"helo", "tls", "verify", "ca"}
_MEND: Final = (
    "Write it as smtp+starttls://user:password@host:587, smtps://…:465 or smtp://host:25, "
    "with @ : / ? # % in the password percent-encoded (@ is %40)."
)
_HOST_NAME = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.IPv]+\]")


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """A parsed mail server URL. Login and password never show: neither in ``repr`` nor in ``str``.

    ``smtps`` (TLS from the start) and ``smtp+starttls`` insist on TLS and check the certificate, against the file
    ``ca`` if given, unless ``verify`` is False. So does ``smtp`` with a login for a server that is not on this machine;
    without one it uses STARTTLS when the server offers it, without checking the certificate (who can replace it can as
    well hide the offer). ``tls`` False switches that off.
    """

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    helo: str = ""
    tls: bool = True
    verify: bool = True
    ca: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def local(self) -> bool:
        """On this machine, so nobody listens on the way."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def insists(self) -> bool:
        """Nothing is said to a server without TLS."""
        return self.scheme != "smtp" or (self.tls and bool(self.user) and not self.local)

    @property
    def checks(self) -> bool:
        """The server's certificate is checked."""
        return self.insists and self.verify

    @property
    def risks_login(self) -> bool:
        """Somebody on the way could read the password."""
        return bool(self.user) and not self.local and not self.checks

    def scrub(self, text: str) -> str:
        """``text`` without the password, in the forms in which a server may echo it."""
        if not self.password:
            return text
        plain = f"\0{self.user}\0{self.password}".encode()
        for secret in (b64encode(plain).decode(), b64encode(self.password.encode()).decode(), self.password):
            text = text.replace(secret, "…")
        return text


def parse_smtp_url(url: str) -> SmtpUrl:
    """Read a mail server URL. Raises Invalid, whose message quotes nothing of it: any part may be half a password."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _invalid("The port or the host of the mail server URL cannot be read.") from None
    if parts.scheme not in _PORTS:
        raise _invalid("The mail server URL does not start with smtp://, smtps:// or smtp+starttls://.")
    if not host or port == 0:
        raise _invalid("The mail server URL names no host." if not host else "The mail server's port cannot be 0.")
    if parts.path not in ("", "/") or parts.fragment:
        raise _invalid("The mail server URL goes on after the host and port.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise _invalid("The mail server URL has a user without a password, or a password without a user.")
    if not (user + password).isascii() or not (user + password).isprintable():
        raise _invalid("The mail server's user and password must be plain ASCII characters.")
    settings = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not settings.keys() <= _SETTINGS or (parts.query and not settings):
        raise _invalid("The mail server URL has an unknown setting; it knows helo, tls, verify and ca.")
    if not _HOST_NAME.fullmatch(settings.get("helo", "x")):
        raise _invalid("The setting helo is not a host name.")
    tls, verify = _switch(settings, "tls"), _switch(settings, "verify")
    if not tls and parts.scheme != "smtp":
        raise _invalid("The setting tls=off goes with smtp:// only.")
    return SmtpUrl(
        parts.scheme,
        host,
        port or _PORTS[parts.scheme],
        user,
        password,
        settings.get("helo", ""),
        tls,
        verify,
        settings.get("ca", ""),
    )


def _switch(settings: dict[str, str], name: str) -> bool:
    value = settings.get(name, "on")
    if value not in ("on", "off"):
        raise _invalid(f"The setting {name} is on or off.")
    return value == "on"


def _invalid(what: str) -> Invalid:
    return Invalid(what, where="RELANCE_SMTP_URL", mend=_MEND)
