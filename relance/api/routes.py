"""All addresses of the API, for the composition root."""

from __future__ import annotations

from starlette.routing import Mount, Route

from relance.api.http import Context
from relance.api.v3 import routes as v3


def routes(context: Context) -> list[Route | Mount]:
    return [*v3.routes(context)]
