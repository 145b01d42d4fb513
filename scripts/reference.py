"""Write docs/reference from what the code declares. tests/house/test_reference.py fails when a page is stale.

.venv/bin/python scripts/reference.py
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect as shapes
from reference_words import MERGE_TAGS

from relance.accounts.settings import MEANINGS as ACCOUNT_MEANINGS
from relance.accounts.settings import OWN
from relance.accounts.settings import SETTINGS as ACCOUNT_SETTINGS
from relance.config import SETTINGS
from relance.events.model import EventKind
from relance.flows.engine.words import CODES
from relance.flows.steps.registry import STEPS
from relance.flows.triggers.registry import TRIGGERS
from relance.kernel import errors as kernel_errors
from relance.kernel.errors import RelanceError
from relance.kernel.log_actions import ACTIONS
from relance.messages.merge.words import FIXED_TAGS, USUAL_FIELDS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Written by `make reference` from the code's declarations. Change those, not this page. -->\n\n"

Row = Sequence[object]


def pages() -> dict[str, str]:
    """Every page by file name."""
    made = {
        "triggers.md": triggers(),
        "steps.md": steps(),
        "events.md": events(),
        "codes.md": codes(),
        "errors.md": errors(),
        "settings.md": settings(),
        "account-settings.md": account_settings(),
        "commands.md": commands(),
        "merge-tags.md": merge_tags(),
        "logs.md": logs(),
    }
    return {name: f"{MADE}{text.strip()}\n" for name, text in made.items()}


def triggers() -> str:
    parts = [
        "# Triggers",
        "What lets a contact into a flow. In a flow file a trigger is its key with its settings; "
        "`relance triggers --json` prints the same list.",
    ]
    for kind in TRIGGERS:
        parts += [
            f"## `{kind.key}`",
            f"{kind.label.en} · {kind.label.fr}",
            table(
                ("Family", "Woken by", "Contacts", "May not stand beside"),
                [
                    (
                        kind.family,
                        kind.wakes,
                        "subscribed" if kind.who == "sub" else "any",
                        ", ".join(f"`{key}`" for key in sorted(kind.excludes | kind.excludes_steps)) or "–",
                    )
                ],
            ),
            *told(kind.settings),
            f"A sample of what fires it:\n\n```json\n{sample(kind.sample())}\n```",
        ]
    return "\n\n".join(parts)


def steps() -> str:
    parts = ["# Steps", "What a flow does, one after the other. `relance steps --json` prints the same list."]
    for kind in STEPS:
        parts += [f"## `{kind.key}`", f"{kind.label.en} · {kind.label.fr} ({kind.family})", *told(kind.settings)]
    return "\n\n".join(parts)


def events() -> str:
    parts = [
        "# Events",
        "Every kind of fact in the ledger, with what it carries. *Heard* tells what the key of a subscription is; "
        "a kind that nobody can listen to is kept and never judged.",
    ]
    for kind in sorted(event_kinds(), key=lambda kind: kind.key):
        heard = f"by `{kind.match}`" if kind.match else "every one"
        parts += [f"## `{kind.key}`", f"Heard: {heard if kind.wakes else 'never'}.", *told(kind.payload)]
    return "\n\n".join(parts)


def codes() -> str:
    rows = [(f"`{code}`", name, label.en, label.fr) for code, (name, label) in sorted(CODES.items())]
    return "\n\n".join(
        [
            "# Decision codes",
            "The closed list of reasons that `relance why` gives: E for entering, W for waiting, B for branches and "
            "actions, S for sending, X for the end of a run.",
            table(("Code", "Name", "Meaning", "En français"), rows),
        ]
    )


def errors() -> str:
    rows = [
        (f"`{kind.code}`", kind.__name__, first_line(kind), "yes" if kind.retry else "no") for kind in error_sorts()
    ]
    said = sorted(said_with_codes().items())
    return "\n\n".join(
        [
            "# Errors",
            "An error has a stable code. Its message says what was wrong, where, and how to mend it.",
            "## Sorts",
            table(("Code", "Name", "When", "A retry may help"), rows),
            "## Particular codes",
            table(("Code", "Said as"), [(f"`{code}`", "<br>".join(sorted(texts))) for code, texts in said]),
        ]
    )


def settings() -> str:
    rows = []
    for one in SETTINGS:
        name = f"`{one.name}`" + (f", `{one.name}_FILE`" if one.secret else "")
        rows.append((name, one.default or "–", one.meaning))
    return "\n\n".join(
        [
            "# Settings",
            "Read from the environment when a process starts. The `_FILE` form names a file that holds the value.",
            table(("Variable", "When it is not set", "Meaning"), rows),
        ]
    )


def account_settings() -> str:
    own = [(f"`{key}`", "–", ACCOUNT_MEANINGS[key]) for key in OWN]
    rows = own + [(f"`{one.key}`", f"`{one.usual}`", one.meaning) for one in ACCOUNT_SETTINGS]
    return "\n\n".join(
        [
            "# Account settings",
            "What holds for the whole account: `relance account show` lists them, `relance account set KEY VALUE` "
            "changes one, `relance account unset KEY` goes back to what is usual. A value that does not fit is refused "
            "with how to write it. A change also holds for people who wait for a moment already.",
            table(("Key", "Usual", "Meaning"), rows),
        ]
    )


def commands() -> str:
    parts = ["# Commands", "The command of a clone is `.venv/bin/relance`."]
    for path, command in sorted(command_tree()):
        parts += [f"## `{' '.join(path)}`", inspect.cleandoc(command.help or "").replace("\f", "").strip()]
        rows = [_parameter(one) for one in command.params if not getattr(one, "hidden", False) and one.name != "help"]
        if rows:
            parts.append(table(("Argument", "Meaning"), rows))
    return "\n\n".join(part for part in parts if part)


def merge_tags() -> str:
    missing = sorted(set(FIXED_TAGS) - set(MERGE_TAGS))
    if missing:
        raise SystemExit(f"say what these merge tags print, in scripts/reference_words.py: {', '.join(missing)}")
    rows = [(f"`*|{tag}|*`", MERGE_TAGS[tag]) for tag in FIXED_TAGS]
    usual = ", ".join(f"`{tag}`" for tag in USUAL_FIELDS)
    return "\n\n".join(
        [
            "# Merge tags",
            f"Every field of the audience has its own tag ({usual} and others). A default follows a colon: "
            "`*|FNAME:there|*`. Before the tag may stand `HTML:`, `URL:`, `UPPER:`, `LOWER:` or `TITLE:`. A tag that "
            "is not known is refused when the message is saved, with the nearest known name.",
            table(("Tag", "What it prints"), rows),
        ]
    )


def logs() -> str:
    rows = [
        (f"`{one.name}`", one.level, one.meaning, ", ".join(f"`{name}`" for name in one.fields) or "–")
        for one in ACTIONS.values()
    ]
    return "\n\n".join(
        [
            "# Logs",
            "Every action that stands in the logs, with its fields; the names stay. How logs are read and set: "
            "[operate/logs](../operate/logs.md).",
            table(("Action", "Level", "Meaning", "Fields"), rows),
        ]
    )


# ── Reading declarations ──────────────────────────────────────────────────────────────────────────────────────────────


def event_kinds() -> list[EventKind]:
    """From every events.py there is: those of the features that have one."""
    found = []
    for path in sorted((ROOT / "relance").rglob("events.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found += list(getattr(importlib.import_module(name), "KINDS", ()))
    return found


def told(struct: type[msgspec.Struct]) -> Iterator[str]:
    """The docstring and the fields of a typed declaration."""
    info = shapes.type_info(struct)
    assert isinstance(info, shapes.StructType)
    if info.fields:
        if own := struct.__dict__.get("__doc__"):
            yield inspect.cleandoc(own).replace("``", "`")
        rows = [(f"`{one.encode_name}`", words(one.type), default(one)) for one in info.fields]
        yield table(("Name", "Type", "Default"), rows)
    else:
        yield "Nothing to set."


def default(one: shapes.Field) -> str:
    if one.required:
        return "required"
    value = one.default if one.default is not msgspec.NODEFAULT else one.default_factory()  # type: ignore[operator]
    return f"`{msgspec.json.encode(value).decode()}`"


WORDS: list[tuple[type, Callable[[Any], str]]] = [
    (shapes.Metadata, lambda t: t.extra["ref"] if t.extra and "ref" in t.extra else words(t.type)),
    (shapes.UnionType, lambda t: " or ".join(words(one) for one in t.types)),
    (shapes.LiteralType, lambda t: ", ".join(f"`{value}`" for value in t.values)),
    (shapes.ListType, lambda t: f"list of {words(t.item_type)}"),
    (shapes.StructType, lambda t: "; ".join(f"`{one.encode_name}`: {words(one.type)}" for one in t.fields)),
    (shapes.IntType, lambda t: "number" + limits(t.ge, t.le)),
    (shapes.StrType, lambda t: "text" + limits(t.min_length, t.max_length, " characters")),
    (shapes.BoolType, lambda _: "yes or no"),
    (shapes.NoneType, lambda _: "nothing"),
    (shapes.FloatType, lambda _: "number"),
    (shapes.DateTimeType, lambda _: "instant"),
    (shapes.UUIDType, lambda _: "id"),
    (shapes.DictType, lambda _: "object"),
    (shapes.AnyType, lambda _: "any value"),
]


def words(kind: shapes.Type) -> str:
    for sort, say in WORDS:
        if isinstance(kind, sort):
            return say(kind)
    return type(kind).__name__.removesuffix("Type").lower()


def limits(least: int | None, most: int | None, unit: str = "") -> str:
    if most is None:
        return f", {least} or more{unit}" if least else ""
    return f", {least or 0} to {most}{unit}"


def sample(payload: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(payload), indent=2).decode()


def error_sorts() -> list[type[RelanceError]]:
    """The base and everything derived from it, found by the names of the bases so that nothing else is loaded."""
    sorts: dict[str, type[RelanceError]] = {RelanceError.__name__: RelanceError}
    for name in vars(kernel_errors):
        if inspect.isclass(kind := getattr(kernel_errors, name)) and issubclass(kind, RelanceError):
            sorts[name] = kind
    for path in sorted((ROOT / "relance").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in sorts for b in node.bases):
                sorts.setdefault(node.name, getattr(importlib.import_module(module), node.name))
    return sorted(sorts.values(), key=lambda kind: (kind.code, kind.__name__))


CODE = re.compile(r"[a-z][a-z_]+|V\d\d")


def said_with_codes() -> dict[str, set[str]]:
    """Code → the sentences it is said with, from every call that names a code."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "relance").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (said := _code_and_text(node)):
                found.setdefault(said[0], set()).add(said[1])
    return found


