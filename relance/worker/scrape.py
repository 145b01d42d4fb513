"""GET /metrics, and who may read it: whoever presents the token; without one, only this machine while nobody else can
reach it (docs/operate/metrics.md)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from relance.db.pool import Database
from relance.worker.metrics import CONTENT_TYPE, render

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""Whoever names these has not come from this machine, although the connection has, or a proxy says so."""


def scrape(database: Database, token: str, public_url: str) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        if token:
            if not _presents(request, token):
                return _refused(401, "Present the token of RELANCE_METRICS_TOKEN: Authorization: Bearer …")
        elif not _is_ours(request, public_url):
            return _refused(403, "Set RELANCE_METRICS_TOKEN and present it, or ask from this machine.")
        return Response(render(database), media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})

    return answer


def _presents(request: Request, token: str) -> bool:
    kind, _, presented = request.headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(presented.strip().encode(), token.encode())


def _is_ours(request: Request, public_url: str) -> bool:
    """From this machine, to this machine. With a public address there is a proxy, and everybody comes from it."""
    if any(name in request.headers for name in FORWARDED):
        return False
    hosts = (request.client.host if request.client else "", request.url.hostname, urlsplit(public_url).hostname)
    return all(_is_loopback(host or "") for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(status: int, text: str) -> PlainTextResponse:
    headers = {"www-authenticate": 'Bearer realm="metrics"'} if status == 401 else {}
    return PlainTextResponse(f"{text}\n", status, headers)
