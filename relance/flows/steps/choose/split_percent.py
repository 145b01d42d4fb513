"""Percentage split (spec/flows.md 6.1): chance decides on arrival, and a replay decides alike."""

from __future__ import annotations

import hashlib
from itertools import accumulate
from typing import Annotated, Any, Literal

from msgspec import Meta

from relance.flows.definition.settings_types import Settings
from relance.flows.steps.shape import Arrivals, Mover, StepKind, StepPlace
from relance.flows.words import Label

PARTS = 10_000
"""Of which a way owns a hundred for each per cent, one way after the other."""


class Share(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    share: Annotated[int, Meta(ge=0, le=100)]
    label: str = ""


class SplitPercentSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Outcomes way_1, way_2 … Shares are per cent and add up to 100 (V14); how many ways there may be is a limit of
    section 12 (V15). ``by``: a contact who comes again goes the same way, or is drawn anew with each run."""

    ways: Annotated[list[Share], Meta(min_length=2)]
    by: Literal["run", "contact"] = "run"


def outcomes(settings: SplitPercentSettings) -> tuple[str, ...]:
    return tuple(f"way_{number}" for number in range(1, len(settings.ways) + 1))


def args(settings: SplitPercentSettings, _: StepPlace) -> dict[str, Any]:
    return {"shares": [way.share for way in settings.ways], "by": settings.by}


def lot(*parts: object) -> int:
    """0 to PARTS - 1: the first eight bytes of the SHA-256 of the ids in decimal and canonical form, joined by ``:``.

    >>> lot(1, 2, "c")
    1079
    """
    digest = hashlib.sha256(":".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") % PARTS


def drawn(mover: Mover, by: str) -> int:
    whose = (mover.contact_id,) if by == "contact" else (mover.contact_id, mover.run_id)
    return lot(mover.flow_id, mover.step_id, *whose)


def arrive(here: Arrivals) -> None:
    for step, movers in here.by_step():
        ends = [upto * PARTS // 100 for upto in accumulate(step.args["shares"])]
        for mover in movers:
            part = drawn(mover, step.args["by"])
            way = next((number for number, end in enumerate(ends, 1) if part < end), len(ends))
            here.cross(mover, f"way_{way}", "B03", {"way": way})


SPLIT_PERCENT = StepKind(
    key="split_percent",
    label=Label("Percentage split", "Répartition en pourcentage"),
    family="rule",
    settings=SplitPercentSettings,
    outcomes=outcomes,
    args=args,
    arrive=arrive,
)
