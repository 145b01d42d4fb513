"""``custom_event:<name>``: how often the contact did what the customer's software tells of.

Operators happened, not_happened, count_at_least, count_at_most, count_is (value: a number). ``where`` narrows to events
whose properties pass: ``[{"property": "plan", "op": "is", "value": "pro"}]``, all of them; ``window`` to a stretch of
time. Names compare exactly ★.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from relance.audience.conditions.build import Build
from relance.audience.conditions.model import Fragment, Json, Leaf
from relance.audience.conditions.properties import at_path, type_of
from relance.audience.conditions.subjects.shape import Subject
from relance.audience.conditions.values.constants import nothing, whole
from relance.audience.conditions.values.date import TODAY
from relance.audience.conditions.values.shape import dawn, known, taken
from relance.audience.conditions.windows import window_of
from relance.audience.events import CUSTOM
from relance.kernel.errors import Invalid

COUNTS = {"count_at_least": ">=", "count_at_most": "<=", "count_is": "="}
TESTS = 10
_TIMES = whole(0, 1_000_000, "a number of times")


class CustomEventSubject(Subject):
    kinds = ("custom_event",)
    mark = ":"
    form = "custom_event:<name>"
    options = ("where", "window")

    def compile(self, leaf: Leaf, build: Build) -> Fragment:
        known(leaf, ("happened", "not_happened", *COUNTS))
        if "\0" in leaf.key:
            raise Invalid(f"{leaf.key!r} is no name of an event", where=leaf.path)
        name = build.place(leaf.key)
        constants = taken(leaf, _TIMES if leaf.op in COUNTS else nothing)
        window = window_of(leaf, build)
        tests, timed = _where(leaf, build)
        events = (
            f"from event e where e.bucket = x.bucket and e.contact_id = x.contact_id and e.kind = '{CUSTOM.key}' "
            f"and e.match_key = {name.text}{window.of_events('e')}{tests}"
        )
        # A count changes with the first that falls out of the window, whether there are any with the last.
        first = "max"
        if leaf.op in COUNTS:
            count, first = f"(select count(*) {events})", "min"
            holds, seen = f"({count} {COUNTS[leaf.op]} {build.place(constants[0]).whole})", count
        else:
            seen = f"exists (select {events} offset 0)"
            holds = seen if leaf.op == "happened" else f"not {seen}"
        turns = [dawn(f"{TODAY} + 1")] if timed else []
        if window.leaves:
            turns.append(f"(select {window.leaves(f'{first}(e.occurred_at)')} {events})")
        key = f"'custom_event:' || {name.text}"
        turning = f"least({', '.join(turns)})" if turns else ""
        return Fragment(holds, (key, seen), frozenset({(CUSTOM.key, leaf.key)}), turning)


def _where(leaf: Leaf, build: Build) -> tuple[str, bool]:
    """(" and …" for each test of a property, whether the answers change with the days)."""
    tests = leaf.options.get("where", [])
    if not isinstance(tests, list) or len(tests) > TESTS:
        raise Invalid(f"where takes a list of at most {TESTS} tests", where=leaf.path)
    sql, timed = "", False
    for i, test in enumerate(tests):
        inner = _property(test, f"{leaf.path}.where[{i}]")
        text, _ = at_path("e.payload -> 'properties'", inner.key, inner, build)
        holds, turns = type_of(inner).compile(inner, text, build)
        sql, timed = f"{sql} and {holds}", timed or bool(turns)
    return sql, timed


def _property(test: Json, path: str) -> Leaf:
    bad = partial(Invalid, where=path, mend='A test looks like {"property": "plan", "op": "is", "value": "pro"}.')
    if not isinstance(test, Mapping) or not set(test) <= {"property", "op", "value", "type"}:
        raise bad("this is no test of a property")
    if not isinstance(test.get("property"), str) or not isinstance(test.get("op"), str):
        raise bad("the test needs a property and an op")
    options = {"type": test["type"]} if test.get("type") is not None else {}
    return Leaf("property", ":", test["property"], test["op"], test.get("value"), options, path)
