"""The small world in which every flow story is told: the shop, its people, a mail server, and a clock that travels.

Everything is real but time: the API's use cases write, dispatcher, advancer, clock and sender run on PostgreSQL, emails
leave by SMTP and are read back from a mail catcher, opens and clicks come in over HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from relance import hooks
from relance.accounts import settings as account_settings
from relance.accounts import store as accounts
from relance.accounts.people import join
from relance.app import KINDS
from relance.audience import audiences, consent, contacts, fields, groups, segments, tags
from relance.audience.conditions import CompiledCache
from relance.audience.record_event import Fact, record_event
from relance.db.pool import Database, Transaction
from relance.db.share import Share
from relance.events.append import append
from relance.events.model import NewEvent
from relance.flows import inside, life, step_pause, store
from relance.flows.care import Care
from relance.flows.contexts import contexts_behind
from relance.flows.definition.apply import apply, check_file
from relance.flows.definition.around import read_names
from relance.flows.definition.export import export
from relance.flows.definition.file import read_flow
from relance.flows.definition.segment_condition import written_condition
from relance.flows.engine.advance import Advancer
from relance.flows.engine.clock import Clock as EngineClock
from relance.flows.engine.dispatch import Dispatcher
from relance.flows.engine.handover import Handover
from relance.flows.engine.inspect import Decision, why
from relance.flows.engine.judge import ConditionJudge
from relance.flows.engine.membership import Membership
from relance.flows.engine.reconcile import reconcile
from relance.flows.engine.upkeep import Upkeep
from relance.flows.events import API_CALLED, ApiCalled
from relance.flows.notices.tell import Teller
from relance.flows.placing import People
from relance.flows.resume import Resume
from relance.flows.webhooks.call import Caller
from relance.flows.webhooks.private_hosts import read_private_hosts
from relance.kernel.clock import Clock
from relance.kernel.ids import bucket_for_new_contact
from relance.kernel.slots import buckets_of_slot
from relance.messages import browse
from relance.messages.send import Sender, SendSettings
from relance.messages.transports.catcher import CaughtMail
from relance.web.flows.notice_letters import notice_letter
from tests import cast
from tests.scenarios.post import Mail, Post

PUBLIC_URL = "http://relance.test"
SECRET = "a secret that only tests know, 32 characters long"
HOP = timedelta(hours=6)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
APPLE = "Mozilla/5.0"
"""What Apple's Mail Privacy Protection calls itself: it fetches the pictures of every message."""


