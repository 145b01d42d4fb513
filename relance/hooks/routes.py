"""All addresses of the hooks, for the composition root.

Handlers are plain functions: Starlette runs them in threads. None of them reads a body, so none can be too large.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relance.hooks import leave, track
from relance.hooks.context import HookContext

Handler = Callable[[HookContext, Request], Response]


def routes(context: HookContext) -> list[Route]:
    return [
        _at(context, "/t/o/{token}.gif", "GET", track.pixel),
        _at(context, "/t/c/{token}/{slug}", "GET", track.link),
        _at(context, "/t/v/{token}", "GET", track.view),
        _at(context, "/u/{token}", "GET", leave.ask),
        _at(context, "/u/{token}", "POST", leave.unsubscribe),
        _at(context, "/u/{token}/undo", "POST", leave.undo),
    ]


def _at(context: HookContext, path: str, method: str, handler: Handler) -> Route:
    """``method`` GET answers HEAD too."""

    def endpoint(request: Request) -> Response:
        return handler(context, request)

    return Route(path, endpoint, methods=[method], name=handler.__name__)
