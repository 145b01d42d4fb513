"""The database's functions and their twins in Python give the same, for every text and every id."""

from __future__ import annotations

import sys
import unicodedata
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.db.pool import Database
from relance.kernel.ids import chance, derived_uuid, time_uuid
from relance.kernel.text import fold
from tests.conftest import START

quick = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# PostgreSQL stores neither NUL nor lone surrogates; letters that Python's Unicode does not know yet are left out.
anything = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\x00"), max_size=30)
words = st.lists(st.sampled_from(["ÉLODIE", "Élodie", "ΟΔΟΣ", "Œuvre", "Straße", "’", " ", "\u00a0", "\u0301", "İ"]))


def ask(database: Database, sql: str, *values: object) -> Any:
    with database.transaction() as tx:
        row = tx.connection.execute(sql.encode(), values).fetchone()
        assert row is not None
        return row[0]


@quick
@given(text=anything | words.map("".join))
def test_words_fold_alike(migrated: Database, text: str) -> None:
    assert ask(migrated, "select fold(%s::text)", text) == fold(text)


def test_every_letter_folds_alike(migrated: Database) -> None:
    letters = [
        f"a{letter}b"
        for letter in map(chr, range(1, sys.maxunicode + 1))
        if unicodedata.category(letter) not in ("Cs", "Cn", "Co")
    ]
    sql = "select array(select fold(x) from unnest(%s::text[]) with ordinality as u(x, n) order by n)"
    folded = ask(migrated, sql, letters)
    assert {text: got for text, got in zip(letters, folded, strict=True) if got != fold(text)} == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [("  ÉLODIE ", "élodie"), ("ΟΔΟΣ", "οδοσ"), ("Chloe\u0301", "Chloé"), ("l’été", "L'ETE"), ("Straße", "strasse")],
)
def test_people_would_call_these_the_same_word(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@quick
@given(text=anything)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@quick
@given(parts=st.lists(anything, min_size=1, max_size=4))
def test_derived_keys_are_alike(migrated: Database, parts: list[str]) -> None:
    assert ask(migrated, "select derived_uuid(variadic %s::text[])", parts) == derived_uuid(*parts)


@quick
@given(parts=st.lists(anything, min_size=1, max_size=4))
def test_chance_is_alike(migrated: Database, parts: list[str]) -> None:
    assert ask(migrated, "select chance(variadic %s::text[])", parts) == chance(*parts)


def test_chance_is_fair_and_the_same_each_time() -> None:
    drawn = [chance("holdout", 7, number) for number in range(20_000)]
    assert drawn == [chance("holdout", 7, number) for number in range(20_000)]
    assert min(drawn) < 10
    assert max(drawn) > 9990
    assert 1900 <= sum(one < 1000 for one in drawn) <= 2100


@quick
@given(gaps=st.lists(st.integers(min_value=0, max_value=100), min_size=2, max_size=8), key=anything)
def test_keys_made_in_a_statement_sort_where_their_base_sorts(migrated: Database, gaps: list[int], key: str) -> None:
    moment, bases = START, []
    for gap in gaps:
        moment += timedelta(milliseconds=gap)
        bases.append(time_uuid(moment))
    made = ask(migrated, "select array(select ordered_uuid(b, %s) from unnest(%s::uuid[]) as b)", key, bases)
    assert sorted(made) == made
    assert len(set(made)) == len(made)
    # Between two bases: what a statement makes stands after what was made before it and before what comes later.
    assert all(made[n] < bases[n + 1] for n in range(len(made) - 1))


@quick
@given(keys=st.sets(anything, min_size=2, max_size=5))
def test_a_statement_run_again_makes_the_same_keys(migrated: Database, keys: set[str]) -> None:
    base: UUID = time_uuid(START)
    sql = "select array(select ordered_uuid(%s, k) from unnest(%s::text[]) as k)"
    first = ask(migrated, sql, base, list(keys))
    assert ask(migrated, sql, base, list(keys)) == first
    assert len(set(first)) == len(keys)
