"""Every address of the compatible API and who answers it."""

from __future__ import annotations

import re

from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from relance.api.http import Context, Handler, Resource, not_here
from relance.api.v3 import ping

_SLASHES = re.compile("/{2,}")


def routes(context: Context) -> list[Route | Mount]:
    """What ``/3.0`` is made of, for the composition root to mount."""

    def at(path: str, *, write_scope: str = "all", **handlers: Handler) -> Route:
        methods = {method.upper(): handler for method, handler in handlers.items()}
        return Route(path, Resource(context, methods, write_scope=write_scope))

    resources = [
        at("/ping", get=ping.get),
    ]
    app = _Tolerant(Router(resources, default=not_here, redirect_slashes=False))
    return [Mount("/3.0", app)]


class _Tolerant:
    """Clients write ``/3.0//ping`` and ``/3.0/ping/`` (spec/api.md 1.5): both mean /3.0/ping."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        path = _SLASHES.sub("/", scope["path"].removeprefix(root)).rstrip("/")
        await self.app({**scope, "path": f"{root}{path or '/'}"}, receive, send)
