"""Commands that only look: why, messages, triggers, steps, audiences, reconcile, doctor."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from relance.cli.show import AsJson, moment, print_json, print_table, say


def add_to(root: typer.Typer) -> None:
    root.command("why")(why)
    root.command("messages")(messages)
    root.command("triggers")(triggers)
    root.command("steps")(steps)
    root.command("audiences")(audiences)
    root.command("reconcile")(reconcile)
    root.command("doctor")(doctor)


def why(
    flow: Annotated[str, typer.Option("--flow", help="The flow's name, or its id.")],
    contact: Annotated[str, typer.Option("--contact", help="The contact's address, or id.")],
    as_json: AsJson = False,
) -> None:
    """Every decision about a contact in a flow: when, which code, and the values looked at."""
    from relance.audience import contacts
    from relance.cli.opened import opened
    from relance.flows import store
    from relance.flows.engine.inspect import why as decisions
    from relance.kernel.errors import NotFound

    with opened() as relance, relance.database.transaction() as tx:
        chosen = store.get_flow(tx, relance.account.account_id, flow)
        found = contacts.find(tx, chosen.audience_id, contact)
        if found is None:
            raise NotFound(f"the audience of {chosen.name!r} has no contact {contact}", mend="Look at the address.")
        trail = decisions(tx, chosen.flow_id, found.contact_id)
    if as_json:
        print_json(trail)
        return
    rows = [(moment(one.at), one.code, one.meaning, one.step or one.event_kind, _seen(one.seen)) for one in trail]
    print_table(("at (utc)", "code", "meaning", "where", "seen"), rows, "Nothing was decided yet.")


def _seen(values: Any) -> str:
    import msgspec

    return msgspec.json.encode(values).decode() if values else ""


def messages(
    to: Annotated[str | None, typer.Option("--to", help="Only those for this address.", metavar="ADDRESS")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List deliveries with their state and code, newest first."""
    from relance.cli.opened import opened
    from relance.messages.browse import newest

    with opened() as relance, relance.database.transaction() as tx:
        found = newest(tx, relance.account.account_id, to=to, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [(one.queued_at, one.state, one.code, one.address, one.message, one.flow) for one in found]
    print_table(("queued (utc)", "state", "code", "to", "message", "flow"), rows, "No message yet.")


def triggers(as_json: AsJson = False) -> None:
    """List the kinds of triggers with their settings."""
    from relance.flows.triggers.registry import TRIGGERS

    kinds: list[dict[str, Any]] = [
        {
            "key": kind.key,
            "number": kind.number,
            "labels": {"en": kind.label.en, "fr": kind.label.fr},
            "family": kind.family,
            "wakes": kind.wakes,
            "settings": _schema(kind.settings),
        }
        for kind in TRIGGERS
    ]
    if as_json:
        print_json(kinds)
        return
    rows = [(one["number"], one["key"], one["labels"]["en"], one["family"], _named(one["settings"])) for one in kinds]
    print_table(("number", "key", "label", "family", "settings"), rows, "None.")


def steps(as_json: AsJson = False) -> None:
    """List the kinds of steps with their settings."""
    from relance.flows.steps.registry import STEPS

    kinds: list[dict[str, Any]] = [
        {
            "key": kind.key,
            "labels": {"en": kind.label.en, "fr": kind.label.fr},
            "family": kind.family,
            "settings": _schema(kind.settings),
        }
        for kind in STEPS
    ]
    if as_json:
        print_json(kinds)
        return
    rows = [(one["key"], one["labels"]["en"], one["family"], _named(one["settings"])) for one in kinds]
    print_table(("key", "label", "family", "settings"), rows, "None.")


def _schema(settings: type[Any]) -> dict[str, Any]:
    """JSON Schema of a kind's settings, with what it refers to written out in place. A setting that names an object
    says so in ``x-ref``: it is stored as an id and written as a name."""
    import msgspec

    from relance.flows.definition.reader import fields_of, unwrapped

    (schema,), parts = msgspec.json.schema_components([settings], ref_template="#/$defs/{name}")
    filled: dict[str, Any] = _inlined(schema, parts)
    for one in fields_of(settings):
        ref, _ = unwrapped(one.type)
        if ref and one.encode_name in filled.get("properties", {}):
            filled["properties"][one.encode_name]["x-ref"] = ref
    return filled


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    ref = schema.get("$ref")
    if isinstance(ref, str):
        return _inlined(parts[ref.removeprefix("#/$defs/")], parts)
    # Titles and descriptions are those of the code.
    return {key: _inlined(value, parts) for key, value in schema.items() if key not in ("title", "description")}


def _named(schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    return ", ".join(name if name in required else f"[{name}]" for name in schema.get("properties", {}))


def audiences(as_json: AsJson = False) -> None:
    """List the audiences."""
    from relance.audience import audiences as known
    from relance.cli.opened import opened
    from relance.kernel.ids import hex_id

    with opened() as relance, relance.database.transaction() as tx:
        found = known.all(tx, relance.account.account_id)
    rows = [
        {
            "id": hex_id(one.audience_id),
            "name": one.name,
            "language": one.language,
            "double_opt_in": one.double_opt_in,
            "sender": dict(one.sender),
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    shown = [
        (one["id"], one["name"], one["language"], found[at].sender.get("from_email")) for at, one in enumerate(rows)
    ]
    print_table(("id", "name", "language", "sender"), shown, "No audience yet.")


def reconcile(as_json: AsJson = False) -> None:
    """Prove the accounting: nothing lost, nothing doubled. Exit code 1 when anything does not close."""
    from relance.cli.opened import opened
    from relance.flows.engine.reconcile import reconcile as prove
    from relance.flows.engine.reconcile import waiting

    with opened() as relance, relance.database.transaction() as tx:
        checks = prove(tx, relance.account.account_id)
        unjudged = waiting(tx)
    closes = all(check.closes for check in checks)
    if as_json:
        lines = [
            {"name": check.name, "counted": check.counted, "closes": check.closes, "gaps": check.gaps}
            for check in checks
        ]
        print_json({"closes": closes, "waiting_events": unjudged, "checks": lines})
    else:
        for check in checks:
            print(f"{'closes' if check.closes else 'DOES NOT CLOSE':<16}{check.counted:>12,}  {check.name}")
            for gap in check.gaps:
                print(f"{'':<16}{'':>12}  {gap}")
        print(f"{unjudged:,} events wait to be judged.")
    if not closes:
        say("The accounting does not close. Run it again on a quiet system, then report the lines above.")
        raise typer.Exit(1)


def doctor(as_json: AsJson = False) -> None:
    """Look at everything that Relance needs, with a hint for what is wrong. Exit code 1 when something is."""
    from relance.cli.doctor import examine

    found = examine()
    if as_json:
        print_json(found)
    else:
        for number, one in enumerate(found, 1):
            print(f"{number:>2}. {one.state:<5} {one.name}: {one.told}")
            if one.hint:
                print(f"          {one.hint}")
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(1)
