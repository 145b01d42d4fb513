"""What a storm came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """``faults`` is empty when nothing was lost and nothing doubled. Seconds of take-overs and recoveries by kind."""

    seed: int
    minutes: float = 0
    struck: Counter[str] = field(default_factory=Counter)
    not_struck: list[str] = field(default_factory=list)
    kills: int = 0
    people: int = 0
    events: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    entered: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    caught: int = 0
    unknown: int = 0
    in_hand: int = 0
    unanswered: int = 0
    blind: int = 0
    calls: int = 0
    heard: int = 0
    taken_over: list[float] = field(default_factory=list)
    woken_too_late: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    ended_by_themselves: int = 0
    settled_in: float = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"seed {self.seed}, {self.minutes:.1f} minutes: {sum(self.struck.values())} strikes, {self.kills} kills",
            *(f"  {count:5} {name}" for name, count in sorted(self.struck.items())),
            *(f"      - {line}" for line in self.not_struck),
            f"in      {self.people} people, {self.events} events, each once; {self.repeated} calls repeated; answers "
            + ", ".join(f"{name} {count}" for name, count in sorted(self.answers.items())),
            "entered " + ", ".join(f"{name} {count}" for name, count in sorted(self.entered.items())),
            f"mail    {self.sent} sent, {self.caught} caught, {self.unknown} unknown of {self.in_hand} in hand at "
            f"kills and {self.unanswered} without an answer" + (f"; {self.blind} kills unseen" if self.blind else ""),
            f"calls   {self.calls} answered, {self.heard} heard",
            f"slots   {_spread(self.taken_over)} s from a kill to the take-over; from a silence {_spread(self.woken_too_late)} s",
            f"base    {_spread(self.back)} s until PostgreSQL answered again; processes that gave up and were started "
            f"again: {self.ended_by_themselves}",
            f"settled in {self.settled_in:.0f} s",
            *(f"FAULT   {fault}" for fault in self.faults),
        ]
        return "\n".join(lines)


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "(none measured)"
    ordered = sorted(seconds)
    return f"{len(ordered)} × {ordered[len(ordered) // 2]:.1f}, at most {ordered[-1]:.1f}"
