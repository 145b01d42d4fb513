"""Sending: judged again, marked, handed over by real SMTP, recorded once — whatever goes wrong in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cast import ANA, BEN, CHLOE, DEV
from db.outbox import FLOW, PUBLIC_URL, RUN_STEP, SECRET, Outbox, open_outbox
from surface.mail_servers import MailServer, Reply

from relance.audience import contacts
from relance.db.pool import Database
from relance.db.share import LeaseLost, Share, everything
from relance.kernel.clock import Clock
from relance.kernel.errors import Unavailable
from relance.messages import send
from relance.messages.track.token import Tokens
from relance.messages.transports.model import Answer, AnswerKind, Letter
from relance.messages.transports.read_mail import MailView, read_mail
from relance.messages.transports.smtp import SmtpTransport


@pytest.fixture
def outbox(database: Database, clock: Clock) -> Outbox:
    return open_outbox(database)


@contextmanager
def mail_server(
    says: Callable[[int, str, str], Reply] = lambda _n, _line, default: default,
) -> Iterator[tuple[SmtpTransport, MailServer]]:
    with MailServer(says=says) as server:
        transport = SmtpTransport(server.url(query="&tls=off"), connections=1, timeout=5, final_timeout=5)
        try:
            yield transport, server
        finally:
            transport.close()


def answering(word: str, reply: Reply) -> Callable[[int, str, str], Reply]:
    """A server that answers ``reply`` to lines with ``word``."""

    def says(_number: int, line: str, default: str) -> Reply:
        return reply if (line == word if word == "." else word in line) else default

    return says


class Post:
    """A transport without a network: what it was given, and an answer of one kind to everything."""

    def __init__(self, kind: AnswerKind = AnswerKind.ACCEPTED) -> None:
        self.kind = kind
        self.letters: list[Letter] = []

    def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
        self.letters += batch
        return [Answer(letter.key, self.kind, None, None, "said so") for letter in batch]

    @property
    def recipients(self) -> list[str]:
        return sorted(letter.recipient for letter in self.letters)

    def mail(self) -> MailView:
        (letter,) = self.letters
        return read_mail(letter.data)


class Crash(BaseException):
    """The process is gone: nothing after it runs."""


# ── What leaves ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_leaves_by_smtp_and_is_told_once(outbox: Outbox, clock: Clock) -> None:
    ref = outbox.queue(outbox.person())
    with mail_server() as (transport, server):
        assert outbox.send(transport) == 1
        assert outbox.send(transport) == 0
        assert server.recipients == [ANA]
        mail = read_mail(server.messages[0])
    assert mail.subject == "New ferns, Ana"
    assert mail.sender == "Fern & Moss <hello@fern.example>"
    assert mail.to == "Ana Lima <ana@example.com>"
    row = outbox.delivery(ref)
    assert (row.state, row.code, row.due, row.worker) == ("sent", "S00", None, None)
    assert (row.address, row.version, row.attempts, row.sent_at) == (ANA, 1, 1, clock.now())
    ((kind, payload),) = outbox.told(ref)
    assert kind == "message.sent"
    assert (payload["message_id"], payload["flow_id"], payload["step_id"]) == (outbox.message_id, FLOW, RUN_STEP)
    assert payload["run_id"]


def test_the_addresses_in_it_are_the_delivery_s_own(outbox: Outbox) -> None:
    ref = outbox.queue(outbox.person())
    outbox.send(post := Post())
    html = post.mail().html or ""
    token = Tokens(SECRET).sign(ref)
    assert f'href="{PUBLIC_URL}/t/c/{token}/' in html
    assert f'src="{PUBLIC_URL}/t/o/{token}.gif"' in html
    assert f'href="{PUBLIC_URL}/u/{token}"' in html
    assert "utm_source" not in html
    headers = dict(post.mail().headers)
    assert headers["List-Unsubscribe"] == f"<{PUBLIC_URL}/u/{token}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_transactional_message_has_no_one_click_header(outbox: Outbox) -> None:
    outbox.queue(outbox.person(), "transactional")
    outbox.send(post := Post())
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & {name for name, _ in post.mail().headers}


def test_who_does_not_want_to_be_watched_gets_no_pixel(outbox: Outbox) -> None:
    outbox.queue(outbox.person(no_open_tracking=True))
    outbox.send(post := Post())
    assert "/t/o/" not in (post.mail().html or "")
    assert "/t/c/" in (post.mail().html or "")


def test_the_event_behind_the_run_is_written_into_the_message(outbox: Outbox) -> None:
    outbox.content("<p>*|EVENT:plant|* in *|EVENT:pot.size|* on *|EVENT:DATE|*, *|CONTACT_ID|*</p>")
    ana = outbox.person()
    ref = outbox.queue(ana)
    outbox.known[ref.delivery_id] = {
        "event": {"plant": "<b>Fern</b>", "pot": {"size": 12}},
        "name": "repotted",
        "date": "2026-05-03T22:30:00+00:00",
    }
    outbox.send(post := Post())
    html = post.mail().html or ""
    assert "&lt;b&gt;Fern&lt;/b&gt; in 12 on " in html
    assert "4" in html.split(" on ")[1]  # the 4th in Paris
    assert str(ana.contact_id) in html


def test_groups_and_positions_are_read_only_for_messages_that_name_them(outbox: Outbox) -> None:
    outbox.content(
        "<p>*|AUTOMATION:CURRENT_EMAIL|*: *|INTERESTED:Plants:Ferns|*ferns*|ELSE:|*none*|END:INTERESTED|*</p>"
    )
    outbox.queue(outbox.person())
    outbox.send(post := Post())
    assert "<p>1: none</p>" in (post.mail().html or "")


def test_a_change_of_the_message_reaches_those_not_yet_sent(outbox: Outbox) -> None:
    ana, ben = outbox.queue(outbox.person()), outbox.person(BEN)
    outbox.send(Post())
    outbox.content("<p>Second edition</p>")
    second = outbox.queue(ben)
    outbox.send(post := Post())
    assert "Second edition" in (post.mail().html or "")
    assert (outbox.delivery(ana).version, outbox.delivery(second).version) == (1, 2)


def test_a_group_at_a_time_the_longest_due_first_of_each_slot(outbox: Outbox, clock: Clock) -> None:
    outbox.keep_in_one_slot()
    for email in (CHLOE, ANA, BEN):
        outbox.queue(outbox.person(email))
        clock.advance(timedelta(seconds=1))
    sender = outbox.sender(post := Post(), group=2)
    assert [sender.batch(everything()) for _ in range(3)] == [2, 1, 0]
    assert [letter.recipient for letter in post.letters] == [CHLOE, ANA, BEN]


def test_the_message_remembers_when_it_was_first_sent(outbox: Outbox, clock: Clock) -> None:
    first = clock.now()
    outbox.queue(outbox.person())
    outbox.send(Post())
    clock.advance(timedelta(days=1))
    outbox.queue(outbox.person(BEN))
    outbox.send(Post())
    with outbox.database.transaction() as tx:
        assert tx.connection.execute("select sent_at from message").fetchone() == (first,)


# ── What does not leave ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "message_class", "code"),
    [
        ("non_subscribed", "marketing", "S01"),
        ("unsubscribed", "marketing", "S02"),
        ("pending", "marketing", "S04"),
        ("pending", "transactional", "S04"),
        ("non_subscribed", "transactional", None),
        ("unsubscribed", "reply", None),
    ],
)
def test_consent_is_judged_when_the_message_is_about_to_leave(
    outbox: Outbox, status: str, message_class: str, code: str | None
) -> None:
    ref = outbox.queue(outbox.person(email_status=status), message_class)
    outbox.send(post := Post())
    assert post.recipients == ([] if code else [ANA])
    row = outbox.delivery(ref)
    assert (row.state, row.code, row.due) == (("skipped", code, None) if code else ("sent", "S00", None))
    ((kind, payload),) = outbox.told(ref)
    assert (kind, payload.get("code")) == (("message.skipped", code) if code else ("message.sent", None))
    assert payload["step_id"] == RUN_STEP


def test_who_unsubscribes_after_it_was_queued_gets_nothing(outbox: Outbox) -> None:
    ana = outbox.person()
    ref = outbox.queue(ana)
    outbox.person(email_status="unsubscribed")
    outbox.send(post := Post())
    assert (post.letters, outbox.delivery(ref).code) == ([], "S02")


def test_archived_and_erased_people_get_nothing(outbox: Outbox, clock: Clock) -> None:
    ana, ben = outbox.person(), outbox.person(BEN)
    outbox.queue(ana, "transactional")
    outbox.queue(ben, "transactional")
    with outbox.database.transaction() as tx:
        actor = contacts.Actor("api", "api")
        contacts.archive(tx, clock.now(), outbox.shop.customers, ana, actor)
        contacts.erase(tx, clock.now(), outbox.shop.customers, ben, actor)
    outbox.send(post := Post())
    assert post.letters == []
    assert {code for _, code in outbox.states()} == {"S20"}


def test_the_flow_s_reasons_are_asked_for_those_who_may_be_written_to(outbox: Outbox) -> None:
    ana, ben = outbox.queue(outbox.person()), outbox.queue(outbox.person(BEN, email_status="unsubscribed"))
    outbox.codes = {ana.delivery_id: "S11", ben.delivery_id: "S20"}
    outbox.send(post := Post())
    assert post.letters == []
    assert (outbox.delivery(ana).code, outbox.delivery(ben).code) == ("S11", "S02")
    assert outbox.judged == [ana.delivery_id]


def test_what_must_not_leave_yet_stays_in_the_outbox(outbox: Outbox, clock: Clock) -> None:
    ref = outbox.queue(outbox.person())
    outbox.codes = {ref.delivery_id: "W04"}
    outbox.send(post := Post())
    row = outbox.delivery(ref)
    assert (row.state, row.code, row.attempts) == ("queued", None, 0)
    assert row.due > clock.now()
    outbox.codes.clear()
    clock.set(row.due)
    outbox.send(post)
    assert (post.recipients, outbox.kinds(ref)) == ([ANA], ["message.sent"])


@pytest.mark.parametrize(
    ("html", "code", "state"),
    [
        ("<p>*|ABANDONED_CART:|**|PRODUCT:TITLE|**|END:ABANDONED_CART|*</p>", "S17", "skipped"),
        ("<p>*|COUPON:spring|*</p>", "S22", "skipped"),
        ("<p>*|IF:FNAME|*</p>", "S12", "failed"),
    ],
)
def test_a_message_that_cannot_be_written_for_somebody_is_not_sent(
    outbox: Outbox, html: str, code: str, state: str
) -> None:
    outbox.content(html)
    ref = outbox.queue(outbox.person())
    outbox.send(post := Post())
    row = outbox.delivery(ref)
    assert (post.letters, row.state, row.code) == ([], state, code)
    assert row.answer
    assert outbox.kinds(ref) == ["message.failed" if state == "failed" else "message.skipped"]


def test_a_message_without_content_or_sender_fails(outbox: Outbox, clock: Clock) -> None:
    with outbox.database.transaction() as tx:
        empty = send_template(tx, clock, outbox)
        tx.connection.execute("update audience set sender = '{}'")
    first = outbox.queue(outbox.person())
    outbox.message_id = empty
    second = outbox.queue(outbox.person(BEN))
    outbox.send(post := Post())
    assert post.letters == []
    assert (outbox.delivery(first).code, outbox.delivery(second).code) == ("S18", "S12")


def send_template(tx: Any, clock: Clock, outbox: Outbox) -> int:
    from relance.messages import templates

    shop = outbox.shop
    return templates.create(tx, clock.now(), shop.account_id, shop.customers.audience_id, None, "Empty")


# ── What the server answers ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_refused_for_good_bounces_and_the_contact_is_cleaned(outbox: Outbox, clock: Clock) -> None:
    ana = outbox.person()
    ref = outbox.queue(ana)
    with mail_server(answering("RCPT", "550 5.1.1 No such user")) as (transport, _):
        outbox.send(transport)
    row = outbox.delivery(ref)
    assert (row.state, row.code, row.bounce, row.sent_at) == ("bounced", "S13", "hard", None)
    assert row.bounced_at == clock.now()
    assert row.answer == "550 5.1.1 No such user"
    assert sorted(outbox.kinds()[-3:]) == ["contact.cleaned", "message.bounced", "message.failed"]
    ((_, bounce),) = [told for told in outbox.told(ref) if told[0] == "message.bounced"]
    assert (bounce["hardness"], bounce["code"]) == ("hard", "5.1.1")
    assert outbox.status() == "cleaned"
    again = outbox.queue(ana)
    outbox.send(post := Post())
    assert (post.letters, outbox.delivery(again).code) == ([], "S03")


def test_a_bounce_of_an_address_that_has_been_changed_cleans_nobody(outbox: Outbox, clock: Clock) -> None:
    ana = outbox.person()
    ref = outbox.queue(ana)

    class Slow(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            with outbox.database.transaction() as tx:
                outbox.shop.save(tx, contact_id=ana.contact_id, email="ana.lima@example.com")
            return super().hand_over(batch)

    outbox.send(Slow(AnswerKind.REFUSED))
    assert outbox.delivery(ref).state == "bounced"
    assert outbox.status("ana.lima@example.com") == "subscribed"


def test_a_message_refused_for_its_content_fails_and_nobody_is_to_blame(outbox: Outbox) -> None:
    ref = outbox.queue(outbox.person())
    with mail_server(answering(".", "554 5.7.1 Looks like spam")) as (transport, _):
        outbox.send(transport)
    assert (outbox.delivery(ref).state, outbox.delivery(ref).code) == ("failed", "S13")
    assert (outbox.kinds(ref), outbox.status()) == (["message.failed"], "subscribed")


def test_a_transient_refusal_is_tried_again_and_then_leaves(outbox: Outbox, clock: Clock) -> None:
    ref = outbox.queue(outbox.person())
    with mail_server(answering("RCPT", "451 4.2.0 Greylisted")) as (transport, _):
        outbox.send(transport)
    row = outbox.delivery(ref)
    assert (row.state, row.code, row.attempts, row.answer) == ("queued", None, 1, "451 4.2.0 Greylisted")
    assert timedelta(0) < row.due - clock.now() < timedelta(minutes=2)
    assert outbox.kinds(ref) == []
    outbox.send(post := Post())
    assert post.letters == []
    clock.set(row.due)
    outbox.send(post)
    assert (post.recipients, outbox.delivery(ref).state, outbox.delivery(ref).attempts) == ([ANA], "sent", 2)


@pytest.mark.parametrize(("kind", "code"), [(AnswerKind.TRANSIENT, "S13"), (AnswerKind.SENDER_BLOCKED, "S18")])
def test_after_a_day_of_refusals_it_is_given_up(outbox: Outbox, clock: Clock, kind: AnswerKind, code: str) -> None:
    ref, begun = outbox.queue(outbox.person()), clock.now()
    sender = outbox.sender(Post(kind))
    while sender.batch(everything()) and (due := outbox.delivery(ref).due):
        clock.set(due)
    assert (outbox.delivery(ref).state, outbox.delivery(ref).code) == ("failed", code)
    assert timedelta(hours=18) < clock.now() - begun < timedelta(hours=30)
    assert outbox.kinds(ref) == ["message.failed"]


def test_a_lost_answer_is_never_repeated(outbox: Outbox, clock: Clock) -> None:
    ref = outbox.queue(outbox.person())
    with mail_server(answering(".", None)) as (transport, server):
        outbox.send(transport)
        clock.advance(timedelta(days=2))
        outbox.send(transport)
        assert len(server.messages) == 1
    assert (outbox.delivery(ref).state, outbox.delivery(ref).code) == ("unknown", "S14")
    ((kind, payload),) = outbox.told(ref)
    assert (kind, payload["code"]) == ("message.failed", "S14")


def test_a_server_that_refuses_the_sender_holds_the_mail_and_is_complained_of(outbox: Outbox, clock: Clock) -> None:
    ref = outbox.queue(outbox.person())
    post = Post(AnswerKind.SENDER_BLOCKED)
    sender = outbox.sender(post)
    assert sender.batch(everything()) == 1
    with pytest.raises(Unavailable, match="refuses the sender"):
        sender.batch(everything())
    assert (outbox.delivery(ref).state, outbox.status()) == ("queued", "subscribed")
    post.kind = AnswerKind.ACCEPTED
    clock.set(outbox.delivery(ref).due)
    assert (sender.batch(everything()), sender.batch(everything())) == (1, 0)
    assert outbox.kinds(ref) == ["message.sent"]


def test_one_server_several_fates(outbox: Outbox) -> None:
    def says(_number: int, line: str, default: str) -> Reply:
        fates = {ANA: default, BEN: "550 5.1.1 Unknown", CHLOE: "451 Later", DEV: "554 5.7.1 Policy"}
        return next((reply for email, reply in fates.items() if line == f"RCPT TO:<{email}>"), default)

    refs = [outbox.queue(outbox.person(email)) for email in (ANA, BEN, CHLOE, DEV)]
    with mail_server(says) as (transport, server):
        assert outbox.send(transport) == 4
        assert len(server.messages) == 1
    assert [outbox.delivery(ref).state for ref in refs] == ["sent", "bounced", "queued", "failed"]
    assert [outbox.kinds(ref)[:1] for ref in refs] == [["message.sent"], ["message.failed"], [], ["message.failed"]]
    assert [outbox.status(email) for email in (ANA, BEN, CHLOE, DEV)] == [
        "subscribed", "cleaned", "subscribed", "subscribed",
    ]  # fmt: skip


# ── When something breaks ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_worker_that_dies_between_mark_and_answer_leaves_an_unknown_never_a_second_mail(
    outbox: Outbox, clock: Clock
) -> None:
    class Dying(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            super().hand_over(batch)
            raise Crash

    refs = [outbox.queue(outbox.person(email)) for email in (ANA, BEN)]
    dead = uuid4()
    with pytest.raises(Crash):
        outbox.sender(first := Dying(), worker_id=dead).batch(everything())
    assert outbox.states() == [("handed", None)] * 2
    heir = outbox.sender(second := Post())
    heir.orphaned(dead)
    assert heir.batch(everything()) == 0
    assert (first.recipients, second.letters) == ([ANA, BEN], [])
    assert outbox.states() == [("unknown", "S14")] * 2
    for ref in refs:
        ((kind, payload),) = outbox.told(ref)
        assert (kind, payload["code"], payload["step_id"]) == ("message.failed", "S14", RUN_STEP)
    outbox.sender(Post()).batch(everything())
    assert len(outbox.told()) == 2 + 2  # two sign-ups, two failures


def test_what_a_living_worker_has_in_hand_is_left_to_it(outbox: Outbox) -> None:
    """Its neighbour looks for orphans while it waits for the mail server."""
    ref, living = outbox.queue(outbox.person()), uuid4()
    with outbox.database.transaction() as tx:
        tx.connection.execute("insert into lease (slot, owner) values (15, %s)", (living,))

    class Waiting(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            outbox.sender(Post()).batch(everything())
            assert outbox.delivery(ref).state == "handed"
            return super().hand_over(batch)

    outbox.sender(Waiting(), worker_id=living).batch(everything())
    assert outbox.kinds(ref) == ["message.sent"]


def test_a_worker_that_was_declared_dead_and_lives_keeps_what_it_takes_in_hand_afterwards(outbox: Outbox) -> None:
    living = uuid4()
    heir = outbox.sender(Post())
    heir.orphaned(living)
    heir.batch(everything())
    with outbox.database.transaction() as tx:
        tx.connection.execute("insert into lease (slot, owner) values (15, %s)", (living,))
    ref = outbox.queue(outbox.person())

    class Waiting(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            heir.batch(Share(tuple(reversed(range(16)))))  # its share has changed once more
            return super().hand_over(batch)

    outbox.sender(Waiting(), worker_id=living).batch(everything())
    assert outbox.delivery(ref).state == "sent"


def test_what_a_worker_had_in_hand_of_a_slot_that_it_gave_away_is_found_too(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gave the slot to the heir, lived on for a while, and then a third one took what it still had."""
    heir, gone = outbox.sender(Post()), uuid4()
    heir.batch(everything())
    ref = outbox.queue(outbox.person())

    class Dying(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            raise Crash

    with pytest.raises(Crash):
        outbox.sender(Dying(), worker_id=gone).batch(everything())
    heir.batch(everything())
    assert outbox.delivery(ref).state == "handed", "not looked for with every batch"
    monkeypatch.setattr(send, "LOOK_AGAIN", 0.0)
    heir.batch(everything())
    assert outbox.delivery(ref).state == "unknown"


def test_an_answer_that_comes_after_its_worker_was_declared_dead_changes_nothing(outbox: Outbox) -> None:
    ref, slow = outbox.queue(outbox.person()), uuid4()

    class Waiting(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            heir = outbox.sender(Post())
            heir.orphaned(slow)
            heir.batch(everything())
            return super().hand_over(batch)

    outbox.sender(Waiting(), worker_id=slow).batch(everything())
    assert (outbox.delivery(ref).state, outbox.kinds(ref)) == ("unknown", ["message.failed"])


class Flaky:
    """The database, failing at chosen transactions: before anything (``away``), or after the commit (``unheard``)."""

    def __init__(self, database: Database, away: set[int] = frozenset(), unheard: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self._database, self._away, self._unheard = database, away, unheard
        self.count = 0

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self.count += 1
        number = self.count
        if number in self._away:
            raise Unavailable("the database does not answer")
        with self._database.transaction() as tx:
            yield tx
        if number in self._unheard:
            raise Unavailable("the connection to the database was lost")


# A batch's transactions: 1 looks for orphans, 2 claims and marks, 3 records; a second batch claims in 4 or 5.
def test_answers_wait_for_a_database_that_is_away(outbox: Outbox) -> None:
    ref = outbox.queue(outbox.person())
    sender = outbox.sender(post := Post())
    sender._database = flaky = Flaky(outbox.database, away={3, 4, 5})  # type: ignore[assignment]
    assert sender.batch(everything()) == 1
    assert flaky.count == 6
    assert (post.recipients, outbox.delivery(ref).state, outbox.kinds(ref)) == ([ANA], "sent", ["message.sent"])


def test_an_answer_recorded_by_a_commit_that_nobody_heard_of_is_told_once(outbox: Outbox) -> None:
    ref = outbox.queue(outbox.person())
    sender = outbox.sender(Post())
    sender._database = Flaky(outbox.database, unheard={3})  # type: ignore[assignment]
    sender.batch(everything())
    assert (outbox.delivery(ref).state, outbox.kinds(ref)) == ("sent", ["message.sent"])


def test_a_mark_made_by_a_commit_that_nobody_heard_of_is_taken_back(outbox: Outbox) -> None:
    ref = outbox.queue(outbox.person())
    sender = outbox.sender(post := Post())
    sender._database = Flaky(outbox.database, unheard={2})  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        sender.batch(everything())
    assert (post.letters, outbox.delivery(ref).state) == ([], "handed")
    assert sender.batch(everything()) == 1
    assert (post.recipients, outbox.kinds(ref), outbox.delivery(ref).attempts) == ([ANA], ["message.sent"], 1)


def test_a_mistake_in_the_consequences_of_one_answer_costs_no_other(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = outbox.queue(outbox.person()), outbox.queue(outbox.person(BEN))

    class Mixed(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            self.letters += batch
            kinds = {ANA: AnswerKind.REFUSED, BEN: AnswerKind.ACCEPTED}
            return [Answer(letter.key, kinds[letter.recipient], 550, None, "no") for letter in batch]

    def broken(*_: object, **__: object) -> None:
        raise LookupError("a mistake of ours")

    monkeypatch.setattr(send.consent, "clean", broken)
    outbox.send(Mixed())
    assert (outbox.delivery(ana).state, outbox.delivery(ben).state) == ("bounced", "sent")
    assert outbox.kinds(ana) == ["message.failed", "message.bounced"]
    assert outbox.kinds(ben) == ["message.sent"]


def test_a_transport_that_loses_its_way_leaves_no_delivery_in_hand(outbox: Outbox) -> None:
    class Lost(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            raise RuntimeError("somewhere in the middle")

    class Closed(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            raise Unavailable("This mail transport is closed.")

    class Silent(Post):
        def hand_over(self, batch: Sequence[Letter]) -> list[Answer]:
            return []

    fates = {Lost(): "unknown", Closed(): "queued", Silent(): "unknown"}
    for (transport, state), email in zip(fates.items(), (ANA, BEN, CHLOE), strict=True):
        ref = outbox.queue(outbox.person(email))
        outbox.send(transport)
        assert outbox.delivery(ref).state == state


def test_a_worker_without_its_lease_sends_nothing(outbox: Outbox) -> None:
    outbox.queue(outbox.person())
    worker = uuid4()
    share = Share(tuple(range(16)), worker)
    with pytest.raises(LeaseLost):
        outbox.sender(post := Post(), worker_id=worker).batch(share)
    assert (post.letters, outbox.states()) == ([], [("queued", None)])


def test_two_workers_that_believe_they_own_everything_send_each_message_once(outbox: Outbox) -> None:
    for number in range(30):
        outbox.queue(outbox.person(f"fern{number}@example.com", fields={}))
    post = Post()
    with outbox.database.transaction() as tx:
        ids = [uuid4(), uuid4()]
        tx.connection.execute("insert into lease (slot, owner) values (0, %s), (1, %s)", ids)
    threads = [threading.Thread(target=outbox.send, args=(post,), kwargs={"worker_id": id_, "group": 4}) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert post.recipients == sorted(f"fern{number}@example.com" for number in range(30))
    assert outbox.states() == [("sent", "S00")] * 30
