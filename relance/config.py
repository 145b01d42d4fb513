"""Typed settings from the environment. Secrets may come from a file: NAME_FILE instead of NAME."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from relance.kernel.errors import Invalid, Unavailable
from relance.kernel.logs import Form

DEFAULT_PORT = 8700
Word = TypeVar("Word", bound=str)
FORMS: tuple[Form, ...] = ("text", "json")
CATCHER_OFFSET = 25
"""The local mail catcher listens on the web port plus this: 8725 by default."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable, as the reference and ``relance doctor`` show it."""

    name: str
    default: str
    meaning: str
    secret: bool = False


SETTINGS = (
    Setting("RELANCE_DATA", "data, beside the program", "Folder of the embedded database and of the signing secret."),
    Setting(
        "RELANCE_PORT", str(DEFAULT_PORT), "Port of web and API on 127.0.0.1; the mail catcher takes this plus 25."
    ),
    Setting("RELANCE_HOST", "127.0.0.1", "Address to listen on; 0.0.0.0 to be reached from other machines."),
    Setting("RELANCE_PUBLIC_URL", "http://127.0.0.1:PORT", "How recipients reach Relance: links, pixels, unsubscribe."),
    Setting(
        "RELANCE_TRUSTED_PROXIES",
        "",
        "Addresses and networks of the proxies before Relance, whose X-Forwarded-For is believed: 127.0.0.1, "
        "10.1.0.0/16",
    ),
    Setting("RELANCE_SECRET", "made at first start", "Signs links and cookies. The same for every process.", True),
    Setting("RELANCE_DATABASE_URL", "the embedded PostgreSQL", "A PostgreSQL (15 or newer) of your own.", True),
    Setting(
        "RELANCE_SMTP_URL",
        "the local mail catcher",
        "The mail server: smtp+starttls://user:password@host:587, smtps://user:password@host:465 (TLS from the start) "
        "or smtp://host:25. With a login TLS is insisted on and the certificate checked. Parameters, as in "
        "?helo=…&ca=…: helo (our name), ca (a PEM file to check against), verify=off (any certificate), tls=off (no "
        "TLS; smtp:// only).",
        True,
    ),
    Setting("RELANCE_LOG", "text", "How the processes log, on standard error: text for people, json for programs."),
    Setting("RELANCE_LOG_LEVEL", "info", "From which level on: debug, info, warning, error."),
    Setting("RELANCE_METRICS_TOKEN", "", "Whoever reads /metrics must present it; without it, see docs/operate.", True),
    Setting("RELANCE_WEBHOOK_SECRETS", "", "Secrets that webhooks name: one NAME=secret a line.", True),
    Setting(
        "RELANCE_PRIVATE_HOSTS", "", "Private hosts and networks that webhooks may call: crm.internal, 10.1.0.0/16"
    ),
    Setting("RELANCE_DEBUG", "", "Set to 1 to see the technical details of an unexpected error, values included."),
)


@dataclass(frozen=True, slots=True)
class Config:
    """``data_chosen``: the folder was named by the operator. ``secret`` "": kept in the data folder."""

    data: Path
    data_chosen: bool
    host: str
    port: int
    public_url: str
    secret: str
    database_url: str
    smtp_url: str
    log: Form = "text"
    log_level: str = "info"
    metrics_token: str = ""
    webhook_secrets: str = ""
    private_hosts: str = ""
    trusted_proxies: tuple[str, ...] = ()

    @property
    def catcher_port(self) -> int:
        return self.port + CATCHER_OFFSET

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never stand in a log."""
        urls = (unquote(password) for url in (self.database_url, self.smtp_url) if (password := _password(url)))
        named = (line.partition("=")[2].strip() for line in self.webhook_secrets.replace(";", "\n").splitlines())
        return tuple(one for one in (self.secret, self.metrics_token, *urls, *named) if one)


def read_config(env: Mapping[str, str] | None = None) -> Config:
    """Raises Invalid with the variable's name for a value that does not fit."""
    env = os.environ if env is None else env
    port = _port(env.get("RELANCE_PORT", ""))
    chosen = env.get("RELANCE_DATA", "")
    return Config(
        data=Path(chosen).expanduser().absolute() if chosen else _default_data(),
        data_chosen=bool(chosen),
        host=env.get("RELANCE_HOST", "") or "127.0.0.1",
        port=port,
        public_url=_public_url(env.get("RELANCE_PUBLIC_URL", ""), port),
        secret=_secret(env, "RELANCE_SECRET"),
        database_url=_secret(env, "RELANCE_DATABASE_URL"),
        smtp_url=_secret(env, "RELANCE_SMTP_URL"),
        log=_one_of(env, "RELANCE_LOG", FORMS),
        log_level=_one_of(env, "RELANCE_LOG_LEVEL", ("info", "debug", "warning", "error")),
        metrics_token=_secret(env, "RELANCE_METRICS_TOKEN"),
        webhook_secrets=_secret(env, "RELANCE_WEBHOOK_SECRETS"),
        private_hosts=env.get("RELANCE_PRIVATE_HOSTS", ""),
        trusted_proxies=_networks(env, "RELANCE_TRUSTED_PROXIES"),
    )


