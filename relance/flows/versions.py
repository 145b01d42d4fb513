"""Versions of a flow: read, compared, restored as a draft; and a whole flow duplicated (spec/flows.md 5.2, 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from relance.audience import audiences
from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.flows import store
from relance.flows.definition.apply import Applied, apply
from relance.flows.definition.around import read_names
from relance.flows.definition.export import differences, export
from relance.flows.definition.file import read_flow
from relance.flows.definition.model import Definition, read_definition
from relance.flows.kinds import Kinds
from relance.flows.store import Flow
from relance.kernel.errors import Conflict, NotFound

queries = load_queries(__package__, "versions.sql")


def list_versions(tx: Transaction, flow: Flow) -> list[Any]:
    """Rows (version_id, number, published_at, published), the newest first."""
    return tx.rows(queries.versions_of_flow, flow_id=flow.flow_id, version_id=flow.version_id)


def definition_of(tx: Transaction, flow: Flow, number: int) -> Definition:
    """Raises NotFound."""
    document = tx.value(queries.definition_by_number, flow_id=flow.flow_id, number=number)
    if document is None:
        raise NotFound(f"the flow {flow.name!r} has no version {number}", mend="`relance flow versions` lists them.")
    return read_definition(document)


def text_of(tx: Transaction, flow: Flow, number: int | None) -> str:
    """A version as a flow file, with the names that things have now; None: the draft, or what is published."""
    definition = store.definition_of(tx, flow) if number is None else definition_of(tx, flow, number)
    audience = audiences.get(tx, flow.account_id, flow.audience_id)
    return export(flow.name, audience.name, definition, read_names(tx, flow.audience_id, flow.flow_id))


def compare(tx: Transaction, flow: Flow, old: int, new: int | None) -> list[str]:
    """The lines that differ between two versions, as a unified diff; ``new`` None: the draft. Empty: none."""
    names = (f"version {old}", "draft" if new is None else f"version {new}")
    return differences(text_of(tx, flow, old), text_of(tx, flow, new), *names)


def restore(tx: Transaction, now: datetime, flow: Flow, number: int, *, replace: bool = False) -> None:
    """A version becomes the draft. Raises NotFound, and Conflict when the flow is archived, or when its draft holds
    something else that was not published; with ``replace`` that is gone."""
    locked = store.lock_flow(tx, flow.account_id, flow.name)
    if locked is None:
        raise Conflict("an archived flow is final", where=flow.name, mend="Duplicate it instead.")
    definition = definition_of(tx, locked, number)
    if not replace and locked.draft is not None and read_definition(locked.draft) != definition:
        raise Conflict(
            "the draft holds changes that are not published",
            where=locked.name,
            mend=f"`relance flow compare` shows them against version {number}; --replace drops them.",
        )
    same = definition == store.published_of(tx, locked)
    store.save_draft(tx, now, locked.flow_id, locked.name, None if same else definition)


def duplicate(
    tx: Transaction, now: datetime, kinds: Kinds, account_settings: Mapping[str, Any], flow: Flow, name: str = ""
) -> Applied:
    """A new draft with the same triggers, steps and settings, and emails of its own; ids are new, figures are not
    copied. Raises Conflict when ``name`` is taken; without one, a free name is found."""
    if name and store.lock_flow(tx, flow.account_id, name) is not None:
        raise Conflict(f"there is a flow {name!r} already", mend="Choose another name.", code="name_taken")
    audience = audiences.get(tx, flow.account_id, flow.audience_id)
    names = read_names(tx, flow.audience_id, flow.flow_id)
    wanted = name or _free_name(tx, flow)
    text = export(wanted, audience.name, store.definition_of(tx, flow), names)
    return apply(tx, now, kinds, flow.account_id, account_settings, read_flow(text))


def _free_name(tx: Transaction, flow: Flow) -> str:
    taken = {row.name for row in tx.rows(store.queries.names_of_flows, account_id=flow.account_id)}
    numbered = (f"{flow.name[:90]} ({n})" for n in range(2, 1000))
    return next(name for name in numbered if name not in taken)
