"""relance flow …: people taken out by hand, steps paused alone, versions, copies, what the team is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relance.cli.show import AsJson, moment, print_json, print_table

if TYPE_CHECKING:
    from relance.app import App
    from relance.db.pool import Transaction
    from relance.flows.store import Flow

Name = Annotated[str, typer.Argument(help="The flow's name, or its id.", metavar="NAME", show_default=False)]
Who = Annotated[str, typer.Argument(help="The contact's address, or id.", metavar="CONTACT", show_default=False)]
StepOf = Annotated[str, typer.Argument(help="The step's number, label or id.", metavar="STEP", show_default=False)]
Number = Annotated[int, typer.Argument(help="The version's number.", min=1, show_default=False)]


def add_to(app: typer.Typer) -> None:
    app.command("take-out")(take_out)
    app.command("allow")(allow)
    app.command("take-all-out")(take_all_out)
    app.command("reset")(reset)
    app.command("pause-step")(pause_step)
    app.command("resume-step")(resume_step)
    app.command("versions")(versions)
    app.command("compare")(compare)
    app.command("restore")(restore)
    app.command("duplicate")(duplicate)
    app.command("alerts")(alerts)


def take_out(
    name: Name,
    contact: Who,
    again: Annotated[bool, typer.Option("--may-enter-again", help="Keep them off the block list.")] = False,
) -> None:
    """Take one contact out, and keep them out: also in advance, so that they never start."""
    from relance.flows import inside
    from relance.kernel import clock

    with _flow(name) as (_, tx, flow):
        inside.take_out(tx, clock.now(), flow.flow_id, _contact(tx, flow, contact), again=again)
    print(f"{contact} is taken out of {flow.name}" + (" and may enter again." if again else " and kept out."))


def allow(name: Name, contact: Who) -> None:
    """Take one contact off the block list."""
    from relance.flows import inside

    with _flow(name) as (_, tx, flow):
        was = inside.allow_again(tx, flow.flow_id, _contact(tx, flow, contact))
    print(f"{contact} may enter {flow.name} again." if was else f"{contact} was not kept out of {flow.name}.")


def take_all_out(
    name: Name, step: Annotated[str, typer.Option("--step", help="Only those at this step: number, label or id.")] = ""
) -> None:
    """Take everybody out. Blocks nobody from coming again."""
    from relance.flows import inside
    from relance.kernel import clock

    with _flow(name) as (_, tx, flow):
        inside.take_all_out(tx, clock.now(), flow.flow_id, _step(tx, flow, step) if step else None)
    print(f"Everybody{' at that step' if step else ''} leaves {flow.name}.")


def reset(name: Name, contact: Who) -> None:
    """Make a flow forget a contact's past runs, so that re-entry is judged as if they had never been in it."""
    from relance.flows import inside
    from relance.kernel import clock

    with _flow(name) as (_, tx, flow):
        forgotten = inside.reset(tx, clock.now(), flow.flow_id, _contact(tx, flow, contact))
    print(f"{flow.name} has forgotten {forgotten} past runs of {contact}.")


def pause_step(name: Name, step: StepOf) -> None:
    """Pause one step: who reaches it holds there, the rest of the flow goes on."""
    from relance.flows import step_pause
    from relance.kernel import clock

    with _flow(name) as (_, tx, flow):
        step_pause.pause_step(tx, clock.now(), flow.flow_id, _step(tx, flow, step))
    print(f"{flow.name}: step {step} is paused.")


def resume_step(name: Name, step: StepOf) -> None:
    """Let a paused step go on, with those who were held there."""
    from relance.flows import step_pause
    from relance.kernel import clock

    with _flow(name) as (_, tx, flow):
        known = step in map(str, flow.paused_steps)  # Perhaps of an earlier version, which people finish.
        step_id = int(step) if known else _step(tx, flow, step)
        step_pause.resume_step(tx, clock.now(), flow.flow_id, step_id)
    print(f"{flow.name}: step {step} goes on.")