def keep_secret(folder: Path) -> str:
    """The signing secret of this installation: read from the data folder, or made there, for the owner's eyes only."""
    path = folder / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept(path)
    except OSError as error:
        raise Unavailable(f"the secret cannot be kept: {error.strerror}", where=str(path)) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    return _kept(path)


def secret_place(config: Config) -> str:
    """Where the signing secret comes from: a variable, or a file."""
    return "RELANCE_SECRET" if config.secret else str(config.data / "secret")


def _kept(path: Path) -> str:
    try:
        kept = path.read_text().strip()
    except OSError as error:
        raise Unavailable(f"the secret cannot be read: {error.strerror}", where=str(path)) from error
    if len(kept) < 32:
        raise Invalid(
            "the signing secret is damaged", where=str(path), mend="Put the former one back, or delete the file."
        )
    return kept


def _default_data() -> Path:
    root = Path(__file__).resolve().parent.parent
    if (root / "pyproject.toml").exists():
        return root / "data"
    if os.geteuid() == 0:
        return Path("/var/lib/relance/data")
    return Path.home() / ".local" / "share" / "relance"


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _port(value: str) -> int:
    if not value:
        return DEFAULT_PORT
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535 - CATCHER_OFFSET:
        raise Invalid(f"{value!r} is no port", where="RELANCE_PORT", mend="Use a number from 1 to 65510.")
    return int(value)


def _networks(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Addresses and networks, in the form in which they are compared."""
    found = []
    for one in env.get(name, "").replace(",", " ").split():
        try:
            found.append(str(ip_network(one, strict=False) if "/" in one else ip_address(one)))
        except ValueError:
            mend = "Write addresses and networks, such as 127.0.0.1, 10.1.0.0/16."
            raise Invalid(f"{one!r} is neither an address nor a network", where=name, mend=mend) from None
    return tuple(found)


def _one_of(env: Mapping[str, str], name: str, words: tuple[Word, ...]) -> Word:
    """The first word is the default."""
    value = env.get(name, "") or words[0]
    for word in words:
        if word == value:
            return word
    raise Invalid(
        f"{value!r} is not among {', '.join(words)}",
        where=name,
        mend=f"Use one of them, or leave it out for {words[0]}.",
    )


def _public_url(value: str, port: int) -> str:
    if not value:
        return f"http://127.0.0.1:{port}"
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Invalid(
            f"{value!r} is no public address", where="RELANCE_PUBLIC_URL", mend="Write https://flows.example.org"
        )
    return value.rstrip("/")


def _secret(env: Mapping[str, str], name: str) -> str:
    value, path = env.get(name, ""), env.get(f"{name}_FILE", "")
    if value and path:
        raise Invalid(f"both {name} and {name}_FILE are set", where=name, mend="Keep one of the two.")
    if path:
        try:
            value = Path(path).read_text("utf-8").strip()
        except OSError as error:
            what = f"{path} cannot be read: {error.strerror}"
            raise Invalid(what, where=f"{name}_FILE", mend="Name a file that this user may read.") from error
        except UnicodeDecodeError as error:
            mend = "Put the value alone into it, as text."
            raise Invalid(f"{path} is not UTF-8 text", where=f"{name}_FILE", mend=mend) from error
    if name in ("RELANCE_SECRET", "RELANCE_METRICS_TOKEN") and value and len(value) < 16:
        raise Invalid("the secret is too short", where=name, mend="Use at least 16 characters, 64 are better.")
    return value
