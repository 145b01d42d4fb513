"""The signed token in every address of a message."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from relance.messages.track.addresses import base36, link_of, slug
from relance.messages.track.token import LENGTH, DeliveryRef, Tokens

SECRET = "a secret that only tests know, 32 characters long"
REF = DeliveryRef(77, UUID("0c9f7bb0-7a43-4d7e-8b1a-5a1f2e3d4c5b"), datetime(2026, 5, 4, 9, 0, 0, 123_457, UTC))

refs = st.builds(
    DeliveryRef,
    st.integers(0, 4095),
    st.uuids(),
    st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
)


@given(refs)
def test_a_token_gives_back_the_delivery_to_the_microsecond(ref: DeliveryRef) -> None:
    token = Tokens(SECRET).sign(ref)
    assert Tokens(SECRET).read(token) == ref
    assert len(token) == LENGTH == 52
    assert token.replace("-", "").replace("_", "").isalnum()


@given(st.integers(0, LENGTH - 1), st.sampled_from("AQgwz059-_"))
def test_no_character_can_be_changed(place: int, other: str) -> None:
    token = Tokens(SECRET).sign(REF)
    forged = token[:place] + other + token[place + 1 :]
    assert Tokens(SECRET).read(forged) == (REF if forged == token else None)


@given(st.text(max_size=60) | st.binary(min_size=39, max_size=39).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_what_somebody_makes_up_is_no_token(text: str) -> None:
    assert Tokens(SECRET).read(text) is None


def test_another_installation_s_token_is_no_token() -> None:
    assert Tokens("another secret, also 32 characters long!").read(Tokens(SECRET).sign(REF)) is None


def test_a_token_is_not_signed_with_the_bare_secret() -> None:
    """A key of its own: what another part signs with the same secret opens nothing here."""
    import hashlib
    import hmac

    body = base64.urlsafe_b64decode(Tokens(SECRET).sign(REF))[:-12]
    seal = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()[:12]
    assert Tokens(SECRET).read(base64.urlsafe_b64encode(body + seal).decode()) is None


@given(st.integers(0, 2**40 - 1), st.integers(0, 99))
def test_a_link_is_named_by_its_number_whatever_the_form(link: int, form: int) -> None:
    assert link_of(slug(link, form)) == link
    assert int(base36(link), 36) == link


def test_what_is_no_slug_names_no_link() -> None:
    assert [link_of(text) for text in ("", "-1", "A", "é", "1" * 13, "../x")] == [None] * 6
