"""The app of a command: its database reachable, its account at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from relance.cli.show import say

if TYPE_CHECKING:
    from relance.app import App


@contextmanager
def opened() -> Iterator[App]:
    """Raises RelanceError when the settings do not fit or the database cannot be reached."""
    from relance.app import open_app
    from relance.config import read_config
    from relance.db.pool import Stretch

    with open_app(read_config(), report=say, stretch=Stretch(smallest=1, largest=2)) as app:
        yield app
