"""Conditions end up inside statements, so what they compile to keeps the same rules (docs/decisions/0010)."""

from __future__ import annotations

import pytest
from house.buckets import per_contact_tables, unfiltered
from house.source import PACKAGE, finish, numbered, statements
from house.test_clock_and_commit import SQL_CHANCE, SQL_CLOCKS

from relance.audience.conditions import SUBJECTS as AUDIENCE_SUBJECTS
from relance.audience.conditions import (
    FieldShape,
    Objects,
    Subjects,
    compile_condition,
    compose,
    compose_seen,
    compose_turns,
)
from relance.db.pool import Database
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS

SUBJECTS = Subjects([*AUDIENCE_SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS])
OBJECTS = Objects(fields={1: FieldShape("text"), 2: FieldShape("number"), 3: FieldShape("date")})

SAMPLES = [
    {"on": "field:1", "op": "is", "value": "fern"},
    {"on": "field:2", "op": "greater", "value": 3},
    {"on": "email", "op": "contains", "value": "@example.com"},
    {"on": "email_status", "op": "is", "value": "subscribed"},
    {"on": "sms_status", "op": "is", "value": "subscribed"},
    {"on": "created", "op": "not_blank"},
    {"on": "opted_in", "op": "not_blank"},
    {"on": "changed", "op": "not_blank"},
    {"on": "source", "op": "is", "value": "api"},
    {"on": "language", "op": "is", "value": "fr"},
    {"on": "vip", "op": "yes"},
    {"on": "rating", "op": "greater", "value": 3},
    {"on": "no_open_tracking", "op": "is_no"},
    {"on": "tag", "op": "has", "value": 51},
    {"on": "groups:60", "op": "any_of", "value": [61]},
    {"on": "segment", "op": "in", "value": 65},
    {"on": "custom_event:trial_started", "op": "happened"},
    {"on": "event.plan", "op": "is", "value": "pro"},
    {"on": "email_activity", "op": "opened", "value": 71},
    {"on": "flow", "op": "completed", "value": 81},
]
"""One test for each subject, as Fern & Moss might ask it."""


def test_every_subject_has_a_sample() -> None:
    asked = {sample["on"].split(":")[0].split(".")[0] for sample in SAMPLES}
    finish([subject.kinds[0] for subject in SUBJECTS if not asked & set(subject.kinds)], "Add it to SAMPLES.")


@pytest.fixture(scope="module")
def composed() -> dict[str, str]:
    """Every statement that conditions are put into, with all the samples in it."""
    shapes = {one.shape: one for sample in SAMPLES for one in [compile_condition(sample, SUBJECTS, OBJECTS)]}
    answers = {
        alias: (compose(shapes, alias), compose_seen(shapes, alias), compose_turns(shapes, alias)) for alias in "kx"
    }
    found = {}
    for statement in statements():
        alias = "x" if "{holds}" in statement.query.text else "k"
        yes, seen, turns = answers[alias]
        query = statement.query.compose(yes=yes, holds=yes, seen=seen, turns=turns, asks_contact="true")
        if query.text != statement.query.text:
            text = query.text.replace("between %(buckets_low)s and %(buckets_high)s", "= any(%(buckets)s)")
            found[statement.place] = numbered(text)[0]
    assert found
    return found


def test_compiled_conditions_name_the_bucket_of_what_they_read(composed: dict[str, str]) -> None:
    tables = per_contact_tables((PACKAGE / "db" / "schema.sql").read_text("utf-8"))
    left_open = [f"{place}: {one}" for place, sql in composed.items() for one in unfiltered(sql, tables)]
    finish(left_open, "A condition reads a per-contact table by the bucket of the contact asked about.")


def test_compiled_conditions_read_no_clock(composed: dict[str, str]) -> None:
    for sql in composed.values():
        assert not SQL_CLOCKS.search(sql)
        assert not SQL_CHANCE.search(sql)


def test_compiled_conditions_fit_the_schema(composed: dict[str, str], migrated: Database) -> None:
    for sql in composed.values():
        with migrated.transaction() as tx:
            tx.connection.execute(f"prepare composed as {sql}".encode())
            tx.connection.execute("deallocate composed")
