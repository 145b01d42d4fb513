"""relance flow …: flow files, the life of flows, who is where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relance.cli import flow_people
from relance.cli.show import AsJson, print_json, print_table, say

if TYPE_CHECKING:
    from relance.db.pool import Transaction
    from relance.flows.definition.apply import Applied
    from relance.flows.definition.problems import Problem
    from relance.flows.figures import Conversions
    from relance.flows.life import Change
    from relance.flows.resume import Missed
    from relance.flows.store import Flow

app = typer.Typer(help="Flows: files, publication, states, figures.", no_args_is_help=True, rich_markup_mode=None)
flow_people.add_to(app)

File = Annotated[Path, typer.Argument(help="A flow file (YAML).", metavar="FILE", show_default=False)]
Name = Annotated[str, typer.Argument(help="The flow's name, or its id.", metavar="NAME", show_default=False)]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Say everything that is wrong with a flow file, by line. Changes nothing; exit code 2 if it could not go live."""
    from relance.cli.opened import opened
    from relance.flows.definition.apply import check_file
    from relance.flows.definition.file import read_flow_file
    from relance.flows.definition.problems import FlowRefused, refusing

    try:
        written = read_flow_file(file)
        with opened() as relance, relance.database.transaction() as tx:
            found = check_file(tx, relance.kinds, relance.account.account_id, relance.account.settings, written)
    except FlowRefused as refused:
        found = list(refused.problems)
    refused_at = refusing(found, "turn-on")
    if as_json:
        print_json({"file": str(file), "ok": not refused_at, "problems": found})
    else:
        _print_problems(found, f"{file}: ")
    if refused_at:
        raise typer.Exit(2)
    if not as_json:
        print(f"{file}: nothing keeps this flow from going live.")


