"""One base error. A stable code, whether a retry may help, and a message that says what, where and how to mend."""

from __future__ import annotations


class RelanceError(Exception):
    """An expected failure.

    ``code`` is stable and documented (docs/reference/errors.md), ``retry`` tells whether the same call may
    succeed later, ``where`` names the place (a setting, a line, a path), ``mend`` says what to do about it.
    HTTP status and exit code are decided at the surface, from ``code``.
    """

    code = "error"
    retry = False

    def __init__(
        self, what: str, *, where: str = "", mend: str = "", code: str = "", retry: bool | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend
        if code:
            self.code = code
        if retry is not None:
            self.retry = retry

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.sentences}"

    @property
    def sentences(self) -> str:
        """What is wrong and how to mend it, without the place."""
        if not self.mend:
            return self.what
        stop = "" if self.what.endswith((".", "?", "!", ":")) else "."
        return f"{self.what}{stop} {self.mend}"


class Invalid(RelanceError):
    """A value from outside does not fit. HTTP 400, exit 2."""

    code = "invalid"


class NotFound(RelanceError):
    """The named object does not exist here. HTTP 404, exit 4."""

    code = "not_found"


class Conflict(RelanceError):
    """The object is in a state that forbids this. HTTP 409, exit 5."""

    code = "conflict"


class Denied(RelanceError):
    """No or wrong credentials, or not enough rights. HTTP 401 or 403, exit 6."""

    code = "denied"


class Unavailable(RelanceError):
    """Something that Relance needs cannot be reached now (database, mail server, port, folder). HTTP 503, exit 7."""

    code = "unavailable"
    retry = True
