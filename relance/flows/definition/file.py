"""A flow file → its parts, still with names and places: what triggers, which steps, which branches
(docs/flow-files.md).

Only the form is looked at here; ``resolve`` turns names into ids and settings into their stored form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from relance.flows.definition.forms import END, GO_TO, form_of
from relance.flows.definition.names import near
from relance.flows.definition.problems import FlowRefused, Problem, problem
from relance.flows.definition.source import LARGEST, Items, Scalar, Spot, Table, Value, read_source
from relance.flows.steps.registry import STEPS, step_kind
from relance.flows.triggers.registry import TRIGGERS, trigger_kind
from relance.kernel.errors import NotFound, Unavailable

KEYS = ("flow", "audience", "revision", "triggers", "steps", "settings")


@dataclass(frozen=True, slots=True)
class WrittenTrigger:
    kind: str
    body: Value | None
    filter: Value | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """``name``: the optional id. ``body``: its settings without branches. ``branches``: outcome → steps; an outcome
    that is not named goes on with the step that follows. ``kind`` may be ``end`` or ``go_to`` (``body``: a step's)."""

    kind: str
    name: str
    label: str
    body: Value | None
    branches: dict[str, tuple[WrittenStep, ...]]
    spot: Spot


@dataclass(frozen=True, slots=True)
class WrittenFlow:
    """``revision``: that of the draft which the file was written from; None: it does not say."""

    name: str
    audience: str
    triggers: tuple[WrittenTrigger, ...]
    steps: tuple[WrittenStep, ...]
    settings: Table | None
    folder: Path | None = None
    spots: dict[str, Spot] = field(default_factory=dict)
    source: str = ""
    revision: int | None = None

    def load(self, name: str) -> str:
        """The text of a file named in the flow file: its path starts from the flow file's folder."""
        data = _head((self.folder or Path()) / name, LARGEST_CONTENT + 1)
        if len(data) > LARGEST_CONTENT:
            raise ValueError("it is larger than 2 MiB")
        if b"\0" in data:
            raise ValueError("it holds the character U+0000")
        return data.decode("utf-8-sig")


LARGEST_CONTENT = 2 * 1024 * 1024
"""Bytes: no email is larger (spec section 12)."""


def read_flow_file(path: Path) -> WrittenFlow:
    """Raises NotFound, Unavailable, or FlowRefused with everything that is malformed."""
    try:
        data = _head(path, LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}", mend="Name a flow file, such as welcome.yaml.") from None
    except IsADirectoryError:
        raise NotFound(f"{path} is a folder", mend="Name a flow file, such as welcome.yaml.") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", mend="Look at its permissions.") from None
    return read_flow(data, folder=path.parent, source=str(path))


def _head(path: Path, size: int) -> bytes:
    """The first bytes only: what is named may never end."""
    with path.open("rb") as file:
        return file.read(size)


def read_flow(data: bytes | str, *, folder: Path | None = None, source: str = "") -> WrittenFlow:
    """Raises FlowRefused. ``folder`` None: no other files are read."""
    try:
        return _Parts(folder, source).flow(read_source(data))
    except FlowRefused as refused:
        raise FlowRefused(refused.problems, where=source) from None


class _Parts:
    def __init__(self, folder: Path | None, source: str) -> None:
        self.folder, self.source = folder, source
        self.problems: list[Problem] = []
        self.names: dict[str, Spot] = {}

    def say(self, what: str, spot: Spot, mend: str = "", code: str = "invalid") -> None:
        self.problems.append(problem(code, what, mend=mend, line=spot.line, column=spot.column))

    def flow(self, value: Value) -> WrittenFlow:
        if not isinstance(value, Table):
            self.say("a flow file is a table", value.spot, "It begins with `flow: NAME`.")
            raise FlowRefused(self.problems)
        for key in value.items:
            if key not in KEYS:
                self.say(f"a flow has no {key!r}", value.spots[key], near(key, KEYS) or f"It has: {', '.join(KEYS)}.")
        name, audience = self.name(value, "flow"), self.name(value, "audience")
        revision = self.revision(value)
        triggers = tuple(found for item in self.listed(value, "triggers") if (found := self.trigger(item)))
        steps = self.steps(value.get("steps"))
        settings = value.get("settings")
        if settings is not None and not isinstance(settings, Table) and not _is_nothing(settings):
            self.say("settings are a table", settings.spot, "Write for example {re_entry: false}.")
        if self.problems:
            raise FlowRefused(self.problems)
        written = settings if isinstance(settings, Table) else None
        return WrittenFlow(name, audience, triggers, steps, written, self.folder, value.spots, self.source, revision)

    def name(self, value: Table, key: str) -> str:
        item = value.get(key)
        text = item.raw.strip() if isinstance(item, Scalar) and item.value is not None else ""
        if item is None:
            self.say(f"{key} is missing", value.spot, f"Write `{key}: NAME` at the top.")
        elif not text:
            self.say(f"{key} is a name", item.spot, f"Write `{key}: NAME`.")
        elif len(text) > 100:
            self.say("a name has at most 100 characters", item.spot, "Shorten it.")
        return text

    def revision(self, value: Table) -> int | None:
        item = value.get("revision")
        if item is None or _is_nothing(item):
            return None
        number = item.value if isinstance(item, Scalar) else None
        if isinstance(number, int) and not isinstance(number, bool):
            return number
        self.say("revision is a number", item.spot, "Leave it as it was exported, or leave it out.")
        return None

    def listed(self, value: Table, key: str) -> tuple[Value, ...]:
        item = value.get(key)
        if item is None or _is_nothing(item):
            return ()
        if isinstance(item, Items):
            return item.items
        self.say(f"{key} is a list", item.spot, "Begin each line with a dash.")
        return ()

    def trigger(self, item: Value) -> WrittenTrigger | None:
        kinds = [kind.key for kind in TRIGGERS]
        found = self.kind(item, kinds, ("filter",), "trigger")
        if found is None:
            return None
        key, body, table = found
        if trigger_kind(key) is None:
            return None
        return WrittenTrigger(key, body, table.get("filter") if table else None, item.spot)

    def steps(self, value: Value | None) -> tuple[WrittenStep, ...]:
        if value is None or _is_nothing(value):
            return ()
        if isinstance(value, Items):
            steps = [found for item in value if (found := self.step(item))]
        else:
            steps = [found] if (found := self.step(value)) else []
        for step in steps[:-1]:
            if step.kind in (END, GO_TO):
                self.say(
                    f"nothing comes after {step.kind}", step.spot, "Move it to the end of its list, or take it out."
                )
        return tuple(steps)

    def step(self, item: Value) -> WrittenStep | None:
        kinds = [*(kind.key for kind in STEPS), END, GO_TO]
        found = self.kind(item, kinds, ("id", "label"), "step")
        if found is None:
            return None
        key, body, table = found
        if step_kind(key) is None and key not in (END, GO_TO):
            return None
        if isinstance(body, Table):
            table, body = _lifted(table, body)
        name = self.step_name(table)
        labelled = table.get("label") if table else None
        label = labelled.raw if isinstance(labelled, Scalar) else ""
        body, branches = form_of(key).branches(body, self.say)
        read = {outcome: self.steps(steps) for outcome, steps in branches.items()}
        return WrittenStep(key, name, label, body, read, item.spot)

    def step_name(self, table: Table | None) -> str:
        item = table.get("id") if table else None
        if item is None:
            return ""
        if not isinstance(item, Scalar) or not item.raw.strip():
            self.say("an id is a word", item.spot, "Choose one that stays the same.")
            return ""
        name = item.raw.strip()
        if name in self.names:
            self.say(f"the id {name!r} stands twice (first on line {self.names[name].line})", item.spot, "Change one.")
        self.names.setdefault(name, item.spot)
        return name

    def kind(
        self, item: Value, kinds: list[str], beside: tuple[str, ...], what: str
    ) -> tuple[str, Value | None, Table | None] | None:
        """(kind, what is written under it, the whole table) of ``tag_added``, or of ``tag_added: vip``."""
        if isinstance(item, Scalar) and item.value is not None:
            if item.raw in kinds:
                return item.raw, None, None
            self.unknown(item.raw, item.spot, kinds, what)
            return None
        if not isinstance(item, Table) or not item.items:
            self.say(f"a {what} is expected here", item.spot, f"Write for example `- {kinds[0]}: …`.")
            return None
        keys = [key for key in item.items if key not in beside]
        known = [key for key in keys if key in kinds]
        for key in keys:
            if key not in kinds:
                self.unknown(key, item.spots.get(key, item.spot), kinds, what, beside if known else ())
        if len(known) > 1:
            self.say(f"two {what}s stand in one: {' and '.join(known)}", item.spot, "Give each its own dash.")
            return None
        if not known:
            if not keys:
                self.say(f"a {what} needs its kind", item.spot, f"Kinds: {', '.join(kinds)}.")
            return None
        return known[0], item.items[known[0]], item

    def unknown(self, key: str, spot: Spot, kinds: list[str], what: str, beside: tuple[str, ...] = ()) -> None:
        if beside:
            mend = near(key, [*beside, *kinds]) or f"Beside its kind it may have {' and '.join(beside)}."
            self.say(f"a {what} has no {key!r}; its settings stand under its kind", spot, mend)
        else:
            self.say(f"there is no {what} {key!r}", spot, near(key, kinds) or f"Kinds: {', '.join(kinds)}.")


def _lifted(table: Table | None, body: Table) -> tuple[Table, Table]:
    """``id`` and ``label`` may stand beside the kind or under it; in an if_else a label under it is its way's."""
    beside = table or Table({}, {}, body.spot)
    words = ["id"] if "when" in body else ["id", "label"]
    found = {word: body.items[word] for word in words if word in body and word not in beside}
    spots = {**beside.spots, **{word: body.spots[word] for word in found if word in body.spots}}
    return Table({**beside.items, **found}, spots, beside.spot), body.without(*found)


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value is None
