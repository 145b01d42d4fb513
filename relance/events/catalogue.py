"""The catalogue: every kind there is, gathered from the features that declare them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from relance.events.model import EventKind
from relance.kernel.errors import NotFound


class Catalogue:
    """Kinds by key. The composition root makes one; a key declared twice is a mistake of ours."""

    def __init__(self, kinds: Iterable[EventKind]) -> None:
        self._kinds: dict[str, EventKind] = {}
        for kind in kinds:
            if kind.key in self._kinds:
                raise ValueError(f"event kind {kind.key} is declared twice")
            self._kinds[kind.key] = kind

    def __getitem__(self, key: str) -> EventKind:
        try:
            return self._kinds[key]
        except KeyError:
            raise NotFound(f"there is no event kind {key!r}") from None

    def __iter__(self) -> Iterator[EventKind]:
        return iter(self._kinds.values())

    def __contains__(self, key: str) -> bool:
        return key in self._kinds
