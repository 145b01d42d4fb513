"""The headers of a call. Secrets are the operator's (RELANCE_WEBHOOK_SECRETS): a flow only names them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from relance.flows.webhooks.rules import signature
from relance.kernel.errors import Invalid

SECRET = re.compile(r"\{secret:([A-Za-z0-9_-]{1,60})\}")
"""How a header names one: "Bearer {secret:crm}"."""
OWN = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "user-agent", "idempotency-key"}
    | {"relance-signature", "expect", "upgrade", "te", "trailer"}
)
"""Headers that a flow cannot set."""


class NoSecret(Exception):
    """The operator has given no secret of that name."""


class Keyring:
    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = dict(secrets)

    def get(self, name: str) -> str:
        if name not in self._secrets:
            raise NoSecret(f"there is no secret {name} (RELANCE_WEBHOOK_SECRETS)")
        return self._secrets[name]

    def filled(self, text: str) -> str:
        return SECRET.sub(lambda found: self.get(found[1]), text)


def read_secrets(text: str) -> dict[str, str]:
    """From lines (or a list with ";") of NAME=value. Raises Invalid, without the value."""
    secrets = {}
    for line in re.split(r"[;\n]", text):
        name, _, value = line.strip().partition("=")
        if not line.strip() or line.strip().startswith("#"):
            continue
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name.strip()) or not value.strip():
            raise Invalid(
                "a line is no NAME=secret", where="RELANCE_WEBHOOK_SECRETS", mend="Write one NAME=secret a line."
            )
        secrets[name.strip()] = value.strip()
    return secrets


def headers_of(
    args: Mapping[str, Any], keys: Keyring, call_id: str, at: int, body: bytes, bodied: bool
) -> dict[str, str]:
    """``at`` in Unix seconds. Raises NoSecret."""
    headers = {name: keys.filled(value) for name, value in (args.get("headers") or {}).items()}
    headers |= {"User-Agent": "Relance", "Accept": "application/json", "Idempotency-Key": call_id}
    if bodied:
        headers["Content-Type"] = "application/json"
    if args.get("sign"):
        headers["Relance-Signature"] = signature(keys.get(args["sign"]), at, body)
    return headers
