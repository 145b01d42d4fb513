"""DATE: in PHP's letters. The expected texts are what PHP's date() prints."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from relance.messages.merge.dates import php_date, usual_date

PARIS = ZoneInfo("Europe/Paris")
MAY_DAY = datetime(2026, 5, 1, 9, 5, 7, 123456, tzinfo=PARIS)  # a Friday


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("d D j l N S w z", "01 Fri 1 Friday 5 st 5 120"),
        ("W F m M n t", "18 May 05 May 5 31"),
        ("L o Y y", "0 2026 2026 26"),
        ("a A g G h H i s", "am AM 9 9 09 09 05 07"),
        ("u v", "123456 123"),
        ("T e P O p Z I", "CEST Europe/Paris +02:00 +0200 +02:00 7200 1"),
        ("c", "2026-05-01T09:05:07+02:00"),
        ("r", "Fri, 01 May 2026 09:05:07 +0200"),
        ("U", "1777619107"),
        ("B", "336"),
        (r"\d\a\y j \\", "day 1 \\"),
        ("Y.", "2026."),
        ("d\\", "01\\"),
        ("d/m/Y à H:i", "01/05/2026 à 09:05"),
    ],
)
def test_english(letters, expected):
    assert php_date(letters, MAY_DAY) == expected


def test_french_names():
    assert php_date("l jS F Y, D j M", MAY_DAY, "fr") == "vendredi 1er mai 2026, ven. 1 mai"
    assert php_date("l jS F", datetime(2026, 8, 2, tzinfo=UTC), "fr_CA") == "dimanche 2 août"
    assert php_date("r", MAY_DAY, "fr") == "Fri, 01 May 2026 09:05:07 +0200"


def test_other_languages_read_english():
    assert php_date("F", MAY_DAY, "de") == "May"


@pytest.mark.parametrize(
    ("day", "suffix"),
    [
        (1, "st"),
        (2, "nd"),
        (3, "rd"),
        (4, "th"),
        (11, "th"),
        (12, "th"),
        (13, "th"),
        (21, "st"),
        (22, "nd"),
        (30, "th"),
    ],
)
def test_english_suffixes(day, suffix):
    assert php_date("S", datetime(2026, 5, day, tzinfo=UTC)) == suffix


def test_months_years_and_midnight():
    assert php_date("t L", datetime(2024, 2, 1, tzinfo=UTC)) == "29 1"
    assert php_date("t L", datetime(2100, 2, 1, tzinfo=UTC)) == "28 0"
    assert php_date("g G h A", datetime(2026, 1, 1, tzinfo=UTC)) == "12 0 12 AM"
    assert php_date("g A", datetime(2026, 1, 1, 12, tzinfo=UTC)) == "12 PM"
    assert php_date("o W", datetime(2027, 1, 1, tzinfo=UTC)) == "2026 53"
    assert php_date("P p", datetime(2026, 1, 1, tzinfo=ZoneInfo("America/St_Johns"))) == "-03:30 -03:30"
    assert php_date("p T", datetime(2026, 1, 1, tzinfo=UTC)) == "Z UTC"


def test_the_usual_way_of_each_language():
    assert usual_date(date(2026, 3, 31), "en") == "March 31, 2026"
    assert usual_date(date(2026, 3, 31), "fr") == "31 mars 2026"
