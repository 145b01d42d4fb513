"""Everything that listens on the web port, put together: people's pages, the API, the hooks, /healthz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from relance import api, hooks, web
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.worker.health import read_health

if TYPE_CHECKING:
    from relance.app import App


def application(app: App) -> Starlette:
    """Order matters: the API and the hooks own their prefixes, pages take the rest."""
    public_url = app.config.public_url
    return Starlette(
        routes=[
            Route("/healthz", _healthz(app)),
            *hooks.routes(hooks.HookContext(database=app.database, public_url=public_url, secret=app.secret)),
            *api.routes(api.Context(database=app.database, public_url=public_url, judge_now=app.judge_now)),
            *web.routes(
                web.WebContext(database=app.database, kinds=app.kinds, public_url=public_url, secret=app.secret)
            ),
        ]
    )


def _healthz(app: App):  # type: ignore[no-untyped-def]
    def healthz(_: Request) -> JSONResponse:
        """200 only when the database answers and every loop beats without trouble."""
        try:
            with app.database.transaction() as tx:
                loops = read_health(tx, clock.now())
        except Unavailable as error:
            return JSONResponse({"healthy": False, "database": error.what}, status_code=503)
        healthy = all(loop.healthy for loop in loops)
        body = {"healthy": healthy, "database": "ok", "loops": {loop.loop: loop.trouble or "ok" for loop in loops}}
        return JSONResponse(body, status_code=200 if healthy else 503)

    return healthz
