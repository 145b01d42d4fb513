"""A worker without the send loop: like the engines beside it, it is done when the message is queued."""

from __future__ import annotations

from uuid import UUID, uuid4

from relance.app import open_app
from relance.cli.listening import told_to_stop
from relance.config import read_config
from relance.flows.engine import advance, dispatch
from relance.flows.engine.advance import Advancer
from relance.flows.engine.clock import Clock
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.judge import ConditionJudge
from relance.flows.engine.upkeep import Upkeep
from relance.worker.loops import Work, Worker


def nobody_sent(_: UUID) -> None:
    """A dead worker had nothing in hand."""


def main() -> None:
    with open_app(read_config(), stays=True, migrates=True) as app, told_to_stop() as stop:
        judging, moving, tidying = databases = [app.engine_database() for _ in range(3)]
        works = [
            Work(
                "dispatch",
                Dispatcher(judging, app.conditions).batch,
                idle=2.0,
                full=dispatch.AT_ONCE,
                then=("advance",),
            ),
            Work("advance", Advancer(moving, ConditionJudge(app.conditions)).batch, idle=0.5, full=advance.AT_ONCE),
            Work("clock", Clock(tidying).look, idle=1.0),
            Work("upkeep", Upkeep(tidying).tidy, idle=20.0),
        ]
        worker = Worker(databases, uuid4(), works, orphaned=nobody_sent)
        worker.start()
        stop.wait()
        worker.stop()


if __name__ == "__main__":
    main()
