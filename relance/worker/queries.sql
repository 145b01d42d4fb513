-- name: make_slots
-- Every slot has its row from the first start on.
insert into lease (slot) select unnest(%(slots)s::int[]) on conflict do nothing

-- name: renew
-- A beat a turn; the backend is that of this very connection. Does not wait for the owner's transactions, which read
-- their leases FOR KEY SHARE.
update lease set beat = beat + 1,
  backend = (select a.pid || ' ' || a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
where owner = %(owner)s

-- name: look_at_leases
-- All of them: who owns what, through which server process.
select slot, owner, beat, backend from lease order by slot

-- name: look_at_workers
-- Every lease connection, with a pulse that changes whenever it is used, and whether it is this one.
select a.pid || ' ' || a.backend_start as backend, a.state_change::text as pulse, a.pid = pg_backend_pid() as mine
from pg_stat_activity a
where a.application_name = %(application)s and a.datname = current_database()

-- name: take
-- Only what was seen: another worker may have been quicker. Not while a transaction of the former owner has it: then
-- with a later turn, so that nobody waits.
with seen as (
  select l.slot from unnest(%(slots)s::int[], %(seen_beats)s::bigint[]) as s(slot, beat)
  join lease l on l.slot = s.slot and l.beat = s.beat and l.owner is not distinct from %(seen_owner)s
  order by l.slot for update of l skip locked)
update lease l set owner = %(owner)s, beat = l.beat + 1,
  backend = (select a.pid || ' ' || a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
from seen s where l.slot = s.slot
returning l.slot

-- name: give_up
-- What this worker's own transactions have in hand follows with a later turn.
with mine as (
  select l.slot from lease l where l.owner = %(owner)s and l.slot = any(%(slots)s) order by l.slot
  for update skip locked)
update lease l set owner = null, backend = null from mine m where l.slot = m.slot

-- name: beat
-- One row a loop; /healthz, doctor and /metrics read them.
insert into heartbeat (worker_id, loop, at, host, trouble, slots, done, busy, took)
select %(worker)s, h.loop, %(now)s, %(host)s, h.trouble, %(slots)s, h.done, h.busy, h.took
from jsonb_to_recordset(%(rows)s) as h(loop text, trouble text, done bigint, busy float, took bigint[])
on conflict (worker_id, loop) do update set at = excluded.at, trouble = excluded.trouble, slots = excluded.slots,
  done = excluded.done, busy = excluded.busy, took = excluded.took

-- name: forget_beats
-- Of this worker when it stops, and of workers that have been silent for a day.
delete from heartbeat where worker_id = %(worker)s or at < %(before)s

-- name: read_beats
-- Of each loop, over all workers that live: one that is in trouble, if there is one. Its share of the contacts stands
-- still, however well the others are.
select distinct on (loop) loop, trouble from heartbeat where at >= %(since)s order by loop, trouble nulls last, at desc
