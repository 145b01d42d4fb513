"""Names ↔ ids of what a flow may refer to, inside one audience. Names compare folded (spec 7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from relance.kernel.ids import object_id
from relance.kernel.text import fold


@dataclass(frozen=True, slots=True)
class NamedField:
    """A field of the audience: ``tag`` is FNAME, ``name`` "First name". ``type`` as in schema.sql."""

    field_id: int
    tag: str
    name: str
    type: str
    has_default: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedGroup:
    group_id: int
    name: str
    category_id: int
    category: str


@dataclass(frozen=True, slots=True)
class NamedMessage:
    """``flow_id`` None: a campaign's. ``links``: canonical URL by link id."""

    message_id: int
    name: str
    flow_id: int | None = None
    links: Mapping[int, str] = field(default_factory=dict)


class Names:
    """What one audience has. Tags that a file names and that are missing get an id here and are made at the save
    (``new_tags``); so do the flow's own emails (``new_messages``). ``people``: addresses of the account's people;
    ``elsewhere``: names of flows of other audiences; ``starts``: which flows the published ones start; ``own_name``: of
    the flow being written."""

    def __init__(
        self,
        *,
        tags: Mapping[int, str] | None = None,
        fields: Iterable[NamedField] = (),
        groups: Iterable[NamedGroup] = (),
        segments: Mapping[int, str] | None = None,
        messages: Iterable[NamedMessage] = (),
        flows: Mapping[int, str] | None = None,
        elsewhere: Iterable[str] = (),
        starts: Mapping[int, frozenset[int]] | None = None,
        people: Mapping[int, str] | None = None,
        flow_id: int | None = None,
    ) -> None:
        self.tags = dict(tags or {})
        self.fields = {known.field_id: known for known in fields}
        self.groups = {known.group_id: known for known in groups}
        self.segments = dict(segments or {})
        self.messages = {known.message_id: known for known in messages}
        self.flows = dict(flows or {})
        self.people = dict(people or {})
        self.flow_id = flow_id
        self.own_name = ""
        self.elsewhere = frozenset(fold(name) for name in elsewhere)
        self.starts = dict(starts or {})
        self.new_tags: dict[int, str] = {}
        self.new_messages: dict[int, str] = {}
        self._tag_ids = {fold(name): tag_id for tag_id, name in self.tags.items()}

    def tag(self, name: str) -> int:
        """The tag's id: of the one there is, or of the one to be made."""
        folded = fold(name)
        if folded not in self._tag_ids:
            tag_id = object_id()
            self._tag_ids[folded] = tag_id
            self.new_tags[tag_id] = name.strip()
        return self._tag_ids[folded]

    def field(self, name: str) -> NamedField | None:
        """By its merge tag first, then by its name."""
        wanted = fold(name)
        for known in self.fields.values():
            if fold(known.tag) == wanted:
                return known
        return next((known for known in self.fields.values() if fold(known.name) == wanted), None)

    def group(self, name: str) -> list[NamedGroup]:
        """By "Group" or "Category / Group"; more than one when categories share the name."""
        category, slash, group = name.rpartition("/")
        found = [known for known in self.groups.values() if fold(known.name) == fold(name)]
        if not found and slash:
            found = [
                known
                for known in self.groups.values()
                if fold(known.name) == fold(group) and fold(known.category) == fold(category)
            ]
        return found

    def segment(self, name: str) -> int | None:
        return next((segment_id for segment_id, known in self.segments.items() if fold(known) == fold(name)), None)

    def flow(self, name: str) -> int | None:
        return next((flow_id for flow_id, known in self.flows.items() if fold(known) == fold(name)), None)

    def person(self, address: str) -> int | None:
        wanted = address.strip().lower()
        return next((person_id for person_id, known in self.people.items() if known.lower() == wanted), None)

    def category(self, name: str) -> int | None:
        found = {known.category_id for known in self.groups.values() if fold(known.category) == fold(name)}
        return found.pop() if len(found) == 1 else None

    def own_message(self, name: str) -> int:
        """The id of the flow's own email of that name: of the one there is, or of the one to be made."""
        wanted = fold(name)
        for known in self.messages.values():
            if known.flow_id is not None and known.flow_id == self.flow_id and fold(known.name) == wanted:
                return known.message_id
        for message_id, new in self.new_messages.items():
            if fold(new) == wanted:
                return message_id
        message_id = object_id()
        self.new_messages[message_id] = name.strip()
        return message_id

    def message(self, name: str) -> list[int]:
        """The flow's own email of that name, else those of the rest of the audience."""
        wanted = fold(name)
        own = [message_id for message_id, new in self.new_messages.items() if fold(new) == wanted]
        others: list[int] = []
        for known in self.messages.values():
            if fold(known.name) == wanted:
                mine = known.flow_id is not None and known.flow_id == self.flow_id
                (own if mine else others).append(known.message_id)
        return own or others

    def message_name(self, message_id: int) -> str:
        known = self.messages.get(message_id)
        return known.name if known else self.new_messages.get(message_id, "")

    def tag_name(self, tag_id: int) -> str:
        return self.tags.get(tag_id) or self.new_tags.get(tag_id, "")


def near(name: str, names: Iterable[str]) -> str:
    """ "Did you mean vip?", or nothing."""
    by_folded = {fold(known): known for known in names}
    found = get_close_matches(fold(name)[:60], list(by_folded), 1)
    return f"Did you mean {by_folded[found[0]]}?" if found else ""
