"""All addresses of the people's surface, for the composition root."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from relance.db.pool import Transaction
from relance.web.contacts import page as contacts
from relance.web.context import WebContext
from relance.web.flows import change, detail, listing, reasons, steps
from relance.web.mail import page as mail
from relance.web.pages import Address, NotHere
from relance.web.sent import page as sent
from relance.web.signin import page as signin
from relance.web.visit import Redirect, Visit


def routes(context: WebContext) -> list[BaseRoute]:
    def at(path: str, address: Address) -> Route:
        return Route(path, address)

    return [
        at("/", Address(context, get=_first_page)),
        at("/signin", Address(context, get=signin.show, slow={"POST": signin.answer}, public=True)),
        at("/signin/link/{token}", Address(context, get=signin.show_link, slow={"POST": signin.redeem}, public=True)),
        at("/signout", Address(context, post=signin.leave)),
        at("/language", Address(context, post=signin.speak)),
        at("/flows", Address(context, get=listing.show)),
        at("/flows/{flow_id}", Address(context, get=detail.show, post=change.act)),
        at("/flows/{flow_id}/steps/{step_id}", Address(context, get=steps.show, post=steps.act)),
        at("/flows/{flow_id}/reasons/{code}", Address(context, get=reasons.show)),
        at("/flows/{flow_id}/why", Address(context, get=contacts.why)),
        at("/contacts/{contact_id}", Address(context, get=contacts.show)),
        at(
            "/contacts/{contact_id}/flows/{flow_id}",
            Address(context, get=contacts.show_decisions, post=contacts.act_in_flow),
        ),
        at("/sent", Address(context, get=sent.show)),
        at("/mail", Address(context, get=mail.show_list)),
        at("/mail/{caught_id}", Address(context, get=mail.show)),
        at("/mail/{caught_id}/html", Address(context, get=mail.show_html)),
        at("/mail/{caught_id}/source", Address(context, get=mail.show_source)),
        Mount("/static", _Static(directory=Path(__file__).parent / "static")),
        Route("/{rest:path}", NotHere(context)),
    ]


def _first_page(_: Visit, __: Transaction) -> Redirect:
    return Redirect("/flows")


class _Static(StaticFiles):
    """Files whose address changes with their content may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            kept = "public, max-age=31536000, immutable" if b"v=" in scope["query_string"] else "no-cache"
            response.headers["cache-control"] = kept
        response.headers["x-content-type-options"] = "nosniff"
        return response
