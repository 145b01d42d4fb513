"""Structured logs on standard error: a line each, as text for people or JSON for programs (docs/operate/logs.md).

Modules say ``log = logging.getLogger("relance.part")`` and ``log.warning("an.action", extra={"field": value})``; which
actions there are, and with which fields, stands in log_actions.py. Neither secrets nor personal data get in, three
times over: only declared fields are written; what looks like an address, a key or a password in them is taken out; and
of an error its kind and its place are told, not its message, which may quote a value.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from relance.kernel.errors import RelanceError
from relance.kernel.log_actions import ACTIONS

Form = Literal["text", "json"]

LONGEST = 500
"""Characters of a field."""
OUT = "…"
_FOREIGN = ACTIONS["library.said"].name

_PRIVATE = (
    (re.compile(r"://[^/\s@]*@"), f"://{OUT}@"),
    (
        re.compile(r"(?i)\b(password|passwd|secret|token|api[_-]?key|authorization|bearer)\b(['\"]?\s*[=: ]\s*)\S+"),
        rf"\1\2{OUT}",
    ),
    (re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+"), OUT),
    (re.compile(r"\b[0-9a-fA-F]{32,}(?:-us\d+)?\b"), OUT),
    (re.compile(r"\b[A-Za-z0-9_-]{43,}\b"), OUT),
    (re.compile(r"\+\d[\d\s().-]{6,}\d"), OUT),
)


def set_up(form: Form, level: str, hidden: Collection[str] = (), *, debug: bool = False) -> None:
    """Send everything that is said to standard error. ``hidden``: secrets that must never appear, whatever says them.

    ``debug``: tell the messages of unexpected errors too, which may quote what they stumbled over.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(form, hidden, debug=debug))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("relance").setLevel(level.upper())


def for_programs() -> bool:
    """Whether standard error is JSON: nothing else may be written to it then."""
    return any(isinstance(one.formatter, Formatter) and one.formatter.form == "json" for one in logging.root.handlers)


class Formatter(logging.Formatter):
    """Writes at (UTC), level, action and fields; of an error its kind and where it arose."""

    def __init__(self, form: Form, hidden: Collection[str] = (), *, debug: bool = False) -> None:
        super().__init__()
        self.form, self._debug = form, debug
        self._hidden = tuple(sorted((one for one in hidden if len(one) >= 4), key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        told = self._told(record)
        if self.form == "json":
            return json.dumps(told, ensure_ascii=False, default=str)
        trace = told.pop("trace", [])
        head = f"{told.pop('at')} {told.pop('level'):<7} {told.pop('action')}"
        rest = "".join(f" {name}={_bare(value)}" for name, value in told.items())
        return "\n".join([head + rest, *(f"    {frame}" for frame in trace)])

    def _told(self, record: logging.LogRecord) -> dict[str, Any]:
        action, fields = self._said(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {"at": at, "level": record.levelname.lower(), "action": action}
        told |= {name: self._clean(value) for name, value in fields.items()}
        if record.exc_info and record.exc_info[1] is not None:
            told |= self._error(record.exc_info[1])
        return told

    def _said(self, record: logging.LogRecord) -> tuple[str, Mapping[str, Any]]:
        action = ACTIONS.get(record.msg) if isinstance(record.msg, str) else None
        if action is None:
            return _FOREIGN, {"logger": record.name, "text": _message(record)}
        return action.name, {name: record.__dict__[name] for name in action.fields if name in record.__dict__}

    def _error(self, error: BaseException) -> dict[str, Any]:
        told: dict[str, Any] = {"error": type(error).__name__}
        if state := getattr(error, "sqlstate", None):
            told["sqlstate"] = state
        if self._debug or isinstance(error, RelanceError):
            told["message"] = self._clean(str(error))
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        told["trace"] = [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        return told

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float)):
            return value
        text = " ".join(str(value).split())
        for secret in self._hidden:
            text = text.replace(secret, OUT)
        for pattern, instead in _PRIVATE:
            text = pattern.sub(instead, text)
        return text[:LONGEST]


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # its arguments do not fit: what it wanted to say is not known
        return str(record.msg)


def _bare(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or not text else text


def _place(file: str) -> str:
    parts = Path(file).parts
    start = max((at for at, part in enumerate(parts) if part in ("relance", "site-packages")), default=-2)
    return "/".join(parts[start if parts[start] == "relance" else start + 1 :])
