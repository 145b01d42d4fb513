"""What recipients and other programs call: pixel, links, unsubscribe. The smallest and fastest surface."""

from relance.hooks.context import HookContext
from relance.hooks.routes import routes

__all__ = ["HookContext", "routes"]
