"""Constants: checked when a condition is compiled, kept in its params, read by its SQL."""

from __future__ import annotations

from dataclasses import dataclass, field

from relance.audience.conditions.model import ROW, Catalogue, Json


@dataclass(frozen=True, slots=True)
class Constant:
    """The SQL that reads one entry of the params, in the type that is needed."""

    index: int

    @property
    def json(self) -> str:
        return f"({ROW}->{self.index})"

    @property
    def text(self) -> str:
        return f"({ROW}->>{self.index})"

    @property
    def number(self) -> str:
        return f"{self.text}::numeric"

    @property
    def whole(self) -> str:
        return f"{self.text}::int"

    @property
    def id(self) -> str:
        return f"{self.text}::bigint"

    @property
    def day(self) -> str:
        return f"{self.text}::date"


@dataclass(slots=True)
class Build:
    """The params of the condition being compiled, and the objects that it may name."""

    catalogue: Catalogue
    params: list[Json] = field(default_factory=list)

    def place(self, value: Json) -> Constant:
        """Equal values get places of their own: a shape must not depend on chance equality."""
        self.params.append(value)
        return Constant(len(self.params) - 1)
