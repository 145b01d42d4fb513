"""Email addresses as they go over the wire."""

from __future__ import annotations

import re

import idna

# A control character would end the line, an angle bracket the address, a comma begin another: none of them may let
# one field write the next.
_LOCAL = re.compile(
    r"""[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff"(),:;<>@\[\\\]]+|"(?:[^\x00-\x1f\x7f-\x9f\ud800-\udfff\s<>"\\]| )+\""""
)
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]")


def wire_address(address: str) -> str | None:
    """The address with its domain in ASCII (RFC 5890), or None when it cannot stand in an envelope or a header.

    The local part stays as it is: one outside ASCII needs a server with SMTPUTF8 (RFC 6531).

    >>> wire_address("chloe@jardinière.example")
    'chloe@xn--jardinire-63a.example'
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or len(address) > 320 or not _LOCAL.fullmatch(local):
        return None
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    return f"{local}@{domain}" if _DOMAIN.fullmatch(domain) else None
