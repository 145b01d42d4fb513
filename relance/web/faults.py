"""What a person reads when a page could not be made: what happened, what it means, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from relance.kernel.errors import Conflict, Denied, Invalid, NotFound, RelanceError, Unavailable
from relance.web.language import mark


@dataclass(frozen=True, slots=True)
class Fault:
    """Texts are marked, not translated. ``trouble``: the reference in the log is of use."""

    status: int
    title: str
    text: str
    trouble: bool = False


_MISSING = Fault(
    404,
    mark("There is nothing here"),
    mark("The page may have moved, or what it showed belongs to another account."),
)
_DENIED = Fault(403, mark("You may not do this"), mark("An owner of the account can give you a role that may."))
_FORM = Fault(403, mark("The form is out of date"), mark("Nothing was changed. Open the page again and repeat it."))
_BAD = Fault(400, mark("This could not be read"), mark("Nothing was changed. Go back and try again."))
_CONFLICT = Fault(409, mark("This does not go now"), mark("Nothing was changed. Open the page again to see its state."))
_AWAY = Fault(
    503,
    mark("The database does not answer"),
    mark("Nothing is lost: flows go on by themselves as soon as it is back. Try again in a few seconds."),
    trouble=True,
)
_OURS = Fault(
    500,
    mark("This page could not be made"),
    mark("The mistake is ours and is in the server’s log. Flows go on running."),
    trouble=True,
)


def page_of(error: RelanceError) -> Fault:
    """The page for an expected error."""
    if error.code in ("foreign_form", "old_form"):
        return _FORM
    for kind, fault in ((NotFound, _MISSING), (Denied, _DENIED), (Unavailable, _AWAY), (Conflict, _CONFLICT)):
        if isinstance(error, kind):
            return fault
    return _BAD if isinstance(error, Invalid) else _OURS


def unexpected() -> Fault:
    return _OURS
