"""What the team is told about a flow, as letters (spec/flows.md 5.2, G14): to owners and admins, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from relance.accounts import store
from relance.accounts.model import Person
from relance.db.pool import Transaction
from relance.flows.alerts import take_untold
from relance.flows.definition.problems import Problem
from relance.messages.transports.model import Letter
from relance.web.flows.problems import told
from relance.web.language import Speaker, mark
from relance.web.letters import letter

SUBJECTS = {
    "broken": mark("“%(flow)s” needs a fix"),
    "drained": mark("“%(flow)s” is empty and paused now"),
    "quiet": mark("Nobody enters “%(flow)s”"),
}
TEXTS = {
    "broken": mark("Something that this flow uses is gone. The rest goes on; people hold where it is missing."),
    "drained": mark("The last person has left this flow, which took nobody in any more."),
    "quiet": mark("Nobody has entered this live flow for %(days)s days."),
}


def alert_letters(tx: Transaction, now: datetime, public_url: str) -> list[Letter]:
    """Of alerts that nobody was told of; they are marked as told."""
    letters = []
    for alert in take_untold(tx, now):
        for person, role in store.people_of_account(tx, alert.account_id):
            if role in ("owner", "admin"):
                letters.append(_letter(public_url, person, alert, now))
    return letters


def _letter(public_url: str, person: Person, alert: Any, now: datetime) -> Letter:
    speaker = Speaker(person.language[:2])
    parts = [speaker.say(TEXTS[alert.kind], **_values(alert.data)), *_problems(speaker, alert.data)]
    parts.append(f"{public_url}/flows/{alert.flow_id}")
    return letter(
        public_url,
        person,
        now,
        key=f"alert {alert.flow_id} {person.person_id}",
        subject=speaker.say(SUBJECTS[alert.kind], flow=alert.flow),
        text="\n\n".join(parts) + "\n",
    )


def _values(data: Mapping[str, Any]) -> dict[str, object]:
    return {"days": data["days"]} if "days" in data else {}


def _problems(speaker: Speaker, data: Mapping[str, Any]) -> list[str]:
    return [told(speaker, msgspec.convert(one, Problem)) for one in data.get("problems", ())]
