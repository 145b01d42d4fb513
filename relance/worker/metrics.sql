-- name: oldest_events
-- What is judged next, in each lane: the first of every queue by its index.
select l.lane, min(first.recorded_at) as first
from unnest(%(slots)s::int[]) as s(slot)
cross join (values (0::smallint), (1::smallint)) as l(lane)
cross join account a
cross join lateral (
  select i.recorded_at from inbox i
  where i.bucket = any(%(slot)s) and slot_of(i.bucket) = s.slot and i.lane = l.lane and i.account_id = a.account_id
    and i.retry_at is null
  order by i.recorded_at, i.event_id limit 1) first
group by l.lane

-- name: set_aside
-- By an index of their own; counted up to a limit.
select count(*) as events, min(w.recorded_at) as oldest
from (select i.recorded_at from inbox i
      where i.bucket = any(%(slot)s) and i.retry_at is not null
      order by i.recorded_at limit %(limit)s) w

-- name: next_run
-- The run that is due first in each lane, in the past or in the future.
select l.lane, min(first.due) as first
from unnest(%(slots)s::int[]) as s(slot)
cross join (values (0::smallint), (1::smallint)) as l(lane)
cross join account a
cross join lateral (
  select r.due from run r
  where r.bucket = any(%(slot)s) and slot_of(r.bucket) = s.slot and r.lane = l.lane and r.account_id = a.account_id
    and r.due is not null
  order by r.due limit 1) first
group by l.lane

-- name: next_delivery
-- The same for messages.
select l.lane, min(first.due) as first
from unnest(%(slots)s::int[]) as s(slot)
cross join (values (0::smallint), (1::smallint)) as l(lane)
cross join account a
cross join lateral (
  select d.due from delivery d
  where d.bucket = any(%(slot)s) and slot_of(d.bucket) = s.slot and d.lane = l.lane and d.account_id = a.account_id
    and d.due is not null and d.state = 'queued'
  order by d.due limit 1) first
group by l.lane

-- name: next_membership
-- The same for answers about contacts that may change by themselves, and for those that an event has changed.
select least(
  (select d.due from segment_due d where d.bucket = any(%(slot)s) order by d.due limit 1),
  (select t.recorded_at from segment_touch t where t.bucket = any(%(slot)s) order by t.recorded_at, t.event_id limit 1))

-- name: oldest_task
-- What changes of flows and segments still ask of slots: rows of small tables.
select least((select min(t.asked_at) from flow_task t), (select min(t.asked_at) from segment_task t))

-- name: totals
-- Decisions since the installation began, by code: a few rows a slot.
select t.code, sum(t.n)::bigint as n from code_tally t where t.bucket = any(%(slot)s) group by t.code order by t.code

-- name: loops
-- What every loop of every worker last told.
select worker_id, loop, at, host, trouble, slots, done, busy, took from heartbeat where at > %(since)s
order by host, worker_id, loop

-- name: unheld_slots
-- Slots that nobody works on.
select count(*) from lease where owner is null
