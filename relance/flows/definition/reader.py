"""Written settings → stored settings, led by the types that a kind declares: names become ids, lengths seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from msgspec import inspect

from relance.flows.definition import durations
from relance.flows.definition.names import Names, near
from relance.flows.definition.problems import Problem, problem
from relance.flows.definition.source import Scalar, Spot, Table, Value, plain

Load = Callable[[str], str]
"""The text of a file named in a flow file. Raises OSError or UnicodeDecodeError."""

YES_NO_WORDS = {"yes": "true", "on": "true", "y": "true", "oui": "true", "no": "false", "off": "false", "n": "false"}
MISSING = 0
"""Stored in place of the id of an object that is not there: the draft is kept, V06 refuses the turn-on."""


class Reader:
    """Reads values one by one; what is wrong is noted in ``problems`` and reading goes on."""

    def __init__(self, names: Names, load: Load | None = None) -> None:
        self.names = names
        self.load = load
        self.problems: list[Problem] = []
        self.point: int | None = None
        self.where = ""

    def say(self, code: str, what: str, spot: Spot, mend: str = "") -> None:
        self.problems.append(
            problem(code, what, where=self.where, mend=mend, line=spot.line, column=spot.column, point=self.point)
        )

    # Plain values

    def text(self, value: Value, name: str) -> str:
        if isinstance(value, Scalar):
            return "" if value.value is None and value.raw != "null" else value.raw
        self.say("invalid", f"{name} is a text", value.spot)
        return ""

    def boolean(self, value: Value, name: str) -> bool:
        if isinstance(value, Scalar) and isinstance(value.value, bool):
            return value.value
        word = value.raw if isinstance(value, Scalar) else ""
        meant = YES_NO_WORDS.get(word.lower())
        mend = f"{word!r} is only a word here: write {meant}." if meant else "Write true or false."
        self.say("invalid", f"{name} is true or false", value.spot, mend)
        return False

    def whole(self, value: Value, name: str) -> int:
        if isinstance(value, Scalar) and isinstance(value.value, int) and not isinstance(value.value, bool):
            return value.value
        self.say("invalid", f"{name} is a whole number", value.spot)
        return 0

    def number(self, value: Value, name: str) -> int | float:
        if isinstance(value, Scalar) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
            return value.value
        self.say("invalid", f"{name} is a number", value.spot)
        return 0

    def one_of(self, value: Value, name: str, words: Iterable[Any]) -> Any:
        allowed = list(words)
        if isinstance(value, Scalar) and value.value in allowed:
            return value.value
        if isinstance(value, Scalar) and value.raw in allowed:
            return value.raw
        shown = ", ".join(str(word) for word in allowed if word != "")
        self.say("invalid", f"{name} is one of {shown}", value.spot)
        return allowed[0]

    def seconds(self, value: Value, name: str) -> int:
        found = durations.parse_seconds(value.raw) if isinstance(value, Scalar) else None
        if found is None:
            self.say("invalid", f"{name} is a length of time", value.spot, durations.MEND)
            return 1
        return found

    def days(self, value: Value, name: str) -> int:
        """A number of days, or "2 weeks"."""
        if isinstance(value, Scalar) and isinstance(value.value, int) and not isinstance(value.value, bool):
            return value.value
        found = durations.parse_seconds(value.raw) if isinstance(value, Scalar) else None
        if found is None or found % durations.SECONDS["day"]:
            self.say("invalid", f"{name} is a number of days", value.spot, 'Write for example "30 days".')
            return 1
        return found // durations.SECONDS["day"]

    def only(self, table: Table, keys: Iterable[str], of: str) -> None:
        """Note every key that has no meaning here."""
        known = list(keys)
        for key in table.items:
            if key not in known:
                mend = near(key, known) or f"It may have: {', '.join(known)}."
                self.say("invalid", f"{of} has no {key!r}", table.spots.get(key, table.spot), mend)

    # Names

    def tag(self, value: Value) -> int:
        name = self.text(value, "a tag").strip()
        if not name:
            self.say("V09", "the name of the tag is empty", value.spot, "Name a tag.")
            return MISSING
        if len(name) > 100:
            self.say("V15", "the name of a tag has at most 100 characters", value.spot, "Shorten it.")
        return self.names.tag(name)

    def field(self, value: Value) -> int:
        name = self.text(value, "a field")
        found = self.names.field(name)
        if found is None:
            tags = [known.tag for known in self.names.fields.values()]
            self.say("V06", f"the audience has no field {name!r}", value.spot, near(name, tags))
            return MISSING
        return found.field_id

    def group(self, value: Value) -> int:
        name = self.text(value, "a group")
        found = self.names.group(name)
        if len(found) == 1:
            return found[0].group_id
        if found:
            categories = " or ".join(f'"{known.category} / {known.name}"' for known in found)
            self.say("invalid", f"several categories have a group {name!r}", value.spot, f"Write {categories}.")
        else:
            known = [group.name for group in self.names.groups.values()]
            self.say("V06", f"the audience has no group {name!r}", value.spot, near(name, known))
        return MISSING

    def segment(self, value: Value) -> int:
        name = self.text(value, "a segment")
        found = self.names.segment(name)
        if found is None:
            known = self.names.segments.values()
            self.say("V06", f"the audience has no segment {name!r}", value.spot, near(name, known))
            return MISSING
        return found

    def email(self, value: Value) -> int:
        name = self.text(value, "an email")
        found = self.names.message(name)
        if len(found) == 1:
            return found[0]
        if found:
            self.say("invalid", f"several flows of the audience have an email {name!r}", value.spot, "Rename one.")
        else:
            known = [message.name for message in self.names.messages.values()]
            known += self.names.new_messages.values()
            self.say("V06", f"there is no email {name!r} in this flow or its audience", value.spot, near(name, known))
        return MISSING

    def flow(self, value: Value) -> int:
        name = self.text(value, "a flow")
        found = self.names.flow(name)
        if found is None:
            self.say("V06", f"the audience has no flow {name!r}", value.spot, near(name, self.names.flows.values()))
            return MISSING
        return found

    def person(self, value: Value) -> int:
        address = self.text(value, "a colleague").strip()
        found = self.names.person(address)
        if found is None:
            known = self.names.people.values()
            self.say("V06", f"nobody in the account has the address {address!r}", value.spot, near(address, known))
            return MISSING
        return found

    def file(self, value: Scalar) -> str:
        """The text of a file beside the flow file."""
        if self.load is None:
            self.say(
                "invalid", f"{value.raw!r} names a file, and here no files are read", value.spot, "Write it inline."
            )
            return ""
        try:
            return self.load(value.raw)
        except FileNotFoundError:
            self.say("invalid", f"there is no file {value.raw!r}", value.spot, "Paths start from the flow file.")
        except UnicodeDecodeError:
            self.say("invalid", f"the file {value.raw!r} is not UTF-8 text", value.spot, "Save it as UTF-8.")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            self.say("invalid", f"the file {value.raw!r} cannot be read: {why}", value.spot)
        return ""

    # Settings by type

    def settings(self, type_: type[Any], value: Value | None, of: str) -> dict[str, Any]:
        """``value`` None: nothing was written. A kind that needs one setting may be written as that setting alone."""
        fields = fields_of(type_)
        if value is None or (isinstance(value, Scalar) and value.value is None):
            return {}
        if not isinstance(value, Table):
            alone = [one for one in fields if one.required] or (list(fields) if len(fields) == 1 else [])
            if isinstance(value, Scalar) and len(alone) == 1:
                return {alone[0].encode_name: self.typed(alone[0].type, value, alone[0].encode_name)}
            names = ", ".join(one.encode_name for one in fields) or "nothing to set"
            self.say("invalid", f"{of} takes a table", value.spot, f"Settings: {names}.")
            return {}
        self.only(value, [one.encode_name for one in fields], of)
        return {
            one.encode_name: self.typed(one.type, value.items[one.encode_name], one.encode_name)
            for one in fields
            if one.encode_name in value
        }

    def typed(self, type_: inspect.Type, value: Value, name: str) -> Any:
        ref, type_ = unwrapped(type_)
        if ref and ref in _REFS:
            return _REFS[ref](self, value, name)
        match type_:
            case inspect.StrType() | inspect.UUIDType():
                return self.text(value, name)
            case inspect.BoolType():
                return self.boolean(value, name)
            case inspect.IntType():
                return self.whole(value, name)
            case inspect.LiteralType(values):
                return self.one_of(value, name, values)
            case inspect.ListType(item_type):
                return self.many(item_type, value, name)
            case inspect.StructType(cls):
                return self.settings(cls, value, name)
            case _:
                return plain(value)

    def many(self, item_type: inspect.Type, value: Value, name: str) -> list[Any]:
        if isinstance(value, Table | Scalar):
            self.say("invalid", f"{name} is a list", value.spot)
            return []
        return [self.typed(item_type, item, name) for item in value]


def _condition(reader: Reader, value: Value, _: str) -> Any:
    from relance.flows.definition.written_conditions import read_condition

    return read_condition(reader, value)


_REFS: dict[str, Callable[[Reader, Value, str], Any]] = {
    "tag": lambda reader, value, _: reader.tag(value),
    "field": lambda reader, value, _: reader.field(value),
    "group": lambda reader, value, _: reader.group(value),
    "segment": lambda reader, value, _: reader.segment(value),
    "email": lambda reader, value, _: reader.email(value),
    "flow": lambda reader, value, _: reader.flow(value),
    "person": lambda reader, value, _: reader.person(value),
    "duration": lambda reader, value, name: reader.seconds(value, name),
    "link": lambda reader, value, name: reader.text(value, name).strip(),
    "condition": _condition,
}


def fields_of(type_: Any) -> tuple[inspect.Field, ...]:
    return _fields(type_)


@lru_cache(maxsize=256)
def _fields(type_: Any) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(type_)
    assert isinstance(info, inspect.StructType)  # noqa: S101
    return info.fields


def unwrapped(type_: inspect.Type) -> tuple[str, inspect.Type]:
    """(what it refers to, or "", the type itself): without annotations, and without "or nothing"."""
    ref = ""
    while True:
        match type_:
            case inspect.Metadata(inner, _, extra):
                ref = ref or (extra or {}).get("ref", "")
                type_ = inner
            case inspect.UnionType(types):
                left = [one for one in types if not isinstance(one, inspect.NoneType)]
                if len(left) != 1:
                    return ref, type_
                type_ = left[0]
            case _:
                return ref, type_
