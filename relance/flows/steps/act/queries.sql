-- name: queue_emails
-- The delivery's key is derived from (run, step): whatever is retried, there is one. `due` makes it part of the outbox.
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, channel, class,
                      flow_id, version_id, run_id, step_id, depth, state, due)
select a.bucket, a.delivery_id, %(now)s, a.account_id, a.audience_id, a.contact_id, a.message_id, 'email', a.class,
       a.flow_id, a.version_id, a.run_id, a.step_id, a.depth, 'queued', %(now)s
from unnest(%(buckets)s::int[], %(deliveries)s::uuid[], %(accounts)s::bigint[], %(audiences)s::bigint[],
            %(contacts)s::uuid[], %(messages)s::bigint[], %(classes)s::text[], %(flows)s::bigint[],
            %(versions)s::bigint[], %(runs)s::uuid[], %(steps)s::bigint[], %(depths)s::smallint[])
  as a(bucket, delivery_id, account_id, audience_id, contact_id, message_id, class, flow_id, version_id, run_id,
       step_id, depth)
on conflict do nothing

-- name: add_tags
-- Contacts are locked in key order first: whoever changes a contact does so one after the other, and events follow
-- that order.
with here as materialized (
  select distinct a.bucket, a.contact_id, a.tag_id
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(tags)s::bigint[]) as a(bucket, contact_id, tag_id)),
held as materialized (
  select h.bucket, h.contact_id, h.tag_id
  from here h
  join contact c on c.bucket = h.bucket and c.contact_id = h.contact_id and c.bucket = any(%(buckets)s::int[])
  order by c.bucket, c.contact_id
  for no key update of c)
insert into contact_tag (bucket, contact_id, tag_id, added_at)
select held.bucket, held.contact_id, held.tag_id, %(now)s from held
on conflict do nothing
returning bucket, contact_id, tag_id

-- name: goals_marked
-- Which of these runs have marked this name before: one conversion per run and name. By the ledger's index.
select a.run_id
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(names)s::text[])
  as a(bucket, contact_id, run_id, name)
where exists (
  select from event e
  where e.bucket = a.bucket and e.bucket = any(%(buckets)s::int[]) and e.contact_id = a.contact_id
    and e.kind = 'run.goal_reached' and e.occurred_at >= %(since)s and e.recorded_at >= %(since)s
    and e.cause_run = a.run_id and e.payload ->> 'name' = a.name)

-- name: convert_runs
-- The advancer holds these runs and writes other columns of them at the end of its batch. A flow with a goal of its own
-- counts that one alone.
with converted as (
  update run r set goal_at = %(now)s
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(versions)s::bigint[])
    as a(bucket, contact_id, run_id, version_id), flow f
  where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
    and r.run_id = a.run_id and r.goal_at is null and f.flow_id = r.flow_id and not f.settings ? 'goal'
  returning r.bucket, r.account_id, r.flow_id, a.version_id)
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, day, code, n)
select min(c.bucket), ordered_uuid(%(base)s, concat_ws(':', 'goal', c.flow_id, c.version_id)), c.account_id, c.flow_id,
       c.version_id, (%(now)s at time zone acc.zone)::date, 'goal', count(*)
from converted c join account acc on acc.account_id = c.account_id
group by c.account_id, c.flow_id, c.version_id, acc.zone
