"""Messages as people write them: versions, links, and the compiled form that is sent (spec/flows.md 6.2, 8)."""

from relance.messages.templates.cache import MessageCache
from relance.messages.templates.compile import CompiledMessage, Written, compile_message
from relance.messages.templates.hrefs import read_links
from relance.messages.templates.model import Content
from relance.messages.templates.save import create, save

__all__ = [
    "CompiledMessage", "Content", "MessageCache", "Written", "compile_message", "create", "read_links", "save",
]  # fmt: skip
