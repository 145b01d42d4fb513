"""What keeps a flow from being saved or turned on: V codes of spec section 3, ``invalid`` for what is malformed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from relance.kernel.errors import Invalid

At = Literal["save", "turn-on", "warning"]

REFUSED_AT: dict[str, At] = {
    "invalid": "save",
    "V01": "save",
    "V02": "save",
    "V03": "save",
    "V04": "save",
    "V05": "save",
    "V06": "turn-on",
    "V07": "turn-on",
    "V08": "save",
    "V09": "turn-on",
    "V10": "save",
    "V11": "turn-on",
    "V12": "turn-on",
    "V14": "save",
    "V15": "save",
    "V16": "warning",
    "V17": "warning",
    "V18": "warning",
    "V21": "save",
    "V22": "save",
    "V23": "turn-on",
    "V26": "turn-on",
    "note": "warning",
}
"""When a code refuses: at the save itself, when the flow is turned on, or never."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """``where``: the place in words. ``line`` and ``column`` count from 1 in the file it came from; 0: no file.
    ``point``: the id of the step or trigger concerned, if there is one."""

    code: str
    at: At
    where: str
    what: str
    mend: str = ""
    line: int = 0
    column: int = 0
    point: int | None = None

    def __str__(self) -> str:
        spot = f"line {self.line}: " if self.line else ""
        place = f"{self.where}: " if self.where else ""
        code = f"{self.code}: " if self.code.startswith("V") else ""
        stop = "" if self.what.endswith((".", "?", "!")) else "."
        mend = f"{stop} {self.mend}" if self.mend else ""
        return f"{spot}{code}{place}{self.what}{mend}"


def problem(
    code: str,
    what: str,
    *,
    where: str = "",
    mend: str = "",
    line: int = 0,
    column: int = 0,
    point: int | None = None,
    at: At | None = None,
) -> Problem:
    """A problem that refuses when its code says, unless ``at`` says otherwise."""
    return Problem(
        code=code,
        at=at or REFUSED_AT[code],
        where=where,
        what=what,
        mend=mend,
        line=line,
        column=column,
        point=point,
    )


class FlowRefused(Invalid):
    """A flow that cannot be saved (or turned on): ``problems`` lists all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem], *, where: str = "") -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("\n".join(str(found) for found in self.problems), where=where)

    def __str__(self) -> str:
        prefix = f"{self.where}: " if self.where else ""
        return "\n".join(f"{prefix}{found}" for found in self.problems)


def refusing(problems: Iterable[Problem], at: At) -> list[Problem]:
    """Those that refuse at that moment: what refuses a save refuses a turn-on too."""
    return [found for found in problems if found.at == "save" or (at == "turn-on" and found.at == "turn-on")]
