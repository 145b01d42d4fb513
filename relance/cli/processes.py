"""relance up, serve, worker, migrate: the processes of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from relance.cli.show import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from relance.app import App
    from relance.config import Config


def add_to(root: typer.Typer) -> None:
    root.command("up")(up)
    root.command("serve")(serve)
    root.command("worker")(worker)
    root.command("migrate")(migrate)
    root.command("believe-clock")(believe_clock)


def up() -> None:
    """Start everything in the foreground: database, web and API, engine, local mail catcher. Ctrl-C stops it."""
    from relance.app import open_app
    from relance.cli import listening

    config, remark = begun()
    with (
        listening.port(config.host, config.port) as socket,
        open_app(config, report=remark, stays=True, migrates=True) as app,
    ):
        catcher = None if config.smtp_url else listening.catcher(app)
        try:
            if catcher is not None:
                demo(app, remark)
            engine = app.worker()
            engine.start()
            try:
                listening.serve(app, socket, ready=lambda: welcome(app))
            finally:
                remark("Stopping: finishing what is in hand.")
                engine.stop()
        finally:
            if catcher is not None:
                catcher.stop()


def serve() -> None:
    """Serve web and API only; `relance worker` runs the engine, on this machine or another."""
    from relance.app import open_app
    from relance.cli import listening

    config, remark = begun()
    with (
        listening.port(config.host, config.port) as socket,
        open_app(config, report=remark, stays=True, migrates=True) as app,
    ):
        listening.serve(app, socket, ready=lambda: remark(f"Relance serves on {config.public_url}"))


def worker() -> None:
    """Run the engine's loops only; any number of workers share the work of one database."""
    from relance.app import open_app
    from relance.cli import listening

    config, remark = begun()
    with open_app(config, report=remark, stays=True, migrates=True) as app, listening.told_to_stop() as stop:
        engine = app.worker()
        engine.start()
        remark("The engine runs. Ctrl-C stops it when the batch in hand is done.")
        stop.wait()
        remark("Stopping: finishing what is in hand.")
        engine.stop()


def migrate() -> None:
    """Bring the database's schema up to date. `up`, `serve` and `worker` do so when they start,
    other commands refuse to work on one that is not."""
    from relance.app import open_app
    from relance.config import read_config

    with open_app(read_config(), report=say, migrates=True):
        print("The schema is up to date.")


def believe_clock() -> None:
    """Go by this machine's clock although Relance has worked at a later time. Stop every other process of it first.

    Relance waits by itself when the clock was set back by up to a day (docs/operate/clock.md).
    """
    from relance.app import open_app
    from relance.config import read_config
    from relance.kernel import clock

    with open_app(read_config(), report=say, believe_clock=True):
        say(f"It is {clock.now():%Y-%m-%d %H:%M} UTC.")


def begun() -> tuple[Config, Callable[[str], None]]:
    """The settings, and how remarks to a person are made: programs get them as logs. From here on logs go to standard
    error, a line each."""
    import logging
    import os

    from relance.config import read_config
    from relance.kernel.errors import Invalid
    from relance.kernel.logs import set_up

    try:
        config = read_config()
    except Invalid:
        if os.environ.get("RELANCE_LOG") == "json":
            set_up("json", "info")  # for the refusal
        raise
    set_up(config.log, config.log_level, config.secrets, debug=os.environ.get("RELANCE_DEBUG") == "1")
    log = logging.getLogger("relance.server")
    return config, say if config.log == "text" else lambda text: log.info("server.said", extra={"text": text})


def demo(app: App, remark: Callable[[str], None]) -> None:
    """The first start of an empty installation shows something that runs, while its mail stays on this machine."""
    from relance.demo.open import open_demo

    if open_demo(app.database, app.account, app.kinds):
        remark("This is the first start: the plant shop Fern & Moss has moved in, with three live flows.")


def welcome(app: App) -> None:
    """What a person needs to begin."""
    from relance.cli.access import KEY_FILE, api_key, sign_in_link

    key, hidden = api_key(app), app.config.log == "json"  # Whoever has programs read our output keeps it, too.
    print(f"Relance runs on {app.config.public_url}")
    print(f"Sign in:  {'relance person link' if hidden else sign_in_link(app)}")
    print(f"API key:  {f'in {app.data / KEY_FILE}' if hidden else key}")
    if not app.config.smtp_url:
        print(f"Mail:     nothing leaves this machine; {app.config.public_url}/mail shows what would have")
    print("Ctrl-C stops it.", flush=True)
