"""The addresses that a message carries, all under the installation's public URL."""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Addresses:
    """``public_url`` has no slash at its end. ``token`` is a delivery's (track/token.py)."""

    public_url: str

    def pixel(self, token: str) -> str:
        return f"{self.public_url}/t/o/{token}.gif"

    def link(self, token: str, slug: str) -> str:
        return f"{self.public_url}/t/c/{token}/{slug}"

    def view(self, token: str) -> str:
        return f"{self.public_url}/t/v/{token}"

    def unsubscribe(self, token: str) -> str:
        return f"{self.public_url}/u/{token}"


def base36(number: int) -> str:
    """
    >>> base36(1295), int("zz", 36)
    ('zz', 1295)
    """
    text = ""
    while number or not text:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def slug(link_id: int, form: int = 0) -> str:
    """A link's name in an address. ``form`` tells apart the ways in which a message writes one link (UTM tags)."""
    return f"{base36(link_id)}-{form}" if form else base36(link_id)


def link_of(text: str) -> int | None:
    """The link id of a slug, or None when it is none."""
    number = text.partition("-")[0]
    if not number or len(number) > 12 or not set(number) <= set(DIGITS):
        return None
    return int(number, 36)
