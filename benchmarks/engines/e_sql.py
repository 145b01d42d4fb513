"""Set-based engine on PostgreSQL: one row per contact in the flow, one statement moves a batch and writes its effects.

No ledger, no trail, no conditions: the floor under what a real engine costs.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import common
import psycopg

BATCH = 500
ADVANCE = f"""
with due as materialized (
  select contact_id, node from run where state = 'w' and due <= now() order by due limit {BATCH} for update skip locked),
moved as (
  update run r set node = d.node + 1, state = case when d.node = 3 then 'd' else 'w' end,
         due = case when d.node = 2 then now() + interval '{common.WAIT} s' else now() end
  from due d where r.contact_id = d.contact_id returning r.contact_id, d.node),
tags as (
  insert into contact_tag(contact_id, tag) select contact_id, 'entered' from moved where node = 1 on conflict do nothing),
mail as (
  insert into message(contact_id, node, template)
  select m.contact_id, 'mail', case when c.plan = 'pro' then 'A' else 'B' end
  from moved m join contact c using (contact_id) where m.node = 3 on conflict do nothing)
select count(*) from moved"""  # nodes: 1 tag, 2 wait, 3 branch and message


def setup(_: Any) -> None:
    pass


def start(ctx: Any) -> list[Any]:
    return [common.py_worker("e_sql", ctx.url) for _ in range(common.WORKERS)]


def submit(ctx: Any, ids: Any) -> dict[int, float]:
    t = time.time()
    if not hasattr(ctx, "conn"):
        ctx.conn = psycopg.connect(ctx.url, autocommit=True)
    ctx.conn.execute("insert into run(contact_id) select unnest(%s::bigint[]) on conflict do nothing", (list(ids),))
    return dict.fromkeys(ids, t)


def worker() -> None:
    c = psycopg.connect(os.environ["BENCH_URL"], autocommit=True)
    while True:
        row = c.execute(ADVANCE).fetchone()
        if row is None or row[0] < BATCH // 10:
            time.sleep(0.02)


if __name__ == "__main__" and sys.argv[1:] == ["worker"]:
    worker()
