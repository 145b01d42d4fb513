"""Many conditions in one statement: a CASE with one arm per shape, whatever the number of conditions."""

from __future__ import annotations

from collections.abc import Mapping

from relance.audience.conditions.model import NEVER, ROW, Compiled


def compose(shapes: Mapping[int, Compiled], alias: str = "k", otherwise: str = "false") -> str:
    """SQL that tells whether the condition of row ``alias`` (columns shape, params) holds.

    Where it stands, ``c`` and ``x`` must be in reach (model.Fragment). ``otherwise`` answers for a shape not listed.
    """
    return _case({shape: one.shape_sql for shape, one in shapes.items()}, alias, otherwise)


def compose_seen(shapes: Mapping[int, Compiled], alias: str = "k") -> str:
    """SQL (jsonb) of the values that the condition of row ``alias`` looks at."""
    return _case({shape: one.seen_sql for shape, one in shapes.items()}, alias, "'{}'::jsonb")


def compose_turns(shapes: Mapping[int, Compiled], alias: str = "k") -> str:
    """SQL of the next instant at which the answer of row ``alias`` may change by itself."""
    timed = {shape: one.turns_sql for shape, one in shapes.items() if one.time_dependent}
    return _case(timed, alias, NEVER)


def compose_asks_contact(shapes: Mapping[int, Compiled], alias: str = "k") -> str:
    """SQL that tells whether the condition of row ``alias`` looks at the contact's row: else it need not be read."""
    readers = ", ".join(str(shape) for shape, one in sorted(shapes.items()) if one.reads_contact)
    return f"{alias}.shape in ({readers})" if readers else "false"


def _case(arms: Mapping[int, str], alias: str, otherwise: str) -> str:
    """Sorted, so that the same shapes give the same text, which the server has a plan for."""
    if not arms:
        return otherwise
    whens = "\n  ".join(
        f"when {shape} then ({sql.replace(ROW, f'{alias}.params')})" for shape, sql in sorted(arms.items())
    )
    return f"case {alias}.shape\n  {whens}\n  else {otherwise} end"
