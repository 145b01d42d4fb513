"""Everything that Relance's processes say in their logs: stable names, with the fields that may stand beside them.

An action that is not listed here, or a field that is not listed with it, fails a house test; and no field that is not
listed is ever written (kernel/logs.py). No action is said once per contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Action:
    """``fields``: what stands beside the name. ``error`` actions bring the kind of the error and where it arose."""

    name: str
    level: Level
    meaning: str
    fields: tuple[str, ...] = ()


_ALL = (
    # Processes
    Action("worker.started", "info", "A worker runs its loops.", ("worker",)),
    Action("worker.stopped", "info", "A worker has finished what was in hand and given its slots back.", ("worker",)),
    Action("worker.stopped_without_database", "info", "A worker stopped while the database was away."),
    Action("worker.slots", "info", "The share of the slots that a worker works on has changed.", ("worker", "slots")),
    Action("worker.took_over", "warning", "A worker was dead or silent; this one has its slots.", ("dead", "slots")),
    Action("web.started", "info", "Requests are answered.", ("url",)),
    Action("web.stopped", "info", "The web process has answered its last request."),
    Action("process.failed", "error", "A process cannot start, or go on: what, and how to mend it.", ("text",)),
    Action("server.said", "info", "A remark to a person: of the embedded PostgreSQL, of a process that begins or ends.",
           ("text",)),
    Action("server.taken_over", "warning", "Who supervised the embedded PostgreSQL has gone; this process does now.",
           ("pid",)),
    Action("schema.migrated", "info", "The schema was brought up to date.", ("migrations",)),
    Action("clock.waits", "warning", "The machine's clock was set back: time stands still for so long.", ("seconds",)),
    Action("clock.far_ahead", "error", "Time would stand still for more than a day: see docs/operate/clock.md.",
           ("hours",)),
    # Loops
    Action("loop.troubled", "warning", "A loop cannot work, says why, and tries again.", ("loop", "trouble")),
    Action("loop.recovered", "info", "A loop that was troubled works again.", ("loop", "seconds")),
    Action("loop.failed", "error", "A mistake of Relance in a loop; it tries again.", ("loop",)),
    Action("webhook.host_closed", "warning", "A host of webhooks fails again and again, and is left alone.", ("host",)),
    Action("heartbeat.missed", "debug", "The state of the loops could not be written: no database."),
    Action("lease.lost", "debug", "Another worker has taken over a slot that a batch was about to work on.", ("loop",)),
    Action("engine.set_aside", "error", "An event, a run or a task cannot be worked on; it waits.", ("what",)),
    # Messages
    Action("message.write_failed", "error", "A message could not be written; it counts as S12.", ("delivery",)),
    Action("transport.failed", "error", "A mistake of Relance while messages were handed over."),
    Action("transport.letter_failed", "error", "A mistake of Relance while one message was handed over."),
    Action("transport.connection_failed", "error", "No connection to the mail server, unexpectedly.", ("kind",)),
    Action("answers.waiting", "warning", "What the mail server said waits for the database.", ("answers", "trouble")),
    Action("answers.failed", "error", "What the mail server said could not be recorded together; one by one now."),
    Action("answer.failed", "error", "What the mail server said of one message could not be recorded.", ("delivery",)),
    Action("catcher.keep_failed", "error", "The local mail catcher could not keep a message."),
    Action("alerts.not_sent", "warning", "The team was not told of flows: no mail server.", ("letters", "trouble")),
    Action("notices.not_sent", "warning", "Notices to the team wait: no mail server.", ("letters", "trouble")),
    Action("alerts.refused", "warning", "The mail server refused letters that tell the team of flows.", ("letters",)),
    # Requests
    Action("page.unavailable", "error", "A page could not be shown: something needed is away.", ("page", "trouble")),
    Action("page.failed", "error", "A mistake of Relance on a page; the person was shown the reference.", ("page",)),
    Action("page.after_failed", "error", "A mistake of Relance in what follows a page.", ("page",)),
    Action("request.unavailable", "error", "An API request failed: something is away.", ("request", "trouble")),
    Action("request.out_of_range", "warning", "The database refused a value of an API request.", ("request", "kind")),
    Action("request.failed", "error", "A mistake of Relance in an API request.", ("request",)),
    Action("hooks.open_lost", "error", "An open could not be recorded."),
    Action("hooks.click_lost", "warning", "A click could not be recorded; the reader got their page.", ("trouble",)),
    Action("hooks.view_failed", "warning", "A message could not be shown in the browser.", ("trouble",)),
    Action("hooks.unsubscribe_failed", "warning", "Unsubscribing failed; the person was asked to try again.",
           ("trouble",)),
    # Others
    Action("library.said", "warning", "What a library says.", ("text",)),
)  # fmt: skip

ACTIONS = {action.name: action for action in _ALL}
