"""What flows are made from, gathered in one value: events, subjects of conditions. Made by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from relance.audience.conditions import Subjects
from relance.events.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Kinds:
    events: Catalogue
    subjects: Subjects
