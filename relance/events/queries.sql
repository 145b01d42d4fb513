-- name: keep_listeners
-- A statement of its own: what follows must see what was committed while it waited here.
select pg_advisory_xact_lock_shared(7310002)

-- name: raise_epoch
-- Workers recompose what they keep in memory.
update catalogue set epoch = epoch + 1

-- name: wait_a_moment
-- Those who come to append queue behind whoever waits here, and may hold a row that one who has appended wants: so nobody
-- waits here for long, but steps out of the queue and comes again. Less than the second after which PostgreSQL looks
-- for deadlocks.
set local lock_timeout = '300ms'

-- name: change_listeners
-- Waits for appends under way.
select pg_advisory_xact_lock(7310002)

-- name: wait_as_usual
-- For the rest of the transaction.
set local lock_timeout = 0

-- name: append_events
-- The whole batch as columns, and what its events have in common as a few headers, named by their place. Whether somebody
-- listens is asked once for each ear, a header with a match key: a batch has few, and asking costs as much as a row.
with heard as materialized (
  select array_agg(n.wakes and (n.moves_runs or exists (
           select from listened_to h where h.audience_id = n.audience_id and h.event_kind = n.kind
                                 and h.match_key = any(array[n.match_key, '']))) order by n.place) as by_ear
  from (
    select e.place, e.match_key, (%(audiences)s::bigint[])[e.header] as audience_id, (%(kinds)s::text[])[e.header] as kind,
           (%(wakes)s::boolean[])[e.header] as wakes, (%(moves_runs)s::boolean[])[e.header] as moves_runs
    from unnest(%(ear_headers)s::int[], %(ear_keys)s::text[]) with ordinality as e(header, match_key, place)) n),
new as materialized (
  select n.bucket, n.event_id, n.contact_id, n.match_key, coalesce(n.occurred_at, %(now)s) as occurred_at,
         n.payload::jsonb as payload, n.cause_run,
         (%(accounts)s::bigint[])[n.header] as account_id, (%(audiences)s::bigint[])[n.header] as audience_id,
         (%(kinds)s::text[])[n.header] as kind, (%(sources)s::text[])[n.header] as source,
         (%(syncing)s::boolean[])[n.header] as syncing, (%(cause_flows)s::bigint[])[n.header] as cause_flow,
         (%(cause_steps)s::bigint[])[n.header] as cause_step, (%(depths)s::smallint[])[n.header] as depth,
         (%(lanes)s::smallint[])[n.header] as lane, heard.by_ear[n.ear] as is_heard
  from unnest(%(buckets)s::int[], %(ids)s::uuid[], %(contacts)s::uuid[], %(headers)s::int[], %(ears)s::int[],
              %(match_keys)s::text[], %(occurred)s::timestamptz[], %(payloads)s::text[], %(cause_runs)s::uuid[])
    as n(bucket, event_id, contact_id, header, ear, match_key, occurred_at, payload, cause_run)
  cross join heard),
recorded as (
  insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                     source, syncing, payload, cause_flow, cause_run, cause_step, depth)
  select bucket, event_id, %(now)s, account_id, audience_id, contact_id, kind, match_key, occurred_at,
         source, syncing, payload, cause_flow, cause_run, cause_step, depth
  from new),
judged_later as (
  insert into inbox (bucket, event_id, recorded_at, lane, account_id, contact_id)
  select n.bucket, n.event_id, %(now)s, n.lane, n.account_id, coalesce(n.contact_id, n.event_id)
  from new n
  where n.is_heard
  returning 1)
select count(*) from judged_later

-- name: append_keyed_events
-- As append_events, but an event whose key its caller used before (A3) is left out. Its key row goes in first, so two
-- calls at one time cannot both pass.
with heard as materialized (
  select array_agg(n.wakes and (n.moves_runs or exists (
           select from listened_to h where h.audience_id = n.audience_id and h.event_kind = n.kind
                                 and h.match_key = any(array[n.match_key, '']))) order by n.place) as by_ear
  from (
    select e.place, e.match_key, (%(audiences)s::bigint[])[e.header] as audience_id, (%(kinds)s::text[])[e.header] as kind,
           (%(wakes)s::boolean[])[e.header] as wakes, (%(moves_runs)s::boolean[])[e.header] as moves_runs
    from unnest(%(ear_headers)s::int[], %(ear_keys)s::text[]) with ordinality as e(header, match_key, place)) n),
new as materialized (
  select n.bucket, n.event_id, n.contact_id, n.match_key, coalesce(n.occurred_at, %(now)s) as occurred_at,
         n.payload::jsonb as payload, n.cause_run,
         (%(accounts)s::bigint[])[n.header] as account_id, (%(audiences)s::bigint[])[n.header] as audience_id,
         (%(kinds)s::text[])[n.header] as kind, (%(sources)s::text[])[n.header] as source,
         (%(syncing)s::boolean[])[n.header] as syncing, (%(cause_flows)s::bigint[])[n.header] as cause_flow,
         (%(cause_steps)s::bigint[])[n.header] as cause_step, (%(depths)s::smallint[])[n.header] as depth,
         (%(lanes)s::smallint[])[n.header] as lane, heard.by_ear[n.ear] as is_heard, n.key
  from unnest(%(buckets)s::int[], %(ids)s::uuid[], %(contacts)s::uuid[], %(headers)s::int[], %(ears)s::int[],
              %(match_keys)s::text[], %(occurred)s::timestamptz[], %(payloads)s::text[], %(cause_runs)s::uuid[], %(keys)s::text[])
    as n(bucket, event_id, contact_id, header, ear, match_key, occurred_at, payload, cause_run, key)
  cross join heard),
fresh as (
  insert into ingest_key (bucket, account_id, key, event_id, at)
  select bucket, account_id, key, event_id, %(now)s from new where key is not null
  order by bucket, account_id, key
  on conflict do nothing
  returning event_id),
kept as materialized (
  select * from new where key is null or event_id in (select event_id from fresh)),
recorded as (
  insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                     source, syncing, payload, cause_flow, cause_run, cause_step, depth)
  select bucket, event_id, %(now)s, account_id, audience_id, contact_id, kind, match_key, occurred_at,
         source, syncing, payload, cause_flow, cause_run, cause_step, depth
  from kept),
judged_later as (
  insert into inbox (bucket, event_id, recorded_at, lane, account_id, contact_id)
  select n.bucket, n.event_id, %(now)s, n.lane, n.account_id, coalesce(n.contact_id, n.event_id)
  from kept n
  where n.is_heard
  returning 1)
select count(*) from judged_later

-- name: forget_ingest_keys
-- Keys are remembered for 30 days (A3).
delete from ingest_key where bucket = any(%(slot)s) and at < %(before)s
