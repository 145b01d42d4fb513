"""Make a message and give it content."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from relance.db.pool import Transaction
from relance.db.sql import load_queries
from relance.kernel.errors import NotFound
from relance.kernel.ids import object_id
from relance.kernel.text import fold
from relance.messages.links import link_id
from relance.messages.templates.hrefs import tracked_hrefs
from relance.messages.templates.model import Content

queries = load_queries(__package__)


def create(
    tx: Transaction,
    now: datetime,
    account_id: int,
    audience_id: int,
    flow_id: int | None,
    name: str,
    channel: str = "email",
    *,
    message_id: int | None = None,
) -> int:
    """A message without content (version 0). Returns its id; with one that exists, only the name is set."""
    message_id = message_id or object_id()
    tx.run(
        queries.insert_message,
        message_id=message_id,
        account_id=account_id,
        audience_id=audience_id,
        flow_id=flow_id,
        channel=channel,
        name=name,
        folded=fold(name),
        now=now,
    )
    return message_id


def save(tx: Transaction, now: datetime, message_id: int, content: Content) -> int:
    """The version that has this content: the current one when nothing differs, else a new one. Raises NotFound."""
    row = tx.row(queries.lock_message, message_id=message_id)
    if row is None:
        raise NotFound("there is no such message.", code="no_message")
    version: int = row.version
    if version and content == Content(*row[1:]):
        return version
    version += 1
    tx.run(queries.insert_version, message_id=message_id, version=version, now=now, **asdict(content))
    tx.run(queries.set_version, message_id=message_id, version=version)
    links = {link_id(message_id, href.url): href.stored for href in tracked_hrefs(content.html)}
    tx.run(queries.insert_links, message_id=message_id, link_ids=list(links), urls=list(links.values()))
    return version
