"""Notices of the step notify_team as letters: plain text, so nothing a contact has written is more than text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from relance.accounts.model import Person
from relance.flows.notices.tell import Notice
from relance.messages.transports.model import Letter
from relance.web.language import Speaker
from relance.web.letters import letter

MOST = 100
"""Notices that a digest shows; of the others it says how many."""


def notice_letter(public_url: str, key: str, notices: Sequence[Notice], now: datetime) -> Letter:
    """One notice, or a digest of several, for the colleague whom they name."""
    row = notices[0].row
    speaker = Speaker(row.person_language[:2])
    person = Person(row.person_id, row.person_email, row.person_name, row.person_language)
    if len(notices) == 1:
        subject = speaker.say("“%(flow)s”: %(contact)s", flow=row.flow_name, contact=notices[0].contact)
    else:
        subject = speaker.say("“%(flow)s”: %(n)s people in an hour", flow=row.flow_name, n=len(notices))
    parts = [_told(speaker, public_url, notice) for notice in notices[:MOST]]
    if len(notices) > MOST:
        parts.append(speaker.say("And %(n)s more.", n=len(notices) - MOST))
    source = speaker.say("The flow “%(flow)s”", flow=row.flow_name)
    parts.append(f"{source}\n{public_url}/flows/{row.flow_id}")
    return letter(public_url, person, now, key=key, subject=subject, text="\n\n".join(parts) + "\n")


def _told(speaker: Speaker, public_url: str, notice: Notice) -> str:
    text = speaker.say("The text could not be written for this person.") if notice.text is None else notice.text
    return f"{text.strip()}\n{notice.contact}\n{public_url}/contacts/{notice.row.contact_id}"
