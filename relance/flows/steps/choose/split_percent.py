"""Percentage split (spec/flows.md 6.1): chance decides on arrival, and a replay decides alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from relance.db.sql import load_queries
from relance.flows.definition.settings_types import Duration, Settings
from relance.flows.steps.shape import Arrivals, Mover, PublishedStep, StepKind, StepPlace
from relance.flows.words import Label

queries = load_queries(__package__)

PARTS = 10_000
"""Of which a way owns a hundred for each per cent, one way after the other."""


class Share(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    share: Annotated[int, Meta(ge=0, le=100)]
    label: str = ""


class Winner(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``metric``: what a way is good for. Asked once so many have taken each way, and so long after the first."""

    metric: Literal["open", "click", "conversion"]
    min_per_way: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    after: Annotated[Duration, Meta(le=365 * 86_400)] = 7 * 86_400


class SplitPercentSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Outcomes way_1, way_2 … Shares are per cent and add up to 100 (V14); how many ways there may be is a limit of
    section 12 (V15). ``by``: a contact who comes again goes the same way, or is drawn anew with each run. ``winner``:
    once one way is better than the others, with 95 % certainty, whoever comes later takes it."""

    ways: Annotated[list[Share], Meta(min_length=2)]
    by: Literal["run", "contact"] = "run"
    winner: Winner | None = None


def outcomes(settings: SplitPercentSettings) -> tuple[str, ...]:
    return tuple(f"way_{number}" for number in range(1, len(settings.ways) + 1))


def args(settings: SplitPercentSettings, place: StepPlace) -> dict[str, Any]:
    found: dict[str, Any] = {"shares": [way.share for way in settings.ways], "by": settings.by}
    if settings.winner is not None:
        found["winner"] = msgspec.to_builtins(settings.winner)
        # Other shares, another question: it begins anew.
        text = msgspec.json.encode([place.place.point_id, found], order="deterministic")
        found["test"] = int.from_bytes(hashlib.sha256(text).digest()[:5], "big")
    return found


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
    groups = list(here.by_step())
    winners = _winners(here, groups)
    for step, movers in groups:
        if (winner := winners.get(step.args.get("test"))) is not None:
            here.cross(movers, f"way_{winner}", "B03", {"way": winner, "winner": True})
            continue
        ends = [upto * PARTS // 100 for upto in accumulate(step.args["shares"])]
        ways: dict[int, list[Mover]] = {}
        for mover in movers:
            part = drawn(mover, step.args["by"])
            way = next((number for number, end in enumerate(ends, 1) if part < end), len(ends))
            ways.setdefault(way, []).append(mover)
        for way, people in ways.items():
            here.cross(people, f"way_{way}", "B03", {"way": way})
    if winners:
        _note(here, winners)


def _winners(here: Arrivals, groups: Sequence[tuple[PublishedStep, list[Mover]]]) -> dict[int | None, int | None]:
    """The best way of each split that looks for one; None: not found yet."""
    asked = {step.args["test"]: (step, movers[0]) for step, movers in groups if "test" in step.args}
    if not asked:
        return {}
    found = {row.test_id: row.winner for row in here.tx.rows(queries.tests_of_splits, tests=list(asked))}
    for test in asked.keys() - found.keys():
        step, mover = asked[test]
        here.tx.run(
            queries.begin_test,
            test=test,
            account=mover.account_id,
            flow=mover.flow_id,
            step=step.step_id,
            ways=[number for number, share in enumerate(step.args["shares"], 1) if share],
            now=here.now,
            **step.args["winner"],
        )
    return {test: found.get(test) for test in asked}


def _note(here: Arrivals, winners: Mapping[int | None, int | None]) -> None:
    """Who took which way, as long as the best one is not found."""
    taken = [
        (mover, test, one.seen["way"])
        for one in here.verdicts
        if (test := here.args(one.movers[0]).get("test")) and winners[test] is None and one.seen
        for mover in one.movers
    ]
    if taken:
        movers, tests, ways = zip(*taken, strict=True)
        here.tx.run(
            queries.note_ways,
            now=here.now,
            buckets=[mover.bucket for mover in movers],
            contacts=[mover.contact_id for mover in movers],
            runs=[mover.run_id for mover in movers],
            tests=list(tests),
            ways=list(ways),
        )


SPLIT_PERCENT = StepKind(
    key="split_percent",
    label=Label("Percentage split", "Répartition en pourcentage"),
    family="rule",
    settings=SplitPercentSettings,
    outcomes=outcomes,
    args=args,
    arrive=arrive,
)