def versions(name: Name, as_json: AsJson = False) -> None:
    """List the versions of a flow, newest first."""
    from relance.flows.versions import list_versions

    with _flow(name) as (_, tx, flow):
        found = list_versions(tx, flow)
    if as_json:
        print_json([one._asdict() for one in found])
        return
    rows = [(one.number, moment(one.published_at), "published" if one.published else "") for one in found]
    print_table(("version", "published (utc)", "now"), rows, "It was never published.")


def compare(
    name: Name, old: Number, new: Annotated[int | None, typer.Argument(help="Another version; else the draft.")] = None
) -> None:
    """Show what differs between two versions, or between a version and the draft, as lines of the flow file."""
    from relance.flows import versions as known

    with _flow(name) as (_, tx, flow):
        lines = known.compare(tx, flow, old, new)
    print("\n".join(lines) if lines else "They are the same.")


def restore(
    name: Name,
    number: Number,
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop what the draft holds and was not published.")
    ] = False,
) -> None:
    """Make a version the draft again; publish it to bring it to life."""
    from relance.flows import versions as known
    from relance.kernel import clock

    with _flow(name) as (_, tx, flow):
        known.restore(tx, clock.now(), flow, number, replace=replace)
    print(f"Version {number} is the draft of {flow.name} now.")


def duplicate(
    name: Name, as_: Annotated[str, typer.Option("--as", help="The copy's name; else one is found.")] = ""
) -> None:
    """Copy a flow as a new draft: triggers, steps, emails and settings, without its figures."""
    from relance.flows import versions as known
    from relance.kernel import clock

    with _flow(name) as (relance, tx, flow):
        made = known.duplicate(tx, clock.now(), relance.kinds, relance.account.settings, flow, as_)
    print(f"{made.name} is a copy of {flow.name} (id {made.flow_id}).")


def alerts(as_json: AsJson = False) -> None:
    """List what the team was told about flows: broken, drained, or quiet for long."""
    from relance.cli.opened import opened
    from relance.flows.alerts import newest

    with opened() as relance, relance.database.transaction() as tx:
        found = newest(tx, relance.account.account_id)
    if as_json:
        print_json([one._asdict() for one in found])
        return
    rows = [(moment(one.at), one.flow, one.kind, "; ".join(_problems(one.data))) for one in found]
    print_table(("at (utc)", "flow", "what", "problems"), rows, "Nothing was told yet.")


def _problems(data: Any) -> list[str]:
    return [f"{one['where']}: {one['what']}" if one["where"] else one["what"] for one in data.get("problems", ())]


@contextmanager
def _flow(name: str) -> Iterator[tuple[App, Transaction, Flow]]:
    from relance.cli.opened import opened
    from relance.flows import store

    with opened() as relance, relance.database.transaction() as tx:
        yield relance, tx, store.get_flow(tx, relance.account.account_id, name)


def _contact(tx: Transaction, flow: Flow, named: str) -> Any:
    """The contact's id; the contact is held."""
    from relance.audience import contacts
    from relance.kernel.errors import NotFound

    contact = contacts.find(tx, flow.audience_id, named, lock=True)
    if contact is None:
        raise NotFound(f"the audience of {flow.name!r} has no contact {named}", mend="Look at the address.")
    return contact.contact_id


def _step(tx: Transaction, flow: Flow, named: str) -> int:
    from relance.flows import store
    from relance.flows.definition.apply import label_of
    from relance.kernel.errors import Conflict, NotFound
    from relance.kernel.text import fold

    definition = store.published_of(tx, flow)
    if definition is None:
        raise Conflict(f"the flow {flow.name!r} was never published", mend="Publish it first.")
    for number, step in enumerate(definition.steps, 1):
        if named in (str(number), str(step.id), step.name) or fold(label_of(step)) == fold(named):
            return step.id
    raise NotFound(f"the published version of {flow.name!r} has no step {named}", mend="`relance flow show` has them.")
