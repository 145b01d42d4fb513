"""The programs' surface: the compatible API v3 and Relance's own endpoints, on plain synchronous handlers."""

from relance.api.http import Context
from relance.api.routes import routes

__all__ = ["Context", "routes"]