def _code_and_text(call: ast.Call) -> tuple[str, str] | None:
    named = [word.value for word in call.keywords if word.arg == "code"]
    texts = [text for one in call.args if (text := sentence(one)) is not None]
    if named and isinstance(named[0], ast.Constant) and isinstance(named[0].value, str) and texts:
        return (named[0].value, texts[0]) if CODE.fullmatch(named[0].value) else None
    if len(texts) > 1 and re.fullmatch(r"V\d\d", texts[0]) and " " in texts[1]:
        return texts[0], texts[1]
    return None


def sentence(node: ast.expr) -> str | None:
    """A text as its reader sees it, with … for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None


def command_tree() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with its path. Nothing while there is no command line."""
    import typer

    if not (ROOT / "relance" / "cli" / "__init__.py").is_file():
        return
    from relance import cli

    def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        below = getattr(command, "commands", None)
        if not below:
            yield path, command
        for name, one in (below or {}).items():
            if not one.hidden:
                yield from walk((*path, name), one)

    root = next(value for value in vars(cli).values() if isinstance(value, typer.Typer))
    yield from walk(("relance",), typer.main.get_command(root))


def _parameter(one: Any) -> Row:
    if one.param_type_name == "argument":
        return f"`{(one.metavar or one.name).upper()}`", getattr(one, "help", None) or (
            "" if one.required else "optional"
        )
    return ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts)), one.help or ""


# ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def table(head: Row, rows: Sequence[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def cell(value: object) -> str:
    """One line. A bar inside code is one of the few things that break a table, and merge tags are full of them."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(str(value).split()))


def first_line(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()).replace("``", "`")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
