"""Pixel, tracked links, and the message on a page (spec/flows.md 2.4).

The pixel always answers with a picture: a mail program has no use for an error. A link leads where the message says and
nowhere else; what is not one of ours is a small friendly page.
"""

from __future__ import annotations

import base64
import logging
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from relance.audience.fields import list_fields
from relance.db.pool import Transaction
from relance.hooks import pages
from relance.hooks.context import HookContext
from relance.kernel import clock
from relance.kernel.errors import RelanceError
from relance.messages.links import canonical
from relance.messages.merge import Values
from relance.messages.outcomes import delivery
from relance.messages.outcomes.click import clicked, stored_url
from relance.messages.outcomes.open import opened
from relance.messages.personal import personal
from relance.messages.prepare import read_groups, read_positions, read_recipients
from relance.messages.templates import CompiledMessage
from relance.messages.track.addresses import link_of
from relance.messages.track.machines import is_machine

log = logging.getLogger("relance.hooks")

_GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NO_STORE: Final = {"cache-control": "no-store, max-age=0", "referrer-policy": "no-referrer"}


def pixel(context: HookContext, request: Request) -> Response:
    """GET /t/o/<token>.gif"""
    ref = context.tokens.read(request.path_params["token"])
    if ref is not None:
        try:
            machine = is_machine(request.method, request.headers)
            with context.database.transaction() as tx:
                opened(tx, clock.now(), ref, machine=machine, client=request.headers.get("user-agent", ""))
        except Exception:
            log.exception("hooks.open_lost")
    return Response(_GIF, media_type="image/gif", headers=_NO_STORE)


def link(context: HookContext, request: Request) -> Response:
    """GET /t/c/<token>/<slug>: on to the link's URL, as written in the message."""
    ref = context.tokens.read(request.path_params["token"])
    slug = request.path_params["slug"]
    number = link_of(slug)
    if ref is None or number is None:
        return pages.missing(request)
    try:
        with context.database.transaction() as tx:
            row, now = delivery.lock(tx, ref), clock.now()
            found = _where(context, tx, row, request.path_params["token"], slug, number) if row else None
            if row is None or found is None:
                return pages.missing(request)
            url, told = found
            machine = is_machine(request.method, request.headers, sent_at=row.sent_at, now=now)
            clicked(tx, now, row, number, told, machine=machine)
    except RelanceError as error:
        log.warning("hooks.click_lost", extra={"trouble": str(error)})
        return pages.unavailable(request)
    return RedirectResponse(url, 302, headers=_NO_STORE)


def view(context: HookContext, request: Request) -> Response:
    """GET /t/v/<token>: the message as it was sent, with the contact's data of today."""
    token = request.path_params["token"]
    ref = context.tokens.read(token)
    if ref is None:
        return pages.missing(request)
    try:
        with context.database.transaction() as tx:
            row = delivery.lock(tx, ref)
            message = _message(context, tx, row) if row else None
            found = _values(context, tx, row, token, message) if row and message else None
            if message is None or found is None:
                return pages.missing(request)
        values, system = found
        html = message.write(values, system, token, pixel=False).html
    except RelanceError as error:
        log.warning("hooks.view_failed", extra={"trouble": str(error)})
        return pages.unavailable(request)
    # The message is the sender's: no script, no form, and nothing of Relance's own pages within its reach.
    policy = "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
    headers = {**_NO_STORE, "content-security-policy": policy, "x-robots-tag": "noindex"}
    return HTMLResponse(html, headers=headers)


def _where(
    context: HookContext, tx: Transaction, row: Any, token: str, slug: str, number: int
) -> tuple[str, str] | None:
    """(where to go, the link's name in events), or None when the message has no such link."""
    message = _message(context, tx, row)
    url = told = ""
    if message is not None and slug in message.links.personal:
        found = _values(context, tx, row, token, message)
        url, told = (found and message.url(slug, found[0])) or "", message.links.urls[slug]
    elif message is not None and (written := message.links.urls.get(slug)):
        url, told = message.url(slug, None) or "", canonical(written)
    if not told:
        url = told = stored_url(tx, row, number) or ""
    return (url, told) if url.lower().startswith(("http://", "https://")) and "*|" not in url else None


def _message(context: HookContext, tx: Transaction, row: Any) -> CompiledMessage | None:
    if row.version is None:
        return None
    try:
        return context.messages.get(tx, row.message_id, row.version)
    except RelanceError:
        return None


def _values(
    context: HookContext, tx: Transaction, row: Any, token: str, message: CompiledMessage
) -> tuple[Values, dict[str, Any]] | None:
    """What the message is written with; None when the contact is gone."""
    person = read_recipients(tx, [row])[0]
    if person.contact_id is None:
        return None
    groups = read_groups(tx, [row]) if message.uses_groups else {}
    positions = read_positions(tx, [row]) if message.uses_position else {}
    return personal(
        clock.now(),
        person,
        list_fields(tx, row.audience_id),
        addresses=context.addresses,
        token=token,
        context=context.contexts(tx, [row]).get(row.delivery_id),
        groups=groups.get(row.contact_id, frozenset()),
        position=positions.get(row.delivery_id, (1, 1)),
    )
