-- name: heard_before
-- The look-back of waits: for each run that has just arrived the newest event that fits, whichever of the things that its
-- step listens to it is, found by asking the condition of one event after the other, the newest first. What a run has
-- met it knows from here on, as in dispatch.sql.
with found as materialized (
  select distinct on (a.n) a.n, a.bucket, a.contact_id, a.run_id, e.*
  from unnest(%(ns)s::int[], %(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(accounts)s::bigint[],
              %(kinds)s::text[], %(match_keys)s::text[], %(sinces)s::timestamptz[], %(predicates)s::bigint[],
              %(entered)s::timestamptz[], %(arrived)s::timestamptz[])
    as a(n, bucket, contact_id, run_id, account_id, kind, match_key, since, condition_id, entered_at, arrived_at)
  join account on account.account_id = a.account_id
  left join condition k on k.condition_id = a.condition_id
  left join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
  cross join lateral (
    select ev.event_id, ev.occurred_at, x.context, answer.holds
    from event ev
    cross join lateral (
      select a.bucket, a.contact_id, k.shape, k.params, account.zone, %(now)s::timestamptz as now, ev.payload,
             event_context(ev.kind, ev.match_key, ev.payload, ev.occurred_at) as context, a.entered_at, a.arrived_at) x
    cross join lateral (select a.condition_id is null or ({holds}) as holds) answer
    where ev.bucket = a.bucket and ev.bucket = any(%(buckets)s::int[]) and ev.contact_id = a.contact_id
      and ev.kind = a.kind and ev.occurred_at >= a.since and (a.match_key = '' or ev.match_key = a.match_key)
      and answer.holds is not false
    order by ev.occurred_at desc
    limit 1) e
  order by a.n, e.occurred_at desc),
learnt as (
  update run r
  set context = r.context || f.context
                || jsonb_build_object('event', coalesce(r.context -> 'event', '{}') || (f.context -> 'event'))
  from found f
  where f.holds and r.bucket = f.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = f.contact_id
    and r.run_id = f.run_id)
select f.run_id, f.event_id, f.occurred_at, f.holds from found f

-- name: values_of_fields
-- As they are now: a date may have been edited since the run arrived.
select a.run_id, c.fields ->> a.field as value
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(fields)s::text[])
  as a(bucket, contact_id, run_id, field)
join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
