"""All addresses of the API, for the composition root."""

from __future__ import annotations

from starlette.routing import Mount, Route

from relance.api import events
from relance.api.http import Context, Resource
from relance.api.v3 import routes as v3


def routes(context: Context) -> list[Route | Mount]:
    """The compatible API under /3.0, Relance's own under /api."""
    return [
        *v3.routes(context),
        Route("/api/events", Resource(context, {"POST": events.create}, write_scope="events")),
    ]
