"""The logs: one line each, for people or programs, and neither secrets nor personal data in them."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from relance.config import read_config
from relance.kernel.errors import Invalid, Unavailable
from relance.kernel.logs import Formatter, set_up
from tests.cast import ANA

PRIVATE = (
    ANA,
    "Élodie.Durand+plants@fern.example",
    "+353 86 123 4567",
    "hunter2-of-the-mail-server",
    "0123456789abcdef0123456789abcdef-us1",
    "eyJhbGciOiJIUzI1NiJ9_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
)
WAYS = (
    "{} does not answer",
    "Key (email)=({}) already exists.",
    "postgresql://relance:{}@db.example:5432/relance",
    "550 5.1.1 <{}>: no such user",
    "password={}",
    "Authorization: Bearer {}",
)


def record(action: str, error: BaseException | None = None, name: str = "relance.test", **fields: Any) -> Any:
    made = logging.LogRecord(
        name, logging.WARNING, __file__, 1, action, (), (type(error), error, error.__traceback__) if error else None
    )
    made.__dict__.update(fields)
    return made


def told(
    action: str, error: BaseException | None = None, hidden: tuple[str, ...] = (), **fields: Any
) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Formatter("json", hidden).format(record(action, error, **fields)))
    return read


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_a_line_for_programs_has_time_level_action_and_fields() -> None:
    line = told("loop.troubled", loop="send", trouble="the mail server is away")
    assert line.pop("at").endswith("Z")
    assert line == {"level": "warning", "action": "loop.troubled", "loop": "send", "trouble": "the mail server is away"}


def test_a_line_for_people_says_the_same() -> None:
    line = Formatter("text").format(record("loop.troubled", loop="send", trouble="the mail server is away"))
    assert line.split(" ", 1)[1] == 'warning loop.troubled loop=send trouble="the mail server is away"'


def test_what_is_not_declared_with_the_action_is_not_written() -> None:
    assert ANA not in json.dumps(told("loop.troubled", loop="send", contact=ANA, address="12 Garden Lane"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("private", PRIVATE)
def test_what_looks_private_is_taken_out(private: str, way: str) -> None:
    """Whoever says it: a field of ours, an error of ours, a library."""
    text, hidden = way.format(private), ("hunter2-of-the-mail-server",)
    for form in ("text", "json"):
        formatter = Formatter(form, hidden)  # type: ignore[arg-type]
        lines = [
            formatter.format(record("loop.troubled", loop="send", trouble=text)),
            formatter.format(record("loop.failed", raised(Unavailable(text)), loop="send")),
            formatter.format(record(text, name="psycopg.pool")),
        ]
        assert not [line for line in lines if private in line]


def test_an_unexpected_error_tells_its_kind_and_place_and_not_what_it_quotes() -> None:
    line = told("loop.failed", raised(KeyError("Ana lives in 12 Garden Lane")), loop="send")
    assert line["error"] == "KeyError"
    assert line["trace"][-1].startswith("test_logs.py:") or "test_logs.py" in line["trace"][-1]
    assert "Garden" not in json.dumps(line)


def test_a_line_break_cannot_forge_a_second_line() -> None:
    line = Formatter("text").format(record("loop.troubled", loop="send", trouble="a\n2026-01-01 error page.failed"))
    assert "\n" not in line


def test_set_up_takes_the_level_for_ours_and_warnings_from_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    root, ours = logging.getLogger(), logging.getLogger("relance")
    before, levels = root.handlers[:], (root.level, ours.level)
    try:
        set_up("json", "info")
        root.handlers[0].stream = sys.stderr  # type: ignore[attr-defined]
        logging.getLogger("relance.worker").info("worker.started", extra={"worker": "1"})
        logging.getLogger("relance.worker").debug("heartbeat.missed")
        logging.getLogger("mail.log").info("%s RCPT TO %s", "peer", ANA)
        logging.getLogger("psycopg.pool").warning("error connecting in %r: %s", "pool-1", "gone")
    finally:
        root.handlers[:] = before
        root.setLevel(levels[0])
        ours.setLevel(levels[1])
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["action"], line["level"]) for line in lines] == [
        ("worker.started", "info"),
        ("library.said", "warning"),
    ]


def test_the_settings_of_logs_are_checked() -> None:
    with pytest.raises(Invalid, match="RELANCE_LOG: 'xml' is not among text, json"):
        read_config({"RELANCE_LOG": "xml"})
    config = read_config({
        "RELANCE_SECRET": "a secret that signs links",
        "RELANCE_SMTP_URL": "smtp://fern:p%40ss-word@mail.example:587",
        "RELANCE_DATABASE_URL": "postgresql://relance:open-sesame@db/relance",
    })  # fmt: skip
    assert (config.log, config.log_level) == ("text", "info")
    assert set(config.secrets) == {"a secret that signs links", "p@ss-word", "open-sesame"}
