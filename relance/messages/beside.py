"""Texts with merge tags that are no message: what colleagues are told, bodies of calls, values of fields (8.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from relance.audience.fields import Field
from relance.messages.merge import Compiled, Place, compile_template, parse
from relance.messages.personal import personal
from relance.messages.track.addresses import Addresses

_NOWHERE = Addresses("")


def write_beside(
    text: str,
    place: Place,
    now: datetime,
    person: Any,
    fields: Sequence[Field],
    *,
    context: Mapping[str, Any] | None = None,
    groups: frozenset[tuple[str, str]] = frozenset(),
    position: tuple[int, int] = (1, 1),
) -> str:
    """The text for one contact. ``person``: a row of read_recipients. The rest: personal(). Raises CannotRender."""
    values, system = personal(
        now, person, fields, addresses=_NOWHERE, token="", context=context, groups=groups, position=position
    )
    # There is no message that somebody could leave, read again or hand on.
    system |= dict.fromkeys(("UNSUB", "UPDATE_PROFILE", "ARCHIVE", "FORWARD"))
    return _template(text, place, frozenset(one.tag for one in fields if one.type == "address")).render(values)


@lru_cache(maxsize=500)
def _template(text: str, place: Place, address_fields: frozenset[str]) -> Compiled:
    return compile_template(parse(text, address_fields=address_fields), place)
