"""Is it a person? When in doubt, yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from relance.messages.track.machines import is_machine

SENT = datetime(2026, 5, 4, 9, tzinfo=UTC)

PEOPLE = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
    "python-requests/2.32.3",
    "python-httpx/0.28.1",
    "curl/8.5.0",
    "",
]
MACHINES = [
    "Mozilla/5.0",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 BingPreview/1.0b",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Microsoft Office Existence Discovery",
]


@pytest.mark.parametrize("agent", PEOPLE)
def test_people(agent: str) -> None:
    assert not is_machine("GET", {"user-agent": agent})
    assert not is_machine("GET", {"user-agent": agent}, sent_at=SENT, now=SENT + timedelta(seconds=2))


@pytest.mark.parametrize("agent", MACHINES)
def test_machines(agent: str) -> None:
    assert is_machine("GET", {"user-agent": agent})


def test_who_asks_for_no_content_or_fetches_ahead_is_a_machine() -> None:
    assert is_machine("HEAD", {"user-agent": PEOPLE[0]})
    assert is_machine("GET", {"user-agent": PEOPLE[0], "sec-purpose": "prefetch;prerender"})
    assert is_machine("GET", {"user-agent": PEOPLE[0], "x-moz": "prefetch"})


def test_a_nameless_caller_is_a_machine_only_when_it_is_inhumanly_fast() -> None:
    assert is_machine("GET", {}, sent_at=SENT, now=SENT + timedelta(seconds=1.9))
    assert not is_machine("GET", {}, sent_at=SENT, now=SENT + timedelta(seconds=2))
    assert not is_machine("GET", {})
