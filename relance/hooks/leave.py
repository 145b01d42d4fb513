"""Unsubscribing by a message's link, and by the button of mail programs (RFC 8058).

A GET never unsubscribes: scanners follow links. A POST does at once, whatever its body: the form's button and the
one-click header call the same address, and neither needs a cookie, a script or a second page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from relance.db.pool import Transaction
from relance.hooks import pages
from relance.hooks.context import HookContext
from relance.kernel import clock
from relance.kernel.errors import RelanceError
from relance.messages.outcomes.unsubscribe import Standing, returned, standing, unsubscribed
from relance.messages.track.token import DeliveryRef

log = logging.getLogger("relance.hooks")

Verb = Callable[[Transaction, datetime, DeliveryRef, str | None], Standing | None]


def ask(context: HookContext, request: Request) -> Response:
    """GET /u/<token>: one button."""
    return _answer(context, request, lambda tx, _now, ref, _address: standing(tx, ref), "asked")


def unsubscribe(context: HookContext, request: Request) -> Response:
    """POST /u/<token>"""
    return _answer(context, request, unsubscribed, "left")


def undo(context: HookContext, request: Request) -> Response:
    """POST /u/<token>/undo"""
    return _answer(context, request, returned, "returned")


def _answer(context: HookContext, request: Request, verb: Verb, what: pages.What) -> Response:
    token = request.path_params["token"]
    ref = context.tokens.read(token)
    if ref is None:
        return pages.missing(request)
    address = request.client.host if request.client else None
    try:
        with context.database.transaction() as tx:
            now_is = verb(tx, clock.now(), ref, address)
    except RelanceError as error:
        log.warning("hooks.unsubscribe_failed", extra={"trouble": str(error)})
        return pages.unavailable(request)
    if now_is is None:
        return pages.missing(request)
    return pages.consent(request, now_is, what, context.addresses.unsubscribe(token))
