"""Runs the command line: errors become one plain text on standard error, and an exit code.

0 done · 1 an unexpected error, or an accounting that does not close · 2 invalid input · 4 not found · 5 in a state that
forbids it · 6 denied · 7 something that is needed cannot be reached · 130 interrupted · 143 told to end.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import signal
import sys
import traceback
from pathlib import Path

from relance.kernel.errors import Conflict, Denied, Invalid, NotFound, RelanceError, Unavailable

log = logging.getLogger("relance.server")

EXIT_CODES: tuple[tuple[type[RelanceError], int], ...] = (
    (Invalid, 2),
    (NotFound, 4),
    (Conflict, 5),
    (Denied, 6),
    (Unavailable, 7),
)


def run() -> None:
    signal.signal(signal.SIGTERM, _told_to_end)
    try:
        _written_as_text()
        from relance.cli import root

        try:
            root()
        finally:
            sys.stdout.flush()  # While a reader that has gone can still be met.
    except RelanceError as error:
        _say(sentence(error))
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        _stop_writing()  # Whoever read our output has gone: nothing is left to say.
        sys.exit(141)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _stop_writing()
            _say(f"there is no space left on the device{f' of {error.filename}' if error.filename else ''}. Make room.")
            sys.exit(exit_code(Unavailable("")))
        _unexpected(error)
        sys.exit(1)


def _told_to_end(*_: object) -> None:
    """SIGTERM ends a command as an error would: what it has begun is put away. Once; what puts away is not disturbed.
    Commands that stay have an ending of their own (listening.told_to_stop)."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


def _stop_writing() -> None:
    """What could not be written is not tried again by the interpreter's own flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _written_as_text() -> None:
    """Arguments that are text, whatever bytes the shell passed; output that a terminal of any encoding can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for argument in sys.argv[1:]:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(argument).decode("utf-8", "backslashreplace")
            raise Invalid(f"the argument {shown!r} is not UTF-8 text", mend="Write it in UTF-8.") from None


def sentence(error: RelanceError) -> str:
    """Where, what, and how to mend it."""
    from relance.flows.definition.problems import FlowRefused

    if isinstance(error, FlowRefused):
        return str(error)
    place = f"{error.where}: " if error.where else ""
    stop = "" if error.what.endswith((".", "?", "!")) else "."
    return f"{place}{error.what}{stop} {error.mend}".rstrip()


def exit_code(error: RelanceError) -> int:
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def _say(text: str, error: Exception | None = None) -> None:
    """Commands whose logs programs read say it as a log, with where an unexpected ``error`` arose."""
    from relance.kernel.logs import for_programs

    if for_programs():
        log.error("process.failed", extra={"text": text}, exc_info=error)
    else:
        print(text, file=sys.stderr)


def _unexpected(error: Exception) -> None:
    """A mistake of ours: people get a reference, the log file the details."""
    from relance.kernel.ids import hex_id, object_id
    from relance.kernel.logs import for_programs

    reference = hex_id(object_id())
    details = "".join(traceback.format_exception(error))
    if os.environ.get("RELANCE_DEBUG") == "1" and not for_programs():
        print(details, file=sys.stderr)
    kept = _keep(f"{reference}\n{details}\n")
    where = f" The details are in {kept}." if kept else " Set RELANCE_DEBUG=1 to see the details."
    _say(f"Something unexpected went wrong (reference {reference}).{where}", error)


def _keep(text: str) -> Path | None:
    """Append to the log of errors in the data folder. None when it cannot be written."""
    try:
        from relance.config import read_config

        path = read_config().data / "errors.log"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(text)
    except (OSError, RelanceError):
        return None
    return path
