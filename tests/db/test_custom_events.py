"""Custom events: what the customer's software says of a contact (trigger 40, A1–A3, G18)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from cast import ANA, BEN, account, open_shop

from relance.audience import audiences, contacts
from relance.audience.record_event import Fact, record_event, record_events
from relance.kernel.errors import Invalid, NotFound, RelanceError, Unavailable


@pytest.fixture
def tx(database, clock):
    with database.transaction() as tx:
        yield tx


@pytest.fixture
def shop(tx):
    return open_shop(tx)


def test_40a_an_event_is_kept_with_its_properties(tx, shop, clock):
    ana = shop.add(tx)
    fact = Fact(shop.customers, ANA, "trial_started", {"plan": "Fern", "seats": 3})
    recorded = record_event(tx, clock.now(), fact)
    entry = contacts.timeline(tx, ana, 1)[0]
    assert (entry.event_id, entry.kind, entry.occurred_at) == (recorded.event_id, "contact.event", clock.now())
    assert entry.payload == {"name": "trial_started", "properties": {"plan": "Fern", "seats": 3}, "via": None}
    assert tx.connection.execute("select match_key from event where kind = 'contact.event'").fetchone()[0] == fact.name


@pytest.mark.parametrize("name_of", [lambda c: c.email, lambda c: contacts.key_of(c.email), lambda c: c.contact_id.hex])
def test_a1_the_contact_is_named_in_three_ways(tx, shop, clock, name_of):
    ana = shop.add(tx)
    assert record_event(tx, clock.now(), Fact(shop.customers, name_of(ana), "seen")).contact_id == ana.contact_id


def test_a2_an_unknown_contact_is_refused_or_made(tx, shop, clock):
    with pytest.raises(NotFound):
        record_event(tx, clock.now(), Fact(shop.customers, ANA, "seen"))
    made = record_event(tx, clock.now(), Fact(shop.customers, ANA, "seen", create=True))
    assert made.created
    ana = contacts.find(tx, shop.customers.audience_id, ANA)
    assert (ana.contact_id, ana.email_status) == (made.contact_id, "non_subscribed")
    assert shop.story(tx, ana) == ["created", "event"]


def test_a3_the_same_key_is_heard_once(tx, shop, clock):
    ana = shop.add(tx)
    for _ in range(2):
        record_event(tx, clock.now(), Fact(shop.customers, ANA, "seen", key="order-17"))
    assert shop.story(tx, ana).count("event") == 1


def test_the_same_key_twice_in_one_call_is_heard_once(tx, shop, clock):
    ana = shop.add(tx)
    record_events(tx, clock.now(), [Fact(shop.customers, ANA, "seen", key="k")] * 3)
    assert shop.story(tx, ana).count("event") == 1


@pytest.mark.parametrize("name", ["x", "", "a" * 101, "two words", "café", "a\n"])
def test_names_that_cannot_be(tx, shop, clock, name):
    with pytest.raises(Invalid):
        record_event(tx, clock.now(), Fact(shop.customers, ANA, name))


def test_what_is_too_large_or_too_early(tx, shop, clock):
    shop.add(tx)
    now = clock.now()
    with pytest.raises(Invalid, match="properties"):
        record_event(tx, now, Fact(shop.customers, ANA, "seen", {"text": "x" * 17_000}))
    with pytest.raises(Invalid, match="future"):
        record_event(tx, now, Fact(shop.customers, ANA, "seen", occurred_at=now + timedelta(minutes=6)))
    record_event(tx, now, Fact(shop.customers, ANA, "seen", occurred_at=now + timedelta(minutes=4)))


def test_an_old_event_is_stored_with_the_instant_it_happened(tx, shop, clock):
    ana = shop.add(tx)
    then = clock.now() - timedelta(days=8)
    record_event(tx, clock.now(), Fact(shop.customers, ANA, "seen", occurred_at=then, syncing=True))
    entry = contacts.timeline(tx, ana, 1)[0]
    assert (entry.occurred_at, entry.recorded_at, entry.syncing) == (then, clock.now(), True)


def test_a_batch_over_two_audiences_answers_one_by_one(tx, shop, clock):
    shop.add(tx)
    readers = audiences.create(tx, clock.now(), shop.account_id, "Readers")
    answers = record_events(
        tx,
        clock.now(),
        [
            Fact(readers, BEN, "seen", create=True),
            Fact(shop.customers, ANA, "seen"),
            Fact(shop.customers, BEN, "seen"),
            Fact(shop.customers, ANA, "!"),
            Fact(readers, BEN, "bought", create=True),
            Fact(readers, "not an address@", "seen", create=True),
        ],
    )
    assert [each.code if isinstance(each, RelanceError) else each.created for each in answers] == [
        True, False, "no_contact", "invalid", False, "bad_address",
    ]  # fmt: skip
    ben = contacts.find(tx, readers.audience_id, BEN)
    assert shop.story(tx, ben) == ["created", "event", "event"]


def test_an_account_sees_only_its_own_audiences(tx, shop, clock):
    other = account(tx, clock.now(), account_id=12)
    with pytest.raises(NotFound):
        audiences.get(tx, other, shop.customers.audience_id)
    assert audiences.all(tx, other) == []
    assert audiences.by_name(tx, shop.account_id, " CUSTOMERS ") == shop.customers


def test_a_timeline_is_read_page_by_page(tx, shop, clock):
    ana = shop.add(tx)
    for n in range(7):
        clock.advance(timedelta(minutes=n % 2))
        record_event(tx, clock.now(), Fact(shop.customers, ANA, "seen", {"n": n}))
    seen, place = [], None
    while page := contacts.timeline(tx, ana, 3, place, kinds=["contact.event"]):
        seen += [entry.payload["properties"]["n"] for entry in page]
        place = page[-1].place
    assert seen == [6, 5, 4, 3, 2, 1, 0]


def test_nobody_changes_a_contact_while_its_event_is_being_written(database, clock):
    with database.transaction() as tx:
        shop = open_shop(tx)
        ana, ben = shop.add(tx), shop.add(tx, BEN)
    with database.transaction() as tx:
        record_event(tx, clock.now(), Fact(shop.customers, ANA, "seen"))
        with database.transaction() as other:
            assert contacts.lock(other, ben) == ben, "other people are not held up"
        with pytest.raises(Unavailable), database.transaction() as other:
            other.connection.execute("select from contact where contact_id = %s for update nowait", (ana.contact_id,))


def test_batches_about_the_same_people_in_opposite_orders_wait_for_each_other(database, clock):
    with database.transaction() as tx:
        shop = open_shop(tx)
        people = [shop.add(tx, f"p{n}@example.com", fields={}) for n in range(40)]
    outcomes, barrier = [], threading.Barrier(2)

    def tell(order):
        for _ in range(5):
            barrier.wait()
            with database.transaction() as tx:
                facts = [Fact(shop.customers, person.email, "seen") for person in order]
                outcomes.append(len(record_events(tx, clock.now(), facts)))

    threads = [threading.Thread(target=tell, args=(order,)) for order in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [40] * 10
