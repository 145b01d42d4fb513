"""Many contacts in the state of one: for tables of millions, where the product's own way would take hours.

The product leaves the rows of one contact (contact, identity, consent, events, entries, runs, trail, deliveries …); here
each of them is copied for every other contact, in set-based statements, with ids, address, bucket and instants of its own,
and the figures that it has added are multiplied. So there is exactly what the product would have left: the accounting
(relance reconcile) closes over it. Every thousand contacts have their instants in common, like the contacts of one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

import psycopg

AT_ONCE = 50_000
STEP = "10 milliseconds"
"""Between the instants of one thousand and of the next."""

PEOPLE = """
create temporary table copied on commit drop as
select n, email, key, ('x' || substr(md5(key), 1, 3))::bit(12)::int as key_bucket, n %% 4096 as bucket,
       (lpad(to_hex(n %% 4096), 3, '0') || substr(rest, 1, 9) || '8' || substr(rest, 10, 3) || '8' || substr(rest, 13, 15))::uuid
         as contact_id
from (select n, email, md5(email) as key, md5('contact ' || n) as rest
      from unnest(%s::int[], %s::text[]) as p(n, email)) as p
"""

COLUMNS = """
select c.relname, a.attname, format_type(a.atttypid, null)
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema::regnamespace
  and exists (select from pg_attribute b where b.attrelid = c.oid and b.attname = 'bucket')
  and exists (select from pg_attribute b where b.attrelid = c.oid and b.attname = 'contact_id')
order by c.relname, a.attnum
"""


def multiply(
    connection: psycopg.Connection[Any], address: str, ids: Sequence[int], email: Callable[[int], str], before: Collection[UUID]
) -> None:  # fmt: skip
    """Copy the contact of that address once for each of ``ids``. ``before``: figures that were there without it."""
    row = connection.execute("select contact_id from contact where email = %s", (address,)).fetchone()
    assert row is not None
    (original,) = row
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(COLUMNS):
        tables.setdefault(table, []).append((column, kind))
    connection.commit()
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        connection.execute(PEOPLE, (list(some), [email(i) for i in some]))
        for table, columns in tables.items():
            connection.execute(_copy(table, columns), {"original": original, "address": address})
        connection.commit()
    connection.execute("update tally_delta set n = n * (%s + 1) where not delta_id = any(%s)", (len(ids), list(before)))
    connection.commit()


def _copy(table: str, columns: Sequence[tuple[str, str]]) -> str:
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(_value(table, name, kind) for name, kind in columns)
    return (
        f"insert into {table} ({names}) select {values} from copied p "
        f"cross join (select * from {table} where contact_id = %(original)s) t order by p.n"
    )


def _value(table: str, name: str, kind: str) -> str:
    match table, name, kind:
        case "identity", "bucket", _:
            return "p.key_bucket"
        case "identity", "key", _:
            return "p.key"
        case _, "bucket", _:
            return "p.bucket"
        case _, "contact_id", _:
            return "p.contact_id"
        case _, "email", _:
            return "p.email"
        case "event", "payload", _:
            return "replace(t.payload::text, %(address)s, p.email)::jsonb"
        case _, _, "uuid":
            return f"ordered_uuid(t.{name}, p.n::text || t.{name}::text)"
        case _, _, "timestamp with time zone":
            return f"t.{name} - (p.n / 1000) * interval '{STEP}'"
    return f"t.{name}"
