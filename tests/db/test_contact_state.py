"""Whatever happens to contacts, identities mean contacts and the ledger tells the present state."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress

import pytest
from cast import API, BULK, FILE, FORM, STORE, TEAM, open_shop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg import Rollback

from relance.audience import consent, contacts, fields, groups
from relance.audience.contacts import Draft
from relance.kernel import clock as product_clock
from relance.kernel.errors import NotFound, RelanceError

EMAILS = st.sampled_from(["ana@example.com", "ANA@example.com", "ben@example.com", "chloe@example.com"])
TAGS = st.lists(st.sampled_from(["vip", "VIP ", "fern", "moss"]), max_size=2)
VALUES = st.dictionaries(
    st.sampled_from(["FNAME", "BIRTHDAY"]), st.sampled_from(["", "03/14", "3/14", "05/04", "12/25"]), max_size=2
)
ACTORS = st.sampled_from([API, BULK, FILE, FORM, STORE, TEAM])
STATUSES = st.sampled_from([None, "subscribed", "non_subscribed", "unsubscribed", "pending"])


class Life(RuleBasedStateMachine):
    """Random saves, moves, tags, archives, confirmations and erasures of three people."""

    def __init__(self, database) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.tx = self.stack.enter_context(undone(database))
        self.shop = open_shop(self.tx)
        audience_id = self.shop.customers.audience_id
        light = groups.add_category(self.tx, audience_id, "Light", "radio")
        self.groups = [groups.add_group(self.tx, light, name).group_id for name in ("Sun", "Shade")]

    def teardown(self) -> None:
        self.stack.close()

    def someone(self, email):
        return contacts.find(self.tx, self.shop.customers.audience_id, email)

    @rule(email=EMAILS, actor=ACTORS, status=STATUSES, values=VALUES, tags=TAGS, untags=TAGS, inside=st.booleans())
    def save(self, email, actor, status, values, tags, untags, inside):
        draft = Draft(
            email=email, email_status=status, status_if_new="non_subscribed", fields=values, tags=tags, untags=untags,
            groups={self.groups[len(values) % 2]: inside}, language="fr" if inside else None, shown="yes",
        )  # fmt: skip
        with may_refuse("compliance_state", "forgotten"):
            contacts.save(self.tx, product_clock.now(), self.shop.customers, draft, actor)

    @rule(email=EMAILS, to=EMAILS)
    def move(self, email, to):
        who = self.someone(email)
        if who is not None:
            with may_refuse("address_taken"):
                self.shop.save(self.tx, who=who, email=to)

    @rule(drafts=st.lists(st.tuples(EMAILS, STATUSES, TAGS), max_size=4))
    def save_many(self, drafts):
        answers = contacts.save_many(
            self.tx, product_clock.now(), self.shop.customers,
            [Draft(email=email, email_status=status, tags=tags) for email, status, tags in drafts], BULK,
        )  # fmt: skip
        codes = {answer.code for answer in answers if isinstance(answer, RelanceError)}
        assert codes <= {"compliance_state", "forgotten", "status_required"}

    @rule(email=EMAILS, verb=st.sampled_from(["archive", "restore", "unsubscribe", "clean", "confirm", "erase"]))
    def act(self, email, verb):
        who = self.someone(email)
        if who is None:
            return
        now, audience = product_clock.now(), self.shop.customers
        with may_refuse("not_pending"):
            if verb == "unsubscribe":
                consent.unsubscribe(self.tx, now, audience, who, FORM)
            elif verb == "clean":
                consent.clean(self.tx, now, audience, who, "hard_bounce")
            else:
                getattr(contacts, verb)(self.tx, now, audience, who, FORM)
        if verb == "erase":
            with pytest.raises(NotFound):
                contacts.archive(self.tx, now, audience, who, API)

    @invariant()
    def identities_mean_contacts(self):
        people = {row.contact_id: row.email for row in self.rows("select contact_id, email from contact")}
        keys = {row.key: row.contact_id for row in self.rows("select key, contact_id from identity where kind='email'")}
        assert keys == {contacts.key_of(email): contact_id for contact_id, email in people.items()}

    @invariant()
    def the_ledger_tells_the_present(self):
        for row in self.rows("select contact_id, email from contact"):
            contact = self.someone(row.email)
            told = replay(contacts.timeline(self.tx, contact, 10_000)[::-1])
            assert told["email"] == contact.email
            assert told["status"] == contact.email_status
            assert told["archived"] == contact.archived
            assert told["language"] == contact.language
            if contact.email_status != "pending":
                held = {tag.tag_id for tag, _ in contacts.tags_of(self.tx, [contact])[contact.contact_id]}
                assert told["tags"] == held
                assert told["groups"] == set(contacts.groups_of(self.tx, [contact])[contact.contact_id])
                assert told["fields"] == contact.fields

    @invariant()
    def days_are_those_of_the_fields(self):
        field = fields.find_fields(self.tx, self.shop.customers.audience_id)["BIRTHDAY"]
        days = {row.contact_id: row.month_day for row in self.rows("select contact_id, month_day from contact_date")}
        assert days == {
            row.contact_id: int(row.fields[field.key].replace("/", ""))
            for row in self.rows("select contact_id, fields from contact")
            if field.key in row.fields
        }

    @invariant()
    def consent_records_end_where_the_contact_is(self):
        query = (
            "select distinct on (contact_id) contact_id, new from consent_record order by contact_id, consent_id desc"
        )
        last = {row.contact_id: row.new for row in self.rows(query)}
        assert last == {row.contact_id: row.email_status for row in self.rows("select * from contact")}

    @invariant()
    def everybody_joined_when_nothing_was_left_to_confirm(self):
        query = (
            "select c.joined_at, (select min(r.at) from consent_record r where r.contact_id = c.contact_id "
            "and r.new <> 'pending') as confirmed_at from contact c"
        )
        assert all(row.joined_at == row.confirmed_at for row in self.rows(query))

    def rows(self, query):
        return self.tx.connection.execute(query).fetchall()


def replay(entries) -> dict:
    """What somebody who reads only the ledger knows of a contact. Knowing it is the point: back-tests replay it."""
    state = {"language": "", "tags": set(), "groups": set(), "fields": {}, "archived": False}
    for entry in entries:
        payload = entry.payload
        match entry.kind.removeprefix("contact."):
            case "created":
                state |= {"email": payload["email"], "status": payload["email_status"]}
            case "email_subscribed":
                state["status"] = "subscribed"
            case "email_unsubscribed":
                state["status"] = "unsubscribed"
            case "email_pending":
                state["status"] = "pending"
            case "cleaned":
                state |= {"status": "cleaned", "former": state["status"]}
            case "address_changed":
                state["email"] = payload["new"]
                if state["status"] == "cleaned" and contacts.key_of(payload["old"]) != contacts.key_of(payload["new"]):
                    state["status"] = state["former"]
            case "attribute_changed":
                state[payload["attribute"]] = payload["new"]
            case "archived" | "restored" as word:
                state["archived"] = word == "archived"
            case "tag_added":
                assert payload["tag_id"] not in state["tags"], "told twice"
                state["tags"].add(payload["tag_id"])
            case "tag_removed":
                state["tags"].remove(payload["tag_id"])
            case "group_joined":
                state["groups"].add(payload["group_id"])
            case "group_left":
                state["groups"].remove(payload["group_id"])
            case "field_changed":
                key = str(payload["field_id"])
                assert state["fields"].get(key) == payload["old"]
                if payload["new"] is None:
                    del state["fields"][key]
                else:
                    state["fields"][key] = payload["new"]
    return state


@contextmanager
def may_refuse(*codes):
    """An error of another code is a mistake of ours."""
    try:
        yield
    except RelanceError as error:
        if error.code not in codes:
            raise


@contextmanager
def undone(database):
    """A transaction that leaves nothing behind."""
    with suppress(Rollback), database.transaction() as tx:
        yield tx
        raise Rollback


def test_any_life_keeps_the_books(database, clock):
    def life() -> Life:
        return Life(database)

    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
