-- name: append_events
-- The whole batch is one JSON parameter: one parse, one plan (stack.md: 5 µs of backend an event at 1,000 a batch).
with new as (
  select * from jsonb_to_recordset(%(events)s::jsonb) as n(
    bucket int, event_id uuid, account_id bigint, audience_id bigint, contact_id uuid, kind text, match_key text,
    occurred_at timestamptz, source text, syncing boolean, payload jsonb, cause_flow bigint, cause_run uuid,
    cause_step bigint, depth smallint, wakes boolean, lane smallint)),
judged_later as (
  insert into inbox (bucket, event_id, recorded_at, lane)
  select bucket, event_id, %(now)s, lane from new where wakes)
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                   source, syncing, payload, cause_flow, cause_run, cause_step, depth)
select bucket, event_id, %(now)s, account_id, audience_id, contact_id, kind, match_key, occurred_at,
       source, syncing, payload, cause_flow, cause_run, cause_step, depth
from new

-- name: append_keyed_events
-- As append_events, but an event whose key its caller used before (A3) is left out. Its key row goes in first, so two
-- calls at one time cannot both pass.
with new as (
  select * from jsonb_to_recordset(%(events)s::jsonb) as n(
    bucket int, event_id uuid, account_id bigint, audience_id bigint, contact_id uuid, kind text, match_key text,
    occurred_at timestamptz, source text, syncing boolean, payload jsonb, cause_flow bigint, cause_run uuid,
    cause_step bigint, depth smallint, wakes boolean, lane smallint, key text)),
fresh as (
  insert into ingest_key (bucket, account_id, key, event_id, at)
  select bucket, account_id, key, event_id, %(now)s from new where key is not null
  order by bucket, account_id, key
  on conflict do nothing
  returning event_id),
kept as (
  select * from new where key is null or event_id in (select event_id from fresh)),
judged_later as (
  insert into inbox (bucket, event_id, recorded_at, lane)
  select bucket, event_id, %(now)s, lane from kept where wakes)
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                   source, syncing, payload, cause_flow, cause_run, cause_step, depth)
select bucket, event_id, %(now)s, account_id, audience_id, contact_id, kind, match_key, occurred_at,
       source, syncing, payload, cause_flow, cause_run, cause_step, depth
from kept

-- name: forget_ingest_keys
-- Keys are remembered for 30 days (A3).
delete from ingest_key where bucket = any(%(slot)s) and at < %(before)s
