"""Field values: read liberally, stored in one form, shown in the field's own."""

from __future__ import annotations

import math

import pytest

from relance.audience.fields import BadFields, Field, day_of, display, read_value
from relance.audience.fields.rules import check_options, check_tag
from relance.kernel.errors import Invalid


def field(kind, **options):
    return Field(1, 1, "X", "X", kind, kind, False, "", True, options, 1, 1)


@pytest.mark.parametrize(
    ("kind", "raw", "stored"),
    [
        ("text", "  Fern ", "Fern"),
        ("text", 12, "12"),
        ("number", "12", 12),
        ("number", "12.50", 12.5),
        ("number", -3.0, -3),
        ("date", "2026-05-04", "2026-05-04"),
        ("date", "2026-05-04T09:00:00+00:00", "2026-05-04"),
        ("date", "5/4/2026", "2026-05-04"),
        ("birthday", "3/4", "03/04"),
        ("birthday", "03-04", "03/04"),
        ("birthday", "1990-03-04", "03/04"),
        ("birthday", "02/29", "02/29"),
        ("address", {"addr1": "3 Moss Lane", "city": "Lyon", "country": "fr", "addr2": ""},
         {"addr1": "3 Moss Lane", "city": "Lyon", "country": "FR"}),
        ("address", "3 Moss Lane    Lyon    69001", {"addr1": "3 Moss Lane", "addr2": "Lyon", "city": "69001"}),
        ("phone", "+33 4 72 00 00 00", "+33 4 72 00 00 00"),
        ("url", "https://fern.example/a?b=c", "https://fern.example/a?b=c"),
        ("image", "http://fern.example/moss.png", "http://fern.example/moss.png"),
        ("yes_no", "Oui", True),
        ("yes_no", False, False),
        ("zip", "69001", "69001"),
    ],
)  # fmt: skip
def test_what_is_stored(kind, raw, stored):
    value = read_value(field(kind), raw)
    assert value == stored
    assert type(value) is type(stored)
    assert read_value(field(kind), value) == stored  # what was stored reads as itself


@pytest.mark.parametrize("kind", ["text", "number", "date", "birthday", "choice", "address", "phone", "url", "yes_no"])
@pytest.mark.parametrize("raw", [None, "", "   "])
def test_blanks(kind, raw):
    assert read_value(field(kind), raw) is None


def test_an_address_without_a_place_is_blank():
    assert read_value(field("address"), {"addr1": "", "city": " ", "country": "FR"}) is None


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", ["a"]), ("text", "x" * 2001), ("number", "twelve"), ("number", "1,234"), ("number", "nan"),
        ("number", math.inf), ("number", True), ("date", "2026-02-30"), ("date", "13/1/2026"), ("date", 20260504),
        ("birthday", "13/01"), ("birthday", "02/30"), ("choice", "Cactus"), ("address", {"zip": "69001"}),
        ("address", 5), ("phone", "call me"), ("url", "fern.example"), ("url", "javascript:alert(1)"),
        ("image", "ftp://fern.example/x.png"), ("yes_no", "perhaps"), ("zip", "?"),
    ],
)  # fmt: skip
def test_what_is_refused(kind, raw):
    with pytest.raises(BadFields) as caught:
        read_value(field(kind, choices=["Fern", "Moss"]), raw)
    assert caught.value.errors[0][0] == "X"


def test_day_first_where_the_field_says_so():
    assert read_value(field("birthday", date_format="DD/MM"), "4/3") == "03/04"
    assert read_value(field("date", date_format="DD/MM/YYYY"), "4/3/2026") == "2026-03-04"


def test_a_choice_is_found_whatever_its_accents_and_capitals():
    assert read_value(field("choice", choices=["Fougère", "Mousse"]), "FOUGERE ") == "Fougère"


def test_days_are_kept_for_looking_up():
    assert day_of("date", "2026-05-04") == ("2026-05-04", 504)
    assert day_of("birthday", "02/29") == (None, 229)
    assert day_of("text", "02/29") is None
    assert day_of("date", None) is None


@pytest.mark.parametrize(
    ("kind", "value", "language", "text"),
    [
        ("date", "2026-05-04", "en", "05/04/2026"), ("birthday", "03/14", "en", "03/14"),
        ("number", 12.5, "en", "12.5"),
        ("number", 12.5, "fr", "12,5"), ("number", 1200, "fr", "1200"), ("yes_no", True, "fr", "Oui"),
        ("yes_no", False, "en", "No"), ("text", None, "en", ""),
        ("address", {"addr1": "3 Moss Lane", "city": "Lyon"}, "en", "3 Moss Lane, Lyon"),
    ],
)  # fmt: skip
def test_what_people_read(kind, value, language, text):
    assert display(field(kind), value, language) == text


def test_dates_are_shown_in_the_field_s_order():
    assert display(field("date", date_format="DD/MM/YYYY"), "2026-05-04") == "04/05/2026"


@pytest.mark.parametrize("tag", ["", "toolongatag1", "1ST", "A-B", "LIST", "url", "TRIGGER", "É"])
def test_tags_that_cannot_be(tag):
    with pytest.raises(Invalid):
        check_tag(tag)


def test_tags_are_capitals():
    assert check_tag(" mmerge12 ") == "MMERGE12"


def test_a_choice_needs_choices():
    assert check_options("choice", {"choices": ["a", "a", " b "]}) == {"choices": ["a", "b"]}
    with pytest.raises(Invalid):
        check_options("choice", {})
