"""People erased for good: what messages, runs and the trail hold of them is blanked (spec/flows.md 5.6, 5.12, 10).

Erasing itself cannot do it: just then a batch may have the person's run or message in hand, and write again. So it
leaves a row, and this comes back to it until nothing of the person is under way any more.
"""

from __future__ import annotations

from relance.audience import contacts
from relance.db.pool import Database
from relance.db.share import Share
from relance.db.sql import load_queries
from relance.messages.forget import forget as forget_messages

queries = load_queries(__package__, "forget.sql")


def forget(database: Database, share: Share) -> int:
    """Blank what is held of the erased people of a share. Returns how many are done with."""
    done = 0
    with database.transaction() as tx:
        waiting = tx.rows(queries.erased_people, slot=share.buckets)
    for person in waiting:
        key = {"bucket": person.bucket, "contact_id": person.contact_id}
        with database.transaction() as tx:
            share.fence(tx)
            under_way = tx.value(queries.is_under_way, **key)
            forget_messages(tx, person.contact_id, person.addresses)
            tx.run(queries.blank_calls, **key)
            tx.run(queries.blank_runs, **key)
            tx.run(queries.blank_decisions, **key)
            tx.run(queries.drop_held_out, **key)
            contacts.blank_events(tx, person.contact_id)
            if not under_way:
                done += tx.run(queries.forget_erasure, **key)
    return done
