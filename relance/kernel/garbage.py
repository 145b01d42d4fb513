"""How often a long-running process looks for reference cycles."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """For processes that handle batches: thousands of values live for a moment and hold no cycles, and each look for
    some walks over all of them. Measured, that was a sixth of the engine's own CPU. What is there at the start
    stays."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
