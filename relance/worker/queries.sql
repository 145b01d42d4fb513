-- name: make_slots
-- Every slot has its row from the first start on.
insert into lease (slot) select unnest(%(slots)s::int[]) on conflict do nothing

-- name: renew
-- A beat a turn; the backend is that of this very connection.
update lease set beat = beat + 1,
  backend = (select a.pid || ' ' || a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
where owner = %(owner)s

-- name: look_at_leases
-- All leases, whether the owner's connection still stands, and how many workers there are.
select l.slot, l.owner, l.beat,
       exists (select from pg_stat_activity a where a.pid || ' ' || a.backend_start = l.backend) as connected,
       (select count(*) from pg_stat_activity a
        where a.application_name = %(application)s and a.datname = current_database()) as workers
from lease l order by l.slot

-- name: take
-- Only what was seen: another worker may have been quicker. Waits for the former owner's transactions (FOR SHARE).
update lease set owner = %(owner)s, beat = beat + 1,
  backend = (select a.pid || ' ' || a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
where slot = %(slot)s and owner is not distinct from %(seen_owner)s and beat = %(seen_beat)s

-- name: give_up
-- Waits for this worker's own transactions on these slots.
update lease set owner = null, backend = null where owner = %(owner)s and slot = any(%(slots)s)

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
-- The freshest sign of life of each loop.
select distinct on (loop) loop, at, trouble from heartbeat order by loop, trouble nulls first, at desc
