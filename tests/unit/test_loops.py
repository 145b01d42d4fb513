"""A loop goes on at once after a full batch, rests after one that was not, and hands on what it found."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from relance.db.share import Share, everything
from relance.worker.loops import Loop, Work


def run(
    do: Callable[[Share], int], *, full: int, then: tuple[str, ...] = ()
) -> tuple[Loop, threading.Event, list[str]]:
    stop, woken = threading.Event(), list[str]()
    loop = Loop(Work("dispatch", do, idle=30, full=full, then=then), everything, stop, woken.append)
    loop.start()
    return loop, stop, woken


def finish(loop: Loop, stop: threading.Event) -> None:
    stop.set()
    loop.wake()
    loop.join(5)


def test_full_batches_follow_each_other_and_the_last_one_ends_the_round() -> None:
    batches, calls, asleep = [3, 3, 1], list[int](), threading.Event()

    def do(_: Share) -> int:
        calls.append(batches.pop(0) if batches else 0)
        if not batches:
            asleep.set()
        return calls[-1]

    loop, stop, woken = run(do, full=3, then=("advance",))
    assert asleep.wait(5)
    time.sleep(0.05)
    assert calls == [3, 3, 1], "after the batch that was not full nobody looks again before the next call"
    assert woken == ["advance"] * 3

    asleep.clear()
    loop.wake()
    assert asleep.wait(5)
    time.sleep(0.05)
    assert (calls, woken) == ([3, 3, 1, 0], ["advance"] * 3)
    finish(loop, stop)


def test_a_call_during_a_batch_is_not_missed() -> None:
    """What comes in while the last batch runs has been too late for it."""
    at_work, go_on, calls = threading.Event(), threading.Event(), list[int]()

    def do(_: Share) -> int:
        calls.append(1)
        at_work.set()
        go_on.wait(5)
        return 1

    loop, stop, _ = run(do, full=10)
    assert at_work.wait(5)
    at_work.clear()
    loop.wake()
    go_on.set()
    assert at_work.wait(5), "it looks once more"
    finish(loop, stop)
