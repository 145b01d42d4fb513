"""The people's surface: pages rendered on the server, working without JavaScript.

``routes(context)`` gives every address, the last of which answers what nobody else does.
"""

from relance.web.context import WebContext
from relance.web.routes import routes

__all__ = ["WebContext", "routes"]
