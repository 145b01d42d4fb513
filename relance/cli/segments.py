"""relance segment …: named conditions and who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from relance.cli.show import AsJson, moment, print_json, print_table

if TYPE_CHECKING:
    from relance.app import App
    from relance.audience.audiences import Audience
    from relance.audience.segments import Segment
    from relance.db.pool import Transaction

app = typer.Typer(help="Segments: conditions with a name, and who is in them.", no_args_is_help=True,
                  rich_markup_mode=None)  # fmt: skip

Name = Annotated[str, typer.Argument(help="The segment's name, or its id.", metavar="NAME", show_default=False)]
InAudience = Annotated[str, typer.Option("--audience", help="The audience's name, when there are several.")]
Where = Annotated[str, typer.Option("--where", help="Its condition, as in a flow file: '{tag: vip}'.")]

FIRST = 20


@app.command("list")
def list_(audience: InAudience = "", as_json: AsJson = False) -> None:
    """List the segments with how many are in them."""
    from relance.audience import segments
    from relance.cli.opened import opened

    with opened() as relance, relance.database.transaction() as tx:
        where = _audience(relance, tx, audience)
        rows = [_told(tx, one) for one in segments.list(tx, where.audience_id)]
    if as_json:
        print_json(rows)
        return
    columns = ("name", "members", "filled", "means", "id")
    shown = [[_percent(row[key]) if key == "filled" else row[key] for key in columns] for row in rows]
    print_table(columns, shown, "There is no segment yet: relance segment create NAME --where CONDITION")


@app.command()
def show(name: Name, audience: InAudience = "", as_json: AsJson = False) -> None:
    """Show a segment's condition and its first members."""
    from relance.audience import contacts, segments
    from relance.cli.opened import opened

    with opened() as relance, relance.database.transaction() as tx:
        segment = _segment(tx, _audience(relance, tx, audience), name)
        found = {str(one.contact_id): one for one in segments.members(tx, segment.segment_id, FIRST)}
        people = contacts.find_many(tx, segment.audience_id, found)
        shown = _told(tx, segment)
        shown["first"] = [
            {"contact_id": key, "email": people[key].email if key in people else None, "since": one.joined_at}
            for key, one in found.items()
        ]
    if as_json:
        print_json(shown)
        return
    print(f"{shown['name']} (id {shown['id']}): {shown['members']} in it, {_percent(shown['filled'])} filled")
    print(f"{shown['means']}: {shown['condition']}\n")
    rows = [(one["email"], moment(one["since"]), one["contact_id"]) for one in shown["first"]]
    print_table(("email", "since (utc)", "contact"), rows, "Nobody is in it.")


@app.command()
def create(name: Name, where: Where, audience: InAudience = "", as_json: AsJson = False) -> None:
    """Make a segment of everybody for whom a condition holds. It fills while the server runs."""
    from relance.audience import segments
    from relance.cli.opened import opened
    from relance.flows.definition.segment_condition import written_condition
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        audience_id = _audience(relance, tx, audience).audience_id
        source, objects = written_condition(tx, audience_id, where)
        made = segments.create(tx, clock.now(), audience_id, name, source, relance.kinds.subjects, objects)
        told = _told(tx, made)
    if as_json:
        print_json(told)
    else:
        print(f"{made.name} is made (id {made.segment_id}): {told['means']}.")


@app.command()
def change(
    name: Name,
    where: Annotated[str, typer.Option("--where", help="Another condition: everybody is asked anew.")] = "",
    rename: Annotated[str, typer.Option("--name", help="Another name.")] = "",
    audience: InAudience = "",
) -> None:
    """Give a segment another condition or another name. Neither joining nor leaving is told."""
    from relance.audience import segments
    from relance.cli.opened import opened
    from relance.flows.definition.segment_condition import catalogue_of, written_condition
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        segment = _segment(tx, _audience(relance, tx, audience), name)
        source, objects = None, catalogue_of(tx, segment.audience_id)
        if where:
            source, objects = written_condition(tx, segment.audience_id, where)
        changed = segments.change(
            tx, clock.now(), segment, relance.kinds.subjects, objects, name=rename or None, source=source
        )
        told = _told(tx, changed)
    print(f"{changed.name} (id {changed.segment_id}): {told['means']}.")


@app.command()
def delete(name: Name, audience: InAudience = "") -> None:
    """Delete a segment. Nobody has left it by that; flows that use it break."""
    from relance.audience import segments
    from relance.cli.opened import opened
    from relance.kernel import clock

    with opened() as relance, relance.database.transaction() as tx:
        segment = _segment(tx, _audience(relance, tx, audience), name)
        segments.delete(tx, clock.now(), segment)
    print(f"{segment.name} is deleted.")


def find_audience(tx: Transaction, account_id: int, name: str) -> Audience:
    """The audience of that name, or, without a name, the only one there is. Raises NotFound, Invalid."""
    from relance.audience import audiences
    from relance.kernel.errors import Invalid, NotFound

    if name:
        found = audiences.by_name(tx, account_id, name)
        if found is None:
            raise NotFound(f"there is no audience {name!r}", mend="`relance audiences` lists them.")
        return found
    known = audiences.all(tx, account_id)
    if len(known) != 1:
        raise Invalid(f"there are {len(known)} audiences", mend="Say which one: --audience NAME.")
    return known[0]


def find_segment(tx: Transaction, audience_id: int, name: str) -> Segment:
    """By name, or by id. Raises NotFound."""
    from relance.audience import segments
    from relance.kernel.errors import NotFound

    found = segments.find(tx, audience_id, name)
    if found is None and name.isdecimal():
        found = segments.get(tx, audience_id, int(name))
    if found is None:
        raise NotFound(f"there is no segment {name!r}", mend="`relance segment list` lists them.")
    return found


def _audience(relance: App, tx: Transaction, name: str) -> Audience:
    return find_audience(tx, relance.account.account_id, name)


def _segment(tx: Transaction, audience: Audience, name: str) -> Segment:
    return find_segment(tx, audience.audience_id, name)


def _told(tx: Transaction, segment: Segment) -> dict[str, Any]:
    from relance.audience import segments
    from relance.flows.definition.segment_condition import means, told_condition

    return {
        "id": segment.segment_id,
        "name": segment.name,
        "members": segments.count(tx, segment.segment_id),
        "filled": round(segments.progress(tx, [segment.segment_id]).get(segment.segment_id, 1.0), 4),
        "means": means(tx, segment.audience_id, segment.source),
        "condition": told_condition(tx, segment.audience_id, segment.source),
        "created_at": segment.created_at,
        "changed_at": segment.changed_at,
    }


def _percent(part: float) -> str:
    return f"{part:.0%}"
