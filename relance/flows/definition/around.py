"""What a flow stands in, read from the database: the names of its audience, its sender, the limits of its account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relance.audience import fields, groups, segments, tags
from relance.audience.audiences import Audience
from relance.db.pool import Transaction
from relance.flows import store
from relance.flows.definition.check import Surroundings
from relance.flows.definition.limits import limits_of
from relance.flows.definition.names import NamedField, NamedGroup, NamedMessage, Names
from relance.flows.kinds import Kinds


def read_surroundings(
    tx: Transaction, kinds: Kinds, audience: Audience, account_settings: Mapping[str, Any], flow_id: int | None
) -> Surroundings:
    return Surroundings(
        names=read_names(tx, audience.audience_id, flow_id),
        subjects=kinds.subjects,
        sender=audience.sender,
        limits=limits_of(account_settings),
    )


def read_names(tx: Transaction, audience_id: int, flow_id: int | None) -> Names:
    """The names of the audience, as a flow of it sees them."""
    links: dict[int, dict[int, str]] = {}
    for row in tx.rows(store.queries.links_of_audience, audience_id=audience_id):
        links.setdefault(row.message_id, {})[row.link_id] = row.url
    starts: dict[int, frozenset[int]] = {}
    for row in tx.rows(store.queries.starts_of_audience, audience_id=audience_id):
        starts[row.flow_id] = starts.get(row.flow_id, frozenset()) | {row.started}
    categories = {known.category_id: known.title for known in groups.list_categories(tx, audience_id)}
    return Names(
        tags={known.tag_id: known.name for known in tags.list(tx, audience_id)},
        fields=[
            NamedField(
                known.field_id,
                known.tag,
                known.name,
                known.type,
                bool(known.default_value),
                tuple(known.options.get("choices") or ()),
            )
            for known in fields.list_fields(tx, audience_id)
        ],
        groups=[
            NamedGroup(known.group_id, known.name, known.category_id, categories.get(known.category_id, ""))
            for known in groups.list_groups(tx, audience_id)
        ],
        segments={known.segment_id: known.name for known in segments.list(tx, audience_id)},
        messages=[
            NamedMessage(row.message_id, row.name, row.flow_id, links.get(row.message_id, {}))
            for row in tx.rows(store.queries.messages_of_audience, audience_id=audience_id)
        ],
        flows={row.flow_id: row.name for row in tx.rows(store.queries.flows_of_audience, audience_id=audience_id)},
        elsewhere=[row.name for row in tx.rows(store.queries.flows_elsewhere, audience_id=audience_id)],
        starts=starts,
        people={row.person_id: row.email for row in tx.rows(store.queries.people_around, audience_id=audience_id)},
        flow_id=flow_id,
    )
