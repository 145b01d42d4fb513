"""Everything that listens on the web port, put together: people's pages, the API, the hooks, /healthz, /metrics."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from relance import api, hooks, web
from relance.api.http import JudgeNow
from relance.db.pool import Database
from relance.flows.kinds import Kinds
from relance.kernel import clock
from relance.kernel.errors import Unavailable
from relance.web.context import Post
from relance.worker.health import read_health
from relance.worker.scrape import scrape


def application(
    database: Database,
    kinds: Kinds,
    public_url: str,
    secret: str,
    judge_now: JudgeNow,
    post: Post,
    metrics_token: str = "",
) -> Starlette:
    """Order matters: the API and the hooks own their prefixes, pages take the rest."""
    return Starlette(
        routes=[
            Route("/healthz", healthz(database)),
            Route("/metrics", scrape(database, metrics_token, public_url)),
            *hooks.routes(hooks.HookContext(database=database, public_url=public_url, secret=secret)),
            *api.routes(api.Context(database, public_url, judge_now, subjects=kinds.subjects)),
            *web.routes(
                web.WebContext(database=database, kinds=kinds, public_url=public_url, secret=secret, post=post)
            ),
        ]
    )


HEALTH_PATIENCE = 2.0
"""Seconds: whoever asks for the health of a process gives up soon."""


def healthz(database: Database) -> Callable[[Request], JSONResponse]:
    """200 only when the database answers and every loop beats without trouble. Anybody may ask, so which trouble it is
    stands in the logs and is told by `relance doctor`."""

    def answer(_: Request) -> JSONResponse:
        try:
            with database.transaction(patience=HEALTH_PATIENCE) as tx:
                loops = read_health(tx, clock.now())
        except Unavailable as error:
            return JSONResponse({"healthy": False, "database": error.what}, status_code=503)
        healthy = all(loop.state == "ok" for loop in loops)
        body = {"healthy": healthy, "database": "ok", "loops": {loop.loop: loop.state for loop in loops}}
        return JSONResponse(body, status_code=200 if healthy else 503)

    return answer
