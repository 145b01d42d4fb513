"""The composition root: builds everything once and hands each part what it needs.

``open_server`` gives a command the database (embedded or the operator's own), ``open_app`` also its schema and account;
``worker`` makes the loops of a worker, ``web`` the ASGI application.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from relance.accounts import signing
from relance.accounts.model import Account
from relance.accounts.people import open_account
from relance.accounts.store import all_accounts
from relance.audience import events as audience_events
from relance.audience.conditions import SUBJECTS as AUDIENCE_SUBJECTS
from relance.audience.conditions import CompiledCache, Subjects
from relance.config import Config, keep_secret, secret_place
from relance.db import last_reading, partitions
from relance.db.embedded import AttachedServer, EmbeddedServer, prepare_folder, resolve_folder, running
from relance.db.migrate import migrate
from relance.db.pool import Database, Stretch
from relance.db.server import ExternalServer, Server
from relance.events.catalogue import Catalogue
from relance.flows import events as flow_events
from relance.flows.care import Care
from relance.flows.conditions import SUBJECTS as FLOW_SUBJECTS
from relance.flows.contexts import contexts_behind
from relance.flows.engine import advance, dispatch
from relance.flows.engine.advance import Advancer
from relance.flows.engine.clock import Clock
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.handover import Handover
from relance.flows.engine.inspect import judgement
from relance.flows.engine.judge import ConditionJudge
from relance.flows.engine.membership import Membership
from relance.flows.engine.upkeep import Upkeep
from relance.flows.kinds import Kinds
from relance.flows.notices.tell import Notice, Teller
from relance.flows.webhooks.call import Caller
from relance.flows.webhooks.headers import read_secrets
from relance.flows.webhooks.private_hosts import read_private_hosts
from relance.kernel import clock
from relance.kernel.errors import Conflict
from relance.messages import events as message_events
from relance.messages.conditions import SUBJECTS as MESSAGE_SUBJECTS
from relance.messages.send import Sender, SendSettings
from relance.messages.transports.smtp import SmtpTransport
from relance.messages.transports.smtp_url import parse_smtp_url
from relance.worker.alerts import Alerts
from relance.worker.loops import Work, Worker

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.applications import Starlette

    from relance.db.pool import Transaction
    from relance.messages.transports.model import Letter

log = logging.getLogger("relance.server")

KINDS = Kinds(
    events=Catalogue([*audience_events.KINDS, *message_events.KINDS, *flow_events.KINDS]),
    subjects=Subjects([*AUDIENCE_SUBJECTS, *MESSAGE_SUBJECTS, *FLOW_SUBJECTS]),
)

DEFAULT_ACCOUNT = "Relance"
DEFAULT_OWNER = "owner@localhost.localdomain"

Report = Callable[[str], None]

ENGINE_PLANS = {
    "enable_seqscan": "off",
    "enable_memoize": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""The engine looks up by key, always. A plan made while a table was new and small would read it from end to end, also
when it has grown, until the next statistics; and planning anew, or compiling, for every batch costs more than it finds.
No key is looked up twice in a batch, so there is nothing to memoize."""

ENGINE = {**ENGINE_PLANS, "idle_in_transaction_session_timeout": "5s"}
"""A worker that stands still between two statements holds its rows, and with them whoever takes over: no longer than it
takes to find out that it is silent (docs/decisions/0028)."""


