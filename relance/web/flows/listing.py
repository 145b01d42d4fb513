"""Which flows run: tabs by state, search, one row a flow."""

from __future__ import annotations

from typing import Any

import msgspec

from relance.db.pool import Transaction
from relance.flows.definition.model import Trigger
from relance.flows.figures import Totals, totals
from relance.kernel.text import fold
from relance.web.flows.find import Names, queries
from relance.web.flows.words import STATES, Words
from relance.web.language import mark
from relance.web.visit import Page, Visit

MOST = 200

TABS = {
    "all": (mark("All"), ("draft", "live", "paused", "draining", "broken")),
    "live": (mark("Live"), ("live", "draining", "broken")),
    "paused": (mark("Paused"), ("paused",)),
    "draft": (mark("Draft"), ("draft",)),
    "archived": (mark("Archived"), ("archived",)),
}


def show(visit: Visit, tx: Transaction) -> Page:
    chosen = visit.query.get("state", "all")
    chosen = chosen if chosen in TABS else "all"
    wanted = visit.query.get("q", "").strip()[:100]
    rows = tx.rows(
        queries.flows_of_account,
        account_id=visit.account_id,
        states=list(TABS[chosen][1]),
        wanted=fold(wanted),
        limit=MOST + 1,
    )
    counts = {row.state: row.n for row in tx.rows(queries.states_of_account, account_id=visit.account_id)}
    figures = totals(tx, visit.account_id, [row.flow_id for row in rows])
    names = {row.audience_id: Names(tx, row.audience_id) for row in rows}
    flows = [_row(visit, row, figures.get(row.flow_id, Totals()), names[row.audience_id]) for row in rows[:MOST]]
    tabs = [
        {"key": key, "word": visit.say(word), "n": sum(counts.get(state, 0) for state in states)}
        for key, (word, states) in TABS.items()
    ]
    return Page(
        "flows/list.html",
        {
            "section": "flows", "tabs": tabs, "chosen": chosen, "wanted": wanted, "flows": flows,
            "any": bool(counts), "more": len(rows) > MOST,
            "inside": sum(flow["totals"].inside for flow in flows),
            "entered": sum(flow["totals"].entered for flow in flows),
            "completed": sum(flow["totals"].completed for flow in flows),
        },
    )  # fmt: skip


def _row(visit: Visit, row: Any, figures: Totals, names: Names) -> dict[str, Any]:
    words = Words(visit.speaker, names)
    cards = [words.trigger(msgspec.convert(trigger, Trigger)) for trigger in row.triggers]
    told = [f"{card.title} ({card.detail})" if card.detail and len(cards) == 1 else card.title for card in cards]
    return {
        "row": row,
        "state": STATES[row.state],
        "icon": cards[0].icon if cards else "flows",
        "triggers": visit.speaker.listed(told) or visit.say("No trigger yet"),
        "totals": figures,
    }