class World:
    """Made by the ``world`` fixture."""

    def __init__(self, database: Database, clock: Clock, post: Post) -> None:
        self.database, self.clock = database, clock
        self.post, self.mails = post, post.mails
        self.post.full = False
        self.mails.clear()
        self.invented: list[UUID] = []
        cache = CompiledCache(KINDS.subjects)
        handover = Handover(cache, usual_caps=True)
        self.dispatcher = Dispatcher(database, cache)
        self.advancer = Advancer(database, ConditionJudge(cache))
        self.engine_clock = EngineClock(database)
        self.membership = Membership(database, cache)
        self.upkeep = Upkeep(database)
        self.care = Care(database, KINDS, cache)
        self.sender = Sender(
            database,
            post.transport,
            judge=handover.judge,
            leaving=handover.leaving,
            contexts=contexts_behind,
            unsubscribed=handover.unsubscribed,
            settings=SendSettings(public_url=PUBLIC_URL, secret=SECRET, worker_id=uuid4()),
        )
        self.caller = Caller(
            database,
            contexts=contexts_behind,
            secrets={"crm": cast.CRM_SECRET},
            private=read_private_hosts("127.0.0.1"),
        )
        self.teller = Teller(
            database,
            post.transport,
            contexts=contexts_behind,
            write=lambda key, notices, now: notice_letter(PUBLIC_URL, key, notices, now),
        )
        with database.transaction() as tx:
            self.shop = cast.open_shop(tx)
            # A small shop: all its people in one slot, so that a year of looks is quick.
            home = bucket_for_new_contact(cast.ACCOUNT, 1)
            slot = home // len(buckets_of_slot(0))
            tx.connection.execute("update account set spread = %s", (buckets_of_slot(slot)[-1] - home + 1,))
            # Most stories write to somebody several times a day; those about the cap set their own.
            account_settings.set_setting(tx, self.clock.now(), self.shop.account_id, "frequency_cap.email", "off")
        self.share = Share((slot,))
        context = hooks.HookContext(database=database, public_url=PUBLIC_URL, secret=SECRET)
        self.browser = TestClient(Starlette(routes=hooks.routes(context)), base_url=PUBLIC_URL)

    def set(self, key: str, value: str | None) -> None:
        """A setting of the account; None: what is usual."""
        with self.database.transaction() as tx:
            if value is None:
                account_settings.unset_setting(tx, self.clock.now(), self.shop.account_id, key)
            else:
                account_settings.set_setting(tx, self.clock.now(), self.shop.account_id, key, value)

    # ── Flows ──
    def flow(self, text: str, *, on: bool = True, folder: Path | None = None) -> int:
        """Apply a flow file; turn it on unless told otherwise, a second after what went before. Returns its id."""
        self.settle()
        self.clock.advance(timedelta(seconds=1))
        with self.database.transaction() as tx:
            written = read_flow(text, folder=folder)
            applied = apply(tx, self.clock.now(), KINDS, self.shop.account_id, {}, written)
        if on:
            self.publish(applied.flow_id)
            self.turn_on(applied.flow_id)
        return applied.flow_id

    def problems(self, text: str) -> list[str]:
        """The codes of what is wrong with a flow file; nothing is saved."""
        with self.database.transaction() as tx:
            return [one.code for one in check_file(tx, KINDS, self.shop.account_id, {}, read_flow(text))]

    def rewritten(self, text: str) -> Any:
        """A flow file saved, written out and read: applying what was written changes nothing."""
        with self.database.transaction() as tx:
            applied = apply(tx, self.clock.now(), KINDS, self.shop.account_id, {}, read_flow(text))
            flow = store.get_flow(tx, self.shop.account_id, applied.name)
            names = read_names(tx, self.shop.customers.audience_id, flow.flow_id)
            written = export(flow.name, "Customers", store.definition_of(tx, flow), names)
            assert not apply(tx, self.clock.now(), KINDS, self.shop.account_id, {}, read_flow(written)).changed
        return yaml.safe_load(written)

    def publish(self, flow_id: int, **people: Any) -> None:
        """``inside``, ``removed``: what happens to people inside."""
        with self.database.transaction() as tx:
            life.publish(tx, self.clock.now(), KINDS, flow_id, People(**people))

    def turn_on(self, flow_id: int) -> None:
        with self.database.transaction() as tx:
            life.turn_on(tx, self.clock.now(), KINDS, flow_id)

    def pause(self, flow_id: int) -> None:
        with self.database.transaction() as tx:
            life.pause(tx, self.clock.now(), flow_id)

    def resume(self, flow_id: int, **answers: Any) -> None:
        """``late``, ``days``, ``missed``: the answers to its questions."""
        with self.database.transaction() as tx:
            life.resume(tx, self.clock.now(), KINDS, flow_id, Resume(**answers))

    def pause_step(self, flow_id: int, label: str) -> None:
        with self.database.transaction() as tx:
            step_pause.pause_step(tx, self.clock.now(), flow_id, self._step(tx, flow_id, label))

    def resume_step(self, flow_id: int, label: str) -> None:
        with self.database.transaction() as tx:
            step_pause.resume_step(tx, self.clock.now(), flow_id, self._step(tx, flow_id, label))

    def _step(self, tx: Transaction, flow_id: int, label: str) -> int:
        """By label or kind."""
        row = tx.connection.execute(
            "select step_id from step join flow using (version_id) where flow_id = %s and %s in (label, kind)",
            (flow_id, label),
        ).fetchone()
        assert row is not None, f"the flow has no step {label}"
        return int(row[0])

    def take_out(self, flow_id: int, email: str, *, again: bool = False) -> None:
        with self.database.transaction() as tx:
            who = self._contact(tx, email).contact_id
            inside.take_out(tx, self.clock.now(), flow_id, who, again=again)

    def take_all_out(self, flow_id: int, label: str | None = None) -> None:
        with self.database.transaction() as tx:
            step_id = None if label is None else self._step(tx, flow_id, label)
            inside.take_all_out(tx, self.clock.now(), flow_id, step_id)

    def allow_again(self, flow_id: int, email: str) -> None:
        with self.database.transaction() as tx:
            inside.allow_again(tx, flow_id, self._contact(tx, email).contact_id)

    def reset(self, flow_id: int, email: str) -> None:
        with self.database.transaction() as tx:
            inside.reset(tx, self.clock.now(), flow_id, self._contact(tx, email).contact_id)

    def drain(self, flow_id: int) -> None:
        with self.database.transaction() as tx:
            life.drain(tx, self.clock.now(), KINDS, flow_id)

    def archive_flow(self, flow_id: int) -> None:
        with self.database.transaction() as tx:
            life.archive(tx, self.clock.now(), flow_id)

    def add_by_hand(self, flow_id: int, email: str) -> None:
        with self.database.transaction() as tx:
            life.add_by_hand(tx, self.clock.now(), flow_id, self._contact(tx, email).contact_id)

    def call(self, flow_id: int, email: str, *, key: str | None = None, **properties: Any) -> None:
        """The shop's software calls the flow: what POST …/actions/trigger appends (trigger 39)."""
        self._call("select trigger_id from flow_trigger where flow_id = %s and kind = 'flow_api'",
                   flow_id, email, key, properties)  # fmt: skip

    def release(self, flow_id: int, email: str) -> None:
        """The same call, for the first step that waits for it."""
        self._call("select step_id from subscription where flow_id = %s and event_kind = 'flow.api_called' "
                   "and purpose = 'wait'", flow_id, email, None, {})  # fmt: skip

    def _call(self, points: str, flow_id: int, email: str, key: str | None, properties: dict[str, Any]) -> None:
        with self.database.transaction() as tx:
            contact = self._contact(tx, email)
            point = tx.connection.execute(points, (flow_id,)).fetchone()
            assert point is not None, "this flow does not hear the API"
            payload = ApiCalled(flow_id=flow_id, step_id=point[0], properties=properties)
            fact = NewEvent(
                API_CALLED, payload, contact.account_id, contact.audience_id, contact.contact_id, "api", key=key
            )
            append(tx, self.clock.now(), [fact])

    def learnt(self, email: str) -> Any:
        """What the last run of a contact has kept for itself."""
        who = self.contact(email).contact_id
        return self._rows(f"select context from run where contact_id = '{who}' order by entered_at desc limit 1")[0][0]

    def forget_events(self, email: str) -> None:
        """As when their month has left the ledger."""
        with self.database.transaction() as tx:
            tx.connection.execute("delete from event where contact_id = %s", (self._contact(tx, email).contact_id,))

    def block(self, flow_id: int, email: str) -> None:
        """Put somebody on the flow's block list."""
        with self.database.transaction() as tx:
            contact = self._contact(tx, email)
            tx.connection.execute(
                "insert into block_list (bucket, contact_id, flow_id, at) values (%s, %s, %s, %s)",
                (contact.bucket, contact.contact_id, flow_id, self.clock.now()),
            )

    def delete_field(self, tag: str) -> None:
        with self.database.transaction() as tx:
            fields.delete(tx, self.clock.now(), fields.find_fields(tx, self.shop.customers.audience_id)[tag])

    def state(self, flow_id: int) -> str:
        with self.database.transaction() as tx:
            return store.get_flow(tx, self.shop.account_id, str(flow_id)).state

    def problems_of(self, flow_id: int) -> list[str]:
        """What is wrong with a broken flow, place and sentence."""
        with self.database.transaction() as tx:
            found = store.get_flow(tx, self.shop.account_id, str(flow_id)).problems
        return [f"{one['where']}: {one['what']}" for one in found]

    def colleague(self, email: str, language: str = "en") -> None:
        """Somebody of the shop's team."""
        with self.database.transaction() as tx:
            account = accounts.get_account(tx, self.shop.account_id)
            assert account is not None
            join(tx, self.clock.now(), replace(account, language=language), email, "editor")

    def colleague_leaves(self, email: str) -> None:
        with self.database.transaction() as tx:
            tx.connection.execute(
                "delete from membership where person_id = (select person_id from person where email = %s)", (email,)
            )

    def alerts(self) -> list[str]:
        """What the team is told of, oldest first."""
        return [kind for (kind,) in self._rows("select kind from alert order by at, alert_id")]

    # ── People ──
    def person(self, email: str, **draft: Any) -> UUID:
        """Add or change a contact through the team's app; subscribed unless told otherwise."""
        draft.setdefault("email_status", "subscribed")
        actor, syncing = draft.pop("actor", cast.TEAM), draft.pop("syncing", False)
        draft.setdefault("shown", "Asked in the shop")
        with self.database.transaction() as tx:
            wanted = contacts.Draft(email=email, **draft)
            saved = contacts.save(tx, self.clock.now(), self.shop.customers, wanted, actor, syncing=syncing)
        return saved.contact.contact_id

    def tag(self, email: str, *names: str, remove: Sequence[str] = (), syncing: bool = False) -> None:
        with self.database.transaction() as tx:
            contact = self._contact(tx, email)
            actor = cast.API
            contacts.set_tags(
                tx,
                self.clock.now(),
                self.shop.customers,
                contact,
                add=names,
                remove=remove,
                actor=actor,
                syncing=syncing,
            )

    def delete_tag(self, name: str) -> None:
        with self.database.transaction() as tx:
            tags.delete(tx, self.clock.now(), tags.find(tx, self.shop.customers.audience_id, [name])[name])

    def event(self, email: str, name: str, properties: dict[str, Any] | None = None, **more: Any) -> None:
        with self.database.transaction() as tx:
            fact = Fact(self.shop.customers, email, name, properties or {}, **more)
            record_event(tx, self.clock.now(), fact)

    def archive(self, email: str) -> None:
        self._change(email, lambda tx, who: contacts.archive(tx, self.clock.now(), self.shop.customers, who, cast.API))

    def restore(self, email: str) -> None:
        self._change(email, lambda tx, who: contacts.restore(tx, self.clock.now(), self.shop.customers, who, cast.API))

    def erase(self, email: str) -> UUID:
        contact_id = self.contact(email).contact_id
        self._change(email, lambda tx, who: contacts.erase(tx, self.clock.now(), self.shop.customers, who, cast.API))
        return contact_id

    def confirm(self, email: str) -> None:
        """The link of the double opt-in is followed."""
        self._change(email, lambda tx, who: contacts.confirm(tx, self.clock.now(), self.shop.customers, who, cast.FORM))

    def unsubscribe(self, email: str, actor: Any = cast.FORM) -> None:
        self._change(email, lambda tx, who: consent.unsubscribe(tx, self.clock.now(), self.shop.customers, who, actor))

    def clean(self, email: str) -> None:
        """The address has bounced for good."""
        self._change(
            email, lambda tx, who: consent.clean(tx, self.clock.now(), self.shop.customers, who, "hard_bounce")
        )

    def _change(self, email: str, change: Callable[[Transaction, contacts.Contact], object]) -> None:
        with self.database.transaction() as tx:
            change(tx, self._contact(tx, email))

    def segment(self, name: str, written: str) -> int:
        """A segment, its condition written as in a flow file, filled to the end. Returns its id."""
        with self.database.transaction() as tx:
            audience_id = self.shop.customers.audience_id
            source, objects = written_condition(tx, audience_id, written)
            made = segments.create(tx, self.clock.now(), audience_id, name, source, KINDS.subjects, objects)
        self.settle()
        return made.segment_id

    def edit_segment(self, name: str, written: str) -> None:
        with self.database.transaction() as tx:
            segment = segments.find(tx, self.shop.customers.audience_id, name)
            assert segment is not None, f"there is no segment {name}"
            source, objects = written_condition(tx, segment.audience_id, written)
            segments.change(tx, self.clock.now(), segment, KINDS.subjects, objects, source=source)
        self.settle()

    def rows_of_segments(self) -> int:
        """Members and due instants of segments that are deleted."""
        ((found,),) = self._rows(
            "select count(*) from (select segment_id from segment_member union all select segment_id from segment_due) m "
            "join segment s using (segment_id) where s.deleted_at is not null"
        )
        return int(found)

    def members(self, name: str) -> set[str]:
        """The addresses of those who are in a segment, as it is kept."""
        with self.database.transaction() as tx:
            segment = segments.find(tx, self.shop.customers.audience_id, name)
            assert segment is not None, f"there is no segment {name}"
            found = [str(one.contact_id) for one in segments.members(tx, segment.segment_id, 1000)]
            return {str(one.email) for one in contacts.find_many(tx, segment.audience_id, found).values()}

    def audience(self, name: str) -> None:
        """The account gets an audience more."""
        with self.database.transaction() as tx:
            audiences.create(tx, self.clock.now(), self.shop.account_id, name, {})

    def field(self, tag: str, kind: str) -> None:
        """The audience gets a field more."""
        with self.database.transaction() as tx:
            fields.add(tx, self.shop.customers.audience_id, tag.title(), kind, tag=tag)

    def choose(self, email: str, *, syncing: bool = False, actor: Any = cast.FORM, **inside: bool) -> None:
        """The preference page: ``choose(ANA, Ferns=True)``."""
        with self.database.transaction() as tx:
            ids = {one.name: one.group_id for one in groups.list_groups(tx, self.shop.customers.audience_id)}
            wanted = {ids[name]: yes for name, yes in inside.items()}
            who = self._contact(tx, email)
            contacts.set_groups(tx, self.clock.now(), self.shop.customers, who, actor, wanted, syncing=syncing)

    def groups(self, category: str, *names: str, choice: str = "checkboxes") -> None:
        """The audience gets a category of groups more."""
        with self.database.transaction() as tx:
            made = groups.add_category(tx, self.shop.customers.audience_id, category, choice)
            for name in names:
                groups.add_group(tx, made, name)

    def delete_group(self, name: str) -> None:
        with self.database.transaction() as tx:
            known = {one.name: one for one in groups.list_groups(tx, self.shop.customers.audience_id)}
            groups.delete_group(tx, self.clock.now(), known[name])

    def groups_of(self, email: str) -> set[str]:
        with self.database.transaction() as tx:
            contact = self._contact(tx, email)
            known = {group.group_id: group.name for group in groups.list_groups(tx, contact.audience_id)}
            return {known[group_id] for group_id in contacts.groups_of(tx, [contact])[contact.contact_id]}

    def told(self, email: str) -> list[str]:
        """The kinds of the contact's events, oldest first."""
        with self.database.transaction() as tx:
            return self.shop.story(tx, self._contact(tx, email))

    def goals(self, email: str) -> list[tuple[str, str | None]]:
        """(name, value) of the goals that a contact has reached, oldest first."""
        return self._rows(
            "select payload ->> 'name' as name, payload ->> 'value' as value from event where kind = 'run.goal_reached' "
            f"and contact_id = '{self.contact(email).contact_id}' order by recorded_at, event_id"
        )

    def value(self, email: str, tag: str) -> Any:
        """The stored value of a field, None when blank."""
        with self.database.transaction() as tx:
            known = fields.find_fields(tx, self.shop.customers.audience_id)
            return self._contact(tx, email).fields.get(str(known[tag].field_id))

    def contact(self, email: str) -> contacts.Contact:
        with self.database.transaction() as tx:
            return self._contact(tx, email)

    def _contact(self, tx: Transaction, email: str) -> contacts.Contact:
        contact = contacts.find(tx, self.shop.customers.audience_id, email, lock=True)
        assert contact is not None, f"nobody has the address {email}"
        return contact

    def tags_of(self, email: str) -> set[str]:
        with self.database.transaction() as tx:
            contact = self._contact(tx, email)
            return {tag.name for tag, _ in contacts.tags_of(tx, [contact]).get(contact.contact_id, [])}

    def one_click(self, mail: Mail) -> None:
        """The mail program's own way to unsubscribe (RFC 8058)."""
        link = re.findall("<(http[^>]+)>", mail.header("List-Unsubscribe"))[0]
        self.browser.post(link, data={"List-Unsubscribe": "One-Click"})
        self.settle()

    # ── Time ──
    def settle(self, *, sending: bool = True) -> None:
        """Let everything happen that can happen now; without ``sending``, emails stay in the queue."""
        while True:
            found = (
                self.dispatcher.batch(self.share)
                + self.membership.batch(self.share)
                + self.advancer.batch(self.share)
                + self.engine_clock.look(self.share)
                + self.care.all()
                + self.caller.batch(self.share)
                + self.teller.all()
            )
            if sending:
                found += self.sender.batch(self.share)
            if not found:
                return

    def tidy(self) -> None:
        """What the upkeep does every few seconds."""
        self.upkeep.tidy(self.share)

    def judge(self) -> None:
        """Only the gate: events are judged, nobody moves."""
        while self.dispatcher.batch(self.share):
            pass

    def travel(self, by: timedelta, hop: timedelta = HOP) -> None:
        """Live through a stretch of time: stop wherever somebody's rest is over, and each ``hop`` for the clock."""
        target = self.clock.now() + by
        self.settle()
        while self.clock.now() < target:
            self.clock.set(min([target, self.clock.now() + hop, *self._due(target)]))
            if self.engine_clock.look(self.share) or self._due(self.clock.now()):
                self.settle()

    def later(self, **by: float) -> None:
        """``later(days=2)``"""
        self.travel(timedelta(**by))

    def until(self, moment: datetime) -> None:
        self.travel(moment - self.clock.now())

    def _due(self, until: datetime) -> list[datetime]:
        """The next moment at which somebody's rest is over, if there is one."""
        with self.database.transaction() as tx:
            row = tx.connection.execute(
                "select min(due) from (select due from run union all select due from delivery "
                "union all select due from segment_due union all select due from webhook_call "
                "union all select due from notice) d where due <= %s",
                (until,),
            ).fetchone()
        return [max(row[0], self.clock.now())] if row and row[0] else []

    # ── What came of it ──
    def mails_to(self, email: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.to == email]

    def open(self, mail: Mail, agent: str = FIREFOX) -> None:
        self.browser.get(mail.pixel, headers={"User-Agent": agent})
        self.settle()

    def click(self, mail: Mail, agent: str = FIREFOX) -> str:
        """Follow the first link and return where it leads."""
        return self.follow(mail.links()[0], agent)

    def follow(self, link: str, agent: str = FIREFOX) -> str:
        answer = self.browser.get(link, headers={"User-Agent": agent}, follow_redirects=False)
        self.settle()
        return answer.headers["location"]

    def codes(self, flow_id: int, email: str) -> list[str]:
        """The trail of somebody in a flow, as codes."""
        with self.database.transaction() as tx:
            return [line.code for line in why(tx, flow_id, self._contact(tx, email).contact_id)]

    def path(self, flow_id: int, email: str) -> list[str]:
        """The trail without the answers about events that are not this flow's (E27)."""
        return [code for code in self.codes(flow_id, email) if code != "E27"]

    def entered(self, flow_id: int, email: str) -> int:
        return self.codes(flow_id, email).count("E00")

    def trail(self, flow_id: int, contact_id: UUID) -> list[Decision]:
        with self.database.transaction() as tx:
            return why(tx, flow_id, contact_id)

    def why_in(self, flow_id: int, email: str, language: str) -> list[str]:
        """The meanings of the trail, in a language."""
        with self.database.transaction() as tx:
            return [line.meaning for line in why(tx, flow_id, self._contact(tx, email).contact_id, language)]

    def entries(self, flow_id: int, email: str) -> list[str]:
        """What the gate has said so far, as codes."""
        return [code for code in self.codes(flow_id, email) if code.startswith("E")]

    def at(self, flow_id: int, email: str) -> str | None:
        """The step at which somebody is, by label or kind; None: not inside."""
        with self.database.transaction() as tx:
            row = tx.connection.execute(
                "select coalesce(nullif(s.label, ''), s.kind) from run r join step s using (version_id, step_id) "
                "where r.flow_id = %s and r.contact_id = %s and r.ended_at is null",
                (flow_id, self._contact(tx, email).contact_id),
            ).fetchone()
        return row[0] if row else None

    def figure(self, flow_id: int, code: str) -> int:
        """How often something was counted in the flow."""
        with self.database.transaction() as tx:
            row = tx.connection.execute(
                "select coalesce(sum(n), 0) from (select flow_id, code, n from tally union all "
                "select flow_id, code, n from tally_delta) t where flow_id = %s and code = %s",
                (flow_id, code),
            ).fetchone()
        return int(row[0]) if row else 0

    def counted(self, flow_id: int, *, days_ago: int, **codes: int) -> None:
        """As if so many had been counted on that day: stories of crowds, without the crowd. The accounting at the end
        leaves them out."""
        with self.database.transaction() as tx:
            for code, n in codes.items():
                self.invented.append(uuid4())
                tx.connection.execute(
                    "insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, day, code, n) "
                    "select %s, %s, account_id, flow_id, version_id, %s, %s, %s from flow where flow_id = %s",
                    (
                        self.share.buckets[0],
                        self.invented[-1],
                        self.clock.now() - timedelta(days=days_ago),
                        code,
                        n,
                        flow_id,
                    ),
                )

    def subjects(self, email: str) -> list[str]:
        return [mail.subject for mail in self.mails_to(email)]

    def keep_caught(self, mail: Mail) -> None:
        """As the local catcher does."""
        with self.database.transaction() as tx:
            browse.keep(tx, CaughtMail(self.clock.now(), "hello@fern.example", (mail.to,), mail.data))

    def holding(self, word: str) -> list[str]:
        """The tables in which a word stands."""
        with self.database.transaction() as tx:
            names = tx.connection.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
                " and not relispartition order by relname"
            ).fetchall()
            return [
                name
                for (name,) in names
                if tx.connection.execute(
                    f"select 1 from {name} t where strpos(t::text, %s) + strpos(t::text, %s) > 0 limit 1".encode(),
                    (word, word.encode().hex()),
                ).fetchone()
            ]

    def still_inside(self) -> int:
        return len(self._rows("select 1 from run where ended_at is null"))

    def entered_twice(self) -> list[Any]:
        """Entries of one contact for one thing (G17): the trail beside the key that ought to keep them apart."""
        return self._rows(
            "select contact_id, flow_id, trigger_id, coalesce(seen ->> 'key', event_id::text) from decision where code = 'E00' "
            "group by 1, 2, 3, 4 having count(*) > 1"
        )

    def sent_twice(self) -> list[Any]:
        """Deliveries of one step to one run (5.9)."""
        return self._rows("select run_id, step_id from delivery group by 1, 2 having count(*) > 1")

    def _rows(self, statement: str) -> list[Any]:
        with self.database.transaction() as tx:
            return tx.connection.execute(statement).fetchall()

    def seen(self, flow_id: int, email: str, code: str) -> list[Any]:
        """The values seen with each decision of that code."""
        with self.database.transaction() as tx:
            trail = why(tx, flow_id, self._contact(tx, email).contact_id)
        return [line.seen for line in trail if line.code == code]

    def sent_at(self, email: str) -> list[datetime]:
        """When emails left, in their order."""
        with self.database.transaction() as tx:
            who = self._contact(tx, email).contact_id
            rows = tx.connection.execute(
                "select sent_at from delivery where contact_id = %s and sent_at is not null order by sent_at", (who,)
            ).fetchall()
        return [at for (at,) in rows]

    def down(self, **by: float) -> None:
        """Time goes by and no worker runs."""
        self.clock.advance(timedelta(**by))

    def closes(self) -> None:
        """The accounting closes, at the end of every story."""
        self.settle()
        with self.database.transaction() as tx:
            tx.connection.execute("delete from tally_delta where delta_id = any(%s)", (self.invented,))
            gaps = [gap for check in reconcile(tx) for gap in check.gaps]
        assert not gaps, gaps