@dataclass(frozen=True)
class App:
    """What a command works with. ``account`` is the installation's first one, made at the first start.

    ``secret`` signs links and cookies.
    """

    config: Config
    database: Database
    account: Account
    secret: str
    data: Path
    kinds: Kinds = KINDS
    conditions: CompiledCache = field(default_factory=lambda: CompiledCache(KINDS.subjects))

    @property
    def smtp_url(self) -> str:
        return self.config.smtp_url or f"smtp://127.0.0.1:{self.config.catcher_port}?tls=off"

    def worker(self) -> Worker:
        """The loops of one worker; start() and stop() are the caller's."""
        worker_id = uuid4()
        # Each loop on a connection of its own, which plans and keeps what that loop asks, and nothing else.
        databases = [self.engine_database() for _ in range(6)]
        judging, moving, sending, grouping, calling, tidying = databases
        handover = Handover(self.conditions, usual_caps=bool(self.config.smtp_url))
        sender = Sender(
            sending,
            SmtpTransport(self.smtp_url),
            judge=handover.judge,
            leaving=handover.leaving,
            contexts=contexts_behind,
            unsubscribed=handover.unsubscribed,
            settings=SendSettings(public_url=self.config.public_url, secret=self.secret, worker_id=worker_id),
        )
        caller = Caller(
            calling,
            contexts=contexts_behind,
            secrets=read_secrets(self.config.webhook_secrets),
            private=read_private_hosts(self.config.private_hosts),
        )
        dispatcher = Dispatcher(judging, self.conditions)
        advancer = Advancer(moving, ConditionJudge(self.conditions))
        works = [
            # Whoever records an event wakes it: the look without a call is for calls that were lost.
            Work("dispatch", dispatcher.batch, idle=2.0, full=dispatch.AT_ONCE, then=("advance",)),
            Work("advance", advancer.batch, idle=0.5, full=advance.AT_ONCE),
            Work("send", sender.batch, idle=0.5),
            Work("webhooks", caller.batch, idle=1.0),
            Work("segments", Membership(grouping, CompiledCache(self.kinds.subjects)).batch, idle=1.0),
            Work("clock", Clock(tidying).look, idle=1.0),
            Work("care", Care(tidying, self.kinds, self.conditions).look, idle=10.0),
            Work("alerts", self._alerts(tidying).look, idle=30.0),
            Work("notices", self._teller(tidying).look, idle=2.0),
            Work("upkeep", Upkeep(tidying).tidy, idle=20.0),
        ]
        return Worker(databases, worker_id, works, orphaned=sender.orphaned)

    def _alerts(self, database: Database) -> Alerts:
        from relance.web.flows.alert_letters import alert_letters

        def write(tx: Transaction, now: datetime) -> list[Letter]:
            return alert_letters(tx, now, self.config.public_url)

        return Alerts(database, SmtpTransport(self.smtp_url, connections=1), write)

    def _teller(self, database: Database) -> Teller:
        from relance.web.flows.notice_letters import notice_letter

        def write(key: str, notices: Sequence[Notice], now: datetime) -> Letter:
            return notice_letter(self.config.public_url, key, notices, now)

        return Teller(database, SmtpTransport(self.smtp_url, connections=1), contexts=contexts_behind, write=write)

    def engine_database(self) -> Database:
        """Connections for one of the engine's loops; the worker opens and closes them."""
        return Database(
            self.database.conninfo,
            Stretch(smallest=1, largest=3),
            settings=ENGINE,
            prepare_after=0,
            check=False,
        )

    def web(self) -> Starlette:
        """The ASGI application: pages, API, hooks."""
        from relance.surface import application

        return application(
            self.database,
            self.kinds,
            self.config.public_url,
            self.secret,
            self.judge_now,
            SmtpTransport(self.smtp_url, connections=1),
            self.config.metrics_token,
        )

    def judge_now(self, event_id: UUID, bucket: int, patience: float) -> str | None:
        return judgement(self.database, event_id, bucket, patience)


def quiet(_: str) -> None:
    """A report that nobody reads."""


@contextmanager
def open_server(config: Config, report: Report = quiet, *, stays: bool = False) -> Iterator[tuple[Config, str]]:
    """The database reachable, whatever is in it: the settings with the data folder that is used, and the conninfo.

    Attaches to the embedded server when another process of this installation runs it, else starts it and stops it at
    the end. ``stays``: this process runs until it is told to stop, so it takes the server over from one that ends
    before. Raises RelanceError with what to do about it.
    """
    config, server = _server(config, report, stays)
    server.start()
    try:
        yield config, server.conninfo
    finally:
        server.stop()


@contextmanager
def open_app(
    config: Config,
    report: Report = quiet,
    stretch: Stretch | None = None,
    *,
    stays: bool = False,
    migrates: bool = False,
    believe_clock: bool = False,
) -> Iterator[App]:
    """The database reachable (see ``open_server``), its schema up to date, the clock where it was, the first account
    there.

    ``stays``: the process signs links too, so it has the secret that the database knows. ``migrates``: bring the schema
    up to date. Otherwise only an empty database is set up: processes of the former release may be working on one that
    is not. ``believe_clock``: a later reading of the clock is forgotten. Raises RelanceError with what to do about it.
    """
    if config.smtp_url:
        parse_smtp_url(config.smtp_url)  # before anything is made
    with open_server(config, report, stays=stays) as (used, conninfo):
        if applied := migrate(conninfo, only_empty=not migrates):
            log.info("schema.migrated", extra={"migrations": ", ".join(applied)})
        secret = used.secret or keep_secret(used.data)
        with Database(conninfo, stretch or Stretch()) as database:
            with database.transaction() as tx:
                if believe_clock:
                    last_reading.take_back(tx)
                last_reading.go_on(tx)
                partitions.ensure(tx, clock.now())
                if stays:
                    signing.hold_to(tx, clock.now(), secret, secret_place(used))
            account = _account(database)
            yield App(used, database, account, secret, used.data)


def _server(config: Config, report: Report, stays: bool) -> tuple[Config, Server]:
    if config.database_url:
        if not config.secret:
            config.data.mkdir(parents=True, exist_ok=True)
        return config, ExternalServer(config.database_url)
    config = replace(config, data=resolve_folder(config.data, config.data_chosen, report))
    prepare_folder(config.data)
    if conninfo := running(config.data):
        return config, AttachedServer(config.data, conninfo, stays=stays, report=report)
    return config, EmbeddedServer(config.data, report=report)


def _account(database: Database) -> Account:
    with database.transaction() as tx:
        accounts = all_accounts(tx)
        if accounts:
            return accounts[0]
    try:
        with database.transaction() as tx:
            return open_account(tx, clock.now(), DEFAULT_ACCOUNT, DEFAULT_OWNER)[0]
    except Conflict:
        with database.transaction() as tx:
            return all_accounts(tx)[0]
