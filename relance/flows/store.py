"""Statements about flows: find, list, save a draft, figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from relance.db.pool import Json, Transaction
from relance.db.sql import load_queries
from relance.flows.definition.model import Definition, read_definition, write_definition
from relance.flows.definition.names import near
from relance.kernel.errors import NotFound
from relance.kernel.text import fold

queries = load_queries(__package__)


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``flow``. ``draft`` None: the same as the published version; ``version_id`` None: never published.
    ``state_before``, ``problems``, ``broken_points``: of a broken flow (broken.py)."""

    flow_id: int
    account_id: int
    audience_id: int
    name: str
    state: str
    draft: dict[str, Any] | None
    draft_rev: int
    version_id: int | None
    settings: dict[str, Any]
    created_at: datetime
    changed_at: datetime
    first_live_at: datetime | None
    paused_at: datetime | None
    state_before: str | None = None
    problems: list[dict[str, Any]] = []
    broken_points: list[int] = []
    paused_steps: list[int] = []


def find_flow(tx: Transaction, account_id: int, name: str) -> Flow | None:
    """By name, folded; archived flows only when no other has the name."""
    row = tx.row(queries.flow_by_name, account_id=account_id, folded=fold(name))
    return None if row is None else Flow(**row._asdict())


def get_flow(tx: Transaction, account_id: int, name: str) -> Flow:
    """By name, or by id in digits. Raises NotFound with the nearest name."""
    flow = find_flow(tx, account_id, name)
    if flow is None and name.isascii() and name.isdigit() and len(name) < 16:
        row = tx.row(queries.flow_by_id, account_id=account_id, flow_id=int(name))
        flow = None if row is None else Flow(**row._asdict())
    if flow is None:
        known = [row.name for row in tx.rows(queries.names_of_flows, account_id=account_id)]
        mend = near(name, known) or "`relance flow list` shows the flows there are."
        raise NotFound(f"there is no flow {name!r}.", mend=mend)
    return flow


def lock_flow(tx: Transaction, account_id: int, name: str) -> Flow | None:
    """The flow of that name that is not archived, held until the transaction ends."""
    row = tx.row(queries.lock_flow_by_name, account_id=account_id, folded=fold(name))
    return None if row is None else Flow(**row._asdict())


def list_flows(tx: Transaction, account_id: int, *, archived: bool = False, by_objective: bool = False) -> list[Any]:
    """Rows (flow_id, audience_id, audience, name, state, has_draft, version_id, version, created_at, changed_at,
    first_live_at, objective), by name, or by objective first."""
    return tx.rows(queries.flows_of_account, account_id=account_id, archived=archived, by_objective=by_objective)


def definition_of(tx: Transaction, flow: Flow) -> Definition:
    """What is being edited: the draft, else the published version."""
    if flow.draft is not None:
        return read_definition(flow.draft)
    return published_of(tx, flow) or Definition()


def published_of(tx: Transaction, flow: Flow) -> Definition | None:
    if flow.version_id is None:
        return None
    return read_definition(tx.value(queries.definition_of_version, version_id=flow.version_id))


def insert_flow(
    tx: Transaction, now: datetime, *, flow_id: int, account_id: int, audience_id: int, name: str, draft: Definition
) -> bool:
    """Whether the name was free."""
    count = tx.run(
        queries.insert_flow,
        flow_id=flow_id,
        account_id=account_id,
        audience_id=audience_id,
        name=name,
        folded=fold(name),
        draft=Json(write_definition(draft)),
        now=now,
    )
    return count == 1


def save_draft(tx: Transaction, now: datetime, flow_id: int, name: str, draft: Definition | None) -> None:
    stored = None if draft is None else Json(write_definition(draft))
    tx.run(queries.save_draft, flow_id=flow_id, name=name, draft=stored, now=now)