@app.command()
def apply(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="Although the draft was changed since the file was exported.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make or update the draft of the flow that a file describes, and say how its steps were matched."""
    from relance.cli.opened import opened
    from relance.flows.definition.apply import apply as apply_file
    from relance.flows.definition.file import read_flow_file
    from relance.kernel import clock

    written = read_flow_file(file)
    with opened() as relance, relance.database.transaction() as tx:
        account = relance.account
        applied = apply_file(
            tx, clock.now(), relance.kinds, account.account_id, account.settings, written, replace=replace
        )
    if as_json:
        print_json(applied)
        return
    _print_applied(applied)
    if written.revision not in (None, applied.revision):
        print(f"The draft is at revision {applied.revision}: write that into the file before you apply it again.")


@app.command()
def publish(
    name: Name,
    inside: Annotated[str, typer.Option("--people-inside", help="People inside: move, or finish_old.")] = "move",
    removed: Annotated[
        str,
        typer.Option("--removed-branch", help="People in a branch that is gone: after_join, other_branch or exit."),
    ] = "",
) -> None:
    """Publish the draft: it becomes the version that people go through. A flow that was never live goes live."""
    from relance.flows.placing import DESTINATIONS, INSIDE, People
    from relance.kernel.errors import Invalid

    goes_on = next((one for one in INSIDE if one == inside), None)
    destination = next((one for one in DESTINATIONS if one == removed), None)
    if goes_on is None:
        raise Invalid(f"people inside do not {inside!r}", where="--people-inside", mend=f"Write {', '.join(INSIDE)}.")
    if removed and destination is None:
        mend = f"Write {', '.join(DESTINATIONS)}."
        raise Invalid(f"{removed!r} is no place to go on", where="--removed-branch", mend=mend)
    _live(name, "publish", people=People(goes_on, destination))


@app.command()
def on(
    name: Name,
    matching: Annotated[
        bool, typer.Option("--matching", help="Let in people who match already, little by little.")
    ] = False,
    per_hour: Annotated[int, typer.Option("--per-hour", min=1, help="How many of them an hour.")] = 500,
) -> None:
    """Turn a flow on: publish a first draft, or let a paused or draining flow take people in again. Says how many
    people match already."""
    _live(name, "turn_on")
    _matching(name, per_hour if matching else None)


@app.command()
def resume(
    name: Name,
    late: Annotated[
        str, typer.Option("--late", help="Late messages: skip, all (send them) or end (those runs).")
    ] = "skip",
    days: Annotated[int, typer.Option("--days", min=0, max=1200, help="Late is later than this many days.")] = 3,
    missed: Annotated[bool, typer.Option("--missed", help="Let in who fired a trigger meanwhile.")] = False,
) -> None:
    """From paused or draining to live. Says how many people were missed in the pause."""
    from relance.flows.resume import LATE, Resume
    from relance.flows.resume import missed as count
    from relance.kernel.errors import Invalid

    answer = next((one for one in LATE if one == late), None)
    if answer is None:
        raise Invalid(f"late messages are not {late!r}", where="--late", mend=f"Write {', '.join(LATE)}.")
    _change(name, "resume", looks=True, answers=Resume(answer, days, missed), tell=None if missed else count)


@app.command()
def pause(name: Name) -> None:
    """Nobody enters, and people inside hold where they are."""
    _change(name, "pause")


@app.command()
def drain(name: Name) -> None:
    """Nobody enters any more; people inside go to their end."""
    _change(name, "drain", looks=True)


@app.command()
def archive(name: Name) -> None:
    """End a flow for good: everybody inside leaves, reports are kept."""
    _change(name, "archive")


@app.command()
def delete(name: Name) -> None:
    """Delete a draft that was never live, with its emails. A flow that has been live is archived instead."""
    from relance.cli.opened import opened
    from relance.flows import life, store
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        flow = store.get_flow(tx, relance.account.account_id, name)
        life.delete(tx, clock.now(), flow.flow_id)
    print(f"{flow.name} is deleted.")


@app.command("list")
def list_(
    archived: Annotated[bool, typer.Option("--archived", help="Archived flows too.")] = False,
    by_objective: Annotated[bool, typer.Option("--by-objective", help="Those of one objective together.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the flows with how many people entered and are inside."""
    from relance.cli.opened import opened
    from relance.flows import store
    from relance.flows.figures import Totals, totals

    with opened() as relance, relance.database.transaction() as tx:
        flows = store.list_flows(tx, relance.account.account_id, archived=archived, by_objective=by_objective)
        counts = totals(tx, relance.account.account_id, [flow.flow_id for flow in flows])
    rows = []
    for flow in flows:
        total = counts.get(flow.flow_id, Totals())
        rows.append(
            {
                "id": flow.flow_id,
                "name": flow.name,
                "audience": flow.audience,
                "objective": flow.objective or "",
                "state": flow.state,
                "version": flow.version,
                "draft": flow.has_draft,
                "entered": total.entered,
                "here_now": total.inside,
                "completed": total.completed,
                "changed_at": flow.changed_at,
            }
        )
    if as_json:
        print_json(rows)
        return
    columns = ("name", "state", "version", "draft", "entered", "here_now", "completed", "audience", "objective")
    shown = [[("yes" if row[key] else "no") if key == "draft" else row[key] for key in columns] for row in rows]
    titles = [column.replace("_", " ") for column in columns]
    print_table(titles, shown, "There is no flow yet: relance flow apply FILE.yaml")


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a flow's triggers and steps, with how many people arrived, passed and are there now."""
    from relance.cli.opened import opened
    from relance.flows import store

    with opened() as relance, relance.database.transaction() as tx:
        flow = store.get_flow(tx, relance.account.account_id, name)
        shown = _described(tx, flow)
    if as_json:
        print_json(shown)
    else:
        _print_flow(shown)


@app.command()
def add(
    name: Name,
    email: Annotated[str, typer.Argument(help="The contact's address, or id.")] = "",
    segment: Annotated[str, typer.Option("--segment", help="Everybody who is in this segment now.")] = "",
) -> None:
    """Add one contact, or a segment's members, to a live flow by hand; `relance why` tells what came of it."""
    from relance.audience import contacts
    from relance.cli.opened import opened
    from relance.flows import life, store
    from relance.kernel import clock
    from relance.kernel.errors import Invalid, NotFound

    if bool(email) == bool(segment):
        raise Invalid("either a contact or --segment is added", mend="Name one of the two.")
    if segment:
        _add_segment(name, segment)
        return
    with opened() as relance, relance.database.transaction() as tx:
        flow = store.get_flow(tx, relance.account.account_id, name)
        contact = contacts.find(tx, flow.audience_id, email)
        if contact is None:
            raise NotFound(f"the audience of {flow.name!r} has no contact {email}", mend="Look at the address.")
        life.add_by_hand(tx, clock.now(), flow.flow_id, contact.contact_id)
    print(f"{email} is on the way into {flow.name}.")


@app.command()
def export(
    name: Name,
    published: Annotated[bool, typer.Option("--published", help="The published version, not the draft.")] = False,
) -> None:
    """Print a flow as a flow file, with names in place of ids, and the revision of its draft."""
    from relance.audience import audiences
    from relance.cli.opened import opened
    from relance.flows import store
    from relance.flows.definition.around import read_names
    from relance.flows.definition.export import export as write
    from relance.kernel.errors import Conflict

    with opened() as relance, relance.database.transaction() as tx:
        flow = store.get_flow(tx, relance.account.account_id, name)
        definition = store.published_of(tx, flow) if published else store.definition_of(tx, flow)
        if definition is None:
            raise Conflict(f"the flow {flow.name!r} was never published", mend="Leave --published out.")
        audience = audiences.get(tx, flow.account_id, flow.audience_id)
        names = read_names(tx, flow.audience_id, flow.flow_id)
        text = write(flow.name, audience.name, definition, names, flow.draft_rev)
    print(text, end="")


# What commands share


def _add_segment(name: str, segment_name: str) -> None:
    from uuid import uuid4

    from relance.cli.opened import opened
    from relance.cli.segments import find_segment
    from relance.flows import store
    from relance.flows.add_segment import add_segment, already_through

    with opened() as relance:
        with relance.database.transaction() as tx:
            flow = store.get_flow(tx, relance.account.account_id, name)
            segment = find_segment(tx, flow.audience_id, segment_name)
            through = already_through(tx, flow.flow_id, segment.segment_id)
        added = add_segment(relance.database, flow.flow_id, segment.segment_id, str(uuid4()))
    print(f"{added} of {segment.name} are on the way into {flow.name}; {through} had already been through.")


def _matching(name: str, per_hour: int | None) -> None:
    """People who match already: let in, or told of."""
    from relance.cli.opened import opened
    from relance.flows import backfill, store
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        flow, now = store.get_flow(tx, relance.account.account_id, name), clock.now()
        definition = store.published_of(tx, flow)
        conditions = definition and backfill.conditions_of(tx, relance.kinds, flow.audience_id, definition)
        if not conditions:
            return
        if per_hour:
            backfill.let_matching_in(tx, now, flow.flow_id, list(conditions), per_hour)
        found = backfill.count_matching(tx, relance.conditions, flow.audience_id, conditions, now)
    count = f"{'' if found.whole else 'more than '}{found.people} people match already"
    told = f"and are let in, {per_hour} an hour" if per_hour else "and stay out; --matching lets them in"
    print(f"{count} {told}.")


def _live(name: str, verb: str, **more: Any) -> None:
    """Publish or turn on, after the checks."""
    from relance.cli.opened import opened
    from relance.flows import life, store
    from relance.flows.definition.apply import check_turn_on
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        flow = store.get_flow(tx, relance.account.account_id, name)
        resumes = verb == "turn_on" and flow.state != "draft"
        found = check_turn_on(tx, relance.kinds, relance.account.settings, flow, published=resumes)
        change = getattr(life, verb)(tx, clock.now(), relance.kinds, flow.flow_id, **more)
    _print_problems(found, "")
    _print_change(flow, change)


def _change(
    name: str, verb: str, *, looks: bool = False, tell: Callable[..., Missed] | None = None, **more: Any
) -> None:
    """``looks``: what comes out of a pause is looked at, so the use case is handed the kinds."""
    from relance.cli.opened import opened
    from relance.flows import life, store
    from relance.flows.definition.apply import check_turn_on
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        flow = store.get_flow(tx, relance.account.account_id, name)
        if verb == "resume":
            check_turn_on(tx, relance.kinds, relance.account.settings, flow, published=True)
        act: Callable[..., Change] = getattr(life, verb)
        left_out = tell(tx, flow) if tell else None
        kinds = (relance.kinds,) if looks else ()
        change = act(tx, clock.now(), *kinds, flow.flow_id, **more)
    _print_change(flow, change)
    if left_out and left_out.people:
        more_than = "" if left_out.whole else "more than "
        print(f"{more_than}{left_out.people} people fired a trigger meanwhile and stay out; --missed lets them in.")


def _print_change(flow: Flow, change: Change) -> None:
    published = ", with a new version published" if change.version_id else ""
    became = f"is {change.new} now" if change.old != change.new else f"is {change.new}"
    print(f"{flow.name} {became}{published}.")


def _print_problems(found: Sequence[Problem], prefix: str) -> None:
    for one in found:
        sort = {"save": "error", "turn-on": "keeps it from going live", "warning": "note"}[one.at]
        say(f"{prefix}{one} ({sort})")


def _print_applied(applied: Applied) -> None:
    done = "made as a draft" if applied.created else "saved as a draft" if applied.changed else "unchanged"
    print(f"{applied.name}: {done} ({applied.state}, id {applied.flow_id}).")
    print_table(
        ("step", "kind", "label", "matched", "id"),
        [(match.number, match.kind, match.label, match.how, match.step_id) for match in applied.matches],
        "It has no steps yet.",
    )
    for removed in applied.removed:
        print(f"removed: {removed.kind} {removed.label} (id {removed.step_id})")
    for name in applied.created_tags:
        print(f"new tag: {name}")
    _print_problems(applied.problems, "")


def _described(tx: Transaction, flow: Flow) -> dict[str, Any]:
    """A flow with its figures: those of a step run over all versions."""
    from relance.flows import store
    from relance.flows.definition.apply import label_of
    from relance.flows.figures import conversions, figures
    from relance.kernel import clock

    definition = store.definition_of(tx, flow)
    counted = figures(tx, flow.account_id, flow.flow_id)
    goal = definition.settings.goal
    reached = conversions(tx, clock.now(), flow.account_id, flow.flow_id, goal.within) if goal else None
    steps = []
    for number, step in enumerate(definition.steps, 1):
        here = counted.step(step.id)
        steps.append(
            {
                "number": number,
                "id": step.id,
                "kind": step.kind,
                "label": label_of(step),
                "arrived": here.arrived,
                "passed": here.passed,
                "here_now": here.here,
                "paused": step.id in flow.paused_steps,
                "codes": {code: n for code, n in sorted(here.codes.items()) if code[:1] in "SBX"},
                "outcomes": step.outcomes,
            }
        )
    return {
        "id": flow.flow_id,
        "name": flow.name,
        "state": flow.state,
        "problems": flow.problems,
        "audience_id": flow.audience_id,
        "objective": definition.settings.objective,
        "draft": flow.draft is not None,
        "published": flow.version_id is not None,
        "entered": counted.totals.entered,
        "here_now": counted.totals.inside,
        "completed": counted.totals.completed,
        "exited": counted.ended(),
        "not_entered": counted.not_entered(),
        "conversions": _conversions(reached) if reached else None,
        "triggers": [
            {"id": trigger.id, "kind": trigger.kind, "settings": trigger.settings} for trigger in definition.triggers
        ],
        "steps": steps,
        "paused_elsewhere": sorted(set(flow.paused_steps) - {step.id for step in definition.steps}),
    }


def _conversions(found: Conversions) -> dict[str, Any]:
    lift = found.lift
    return {
        "entered": {"people": found.entered.people, "converted": found.entered.converted, "rate": found.entered.share},
        "held_out": {
            "people": found.held_out.people,
            "converted": found.held_out.converted,
            "rate": found.held_out.share,
            "all": found.people_held_out,
        },
        "lift": {"difference": lift.difference, "low": lift.low, "high": lift.high} if lift else None,
    }


def _print_flow(shown: dict[str, Any]) -> None:
    draft = "with a draft" if shown["draft"] else "without a draft"
    paused = sum(step["paused"] for step in shown["steps"])
    alone = f", {paused} step{'s' if paused > 1 else ''} paused" if paused else ""
    print(f"{shown['name']} (id {shown['id']}): {shown['state']}{alone}, {draft}")
    if shown["objective"]:
        print(f"objective: {shown['objective']}")
    for one in shown["problems"]:
        print(f"  {one['code']}: {one['where']}: {one['what']}")
    for step_id in shown["paused_elsewhere"]:
        print(f"  step {step_id} of another version is paused: relance flow resume-step lets it go on")
    print(f"entered {shown['entered']}, here now {shown['here_now']}, completed {shown['completed']}")
    for title, key in (("exited", "exited"), ("not entered", "not_entered")):
        if shown[key]:
            print(f"{title}: {_counts(shown[key])}")
    if shown["conversions"]:
        _print_conversions(shown["conversions"])
    print()
    print_table(("trigger", "id"), [(one["kind"], one["id"]) for one in shown["triggers"]], "No trigger.")
    print()
    print_table(
        ("step", "kind", "label", "arrived", "passed", "here now", "codes", "id"),
        [
            (
                one["number"],
                one["kind"] + (" (paused)" if one["paused"] else ""),
                one["label"],
                one["arrived"],
                one["passed"],
                one["here_now"],
                _counts(one["codes"]),
                one["id"],
            )
            for one in shown["steps"]
        ],
        "No step.",
    )


def _print_conversions(found: dict[str, Any]) -> None:
    """Rates are of people whose time to reach the goal is over, or who have."""
    sides = [("entered", found["entered"])] + ([("held out", found["held_out"])] if found["held_out"]["all"] else [])
    told = [
        f"{name} {side['converted']} of {side['people']}" + ("" if side["rate"] is None else f" ({side['rate']:.1%})")
        for name, side in sides
    ]
    print(f"reached the goal: {', '.join(told)}")
    if found["held_out"]["all"]:
        lift = found["lift"]
        told_lift = (
            f"{100 * lift['difference']:+.1f} points ({100 * lift['low']:+.1f} to {100 * lift['high']:+.1f})"
            if lift
            else "too few to tell"
        )
        print(f"lift: {told_lift}")


def _counts(codes: dict[str, int]) -> str:
    return ", ".join(f"{code} {n}" for code, n in codes.items())
