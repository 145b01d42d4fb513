-- name: queue_emails
-- The delivery's key is derived from (run, step): a second one in one batch would be an error, and is not passed over in
-- silence. `due` makes it part of the outbox.
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, channel, class,
                      flow_id, version_id, run_id, step_id, depth, state, due, lane, ready_at)
select a.bucket, derived_uuid(a.run_id::text, (%(steps)s::bigint[])[a.head]::text), %(now)s, (%(accounts)s::bigint[])[a.head], (%(audiences)s::bigint[])[a.head],
       a.contact_id, (%(messages)s::bigint[])[a.head], 'email', (%(classes)s::text[])[a.head],
       (%(flows)s::bigint[])[a.head], (%(versions)s::bigint[])[a.head], a.run_id, (%(steps)s::bigint[])[a.head],
       (%(depths)s::smallint[])[a.head], 'queued', %(now)s,
       (%(lanes)s::smallint[])[a.head], (%(readies)s::timestamptz[])[a.head]
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(heads)s::int[])
  as a(bucket, contact_id, run_id, head)

-- name: skip_emails
-- Too late to be useful, or no moment to leave at: told like any other message that does not leave.
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, channel, class,
                      flow_id, version_id, run_id, step_id, depth, state, code)
select a.bucket, a.delivery_id, %(now)s, a.account_id, a.audience_id, a.contact_id, a.message_id, 'email', a.class,
       a.flow_id, a.version_id, a.run_id, a.step_id, a.depth, 'skipped', a.code
from unnest(%(buckets)s::int[], %(deliveries)s::uuid[], %(accounts)s::bigint[], %(audiences)s::bigint[],
            %(contacts)s::uuid[], %(messages)s::bigint[], %(classes)s::text[], %(flows)s::bigint[],
            %(versions)s::bigint[], %(runs)s::uuid[], %(steps)s::bigint[], %(depths)s::smallint[], %(codes)s::text[])
  as a(bucket, delivery_id, account_id, audience_id, contact_id, message_id, class, flow_id, version_id, run_id,
       step_id, depth, code)
on conflict do nothing

-- name: ends_of_flows
-- The conditions that end runs before a send, of flows that have any: an exit by its answer yes, the other by no.
select f.flow_id, f.audience_id, e.code, e.condition
from flow f
cross join lateral (values ('X01', f.settings #> '{exit_condition,condition}'), ('X03', f.settings -> 'continue_only_if'))
  as e(code, condition)
where f.flow_id = any(%(flows)s::bigint[]) and e.condition is not null and e.condition <> 'null'

-- name: zones_at_home
-- By whose clock hours of quiet go: only asked where an account has some.
select c.contact_id, coalesce(c.zone, k.zone) as zone
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
join account k on k.account_id = c.account_id

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
returning contact_id, tag_id

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
  returning r.bucket, r.account_id, r.flow_id, a.version_id, r.entered_at)
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, day, code, n)
select min(c.bucket), ordered_uuid(%(base)s, concat_ws(':', g.code, c.flow_id, c.version_id, (g.at at time zone acc.zone)::date)),
       c.account_id, c.flow_id, c.version_id, (g.at at time zone acc.zone)::date, g.code, count(*)
from converted c join account acc on acc.account_id = c.account_id
cross join lateral (values ('goal', %(now)s::timestamptz), ('converted', c.entered_at)) as g(code, at)
group by c.account_id, c.flow_id, c.version_id, g.code, (g.at at time zone acc.zone)::date

-- name: foresee_starts
-- What the gate of another flow is about to say (G16), for the trail of the run that asks; the gate itself decides. The
-- filters stand between `early` and `late`, and are asked by the caller. `deaf`: nobody there hears the request.
select a.run_id, s.filter, s.exit_test, s.subscription_id is null as deaf,
  case
    when s.subscription_id is null then 'E03'
    when f.state = 'paused' then 'E02'
    when f.state = 'draining' or f.state = 'broken' and f.state_before = 'draining' then 'E03'
    when s.trigger_id = any(f.broken_points) then 'E04'
    when a.depth >= 5 then 'E20'
    when c.contact_id is null then 'E28'
    when c.email_status = 'pending' and c.sms_status is distinct from 'subscribed' then 'E10'
    when c.archived_at is not null then 'E11'
    when exists (select from block_list b
                 where b.bucket = a.bucket and b.bucket = any(%(buckets)s::int[]) and b.contact_id = a.contact_id
                   and b.flow_id = a.flow_id) then 'E14'
  end as early,
  case
    when exists (select from run r
                 where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
                   and r.flow_id = a.flow_id and r.ended_at is null
                   and (r.subject = '' or f.settings ->> 'one_run_per' is distinct from 'occurrence')) then 'E17'
    when a.again or before.run_id is null then side.code
    when not coalesce((f.settings ->> 're_entry')::boolean, false) then 'E18'
    when %(now)s < coalesce(case when f.settings ->> 're_entry_from' = 'entry' then last_run.entered_at
                                 else last_run.ended_at end, before.entered_at)
                   + make_interval(secs => coalesce((f.settings ->> 're_entry_wait')::int, 300)) then 'E19'
    else side.code
  end as late
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(flows)s::bigint[], %(agains)s::boolean[],
            %(depths)s::int[]) as a(bucket, contact_id, run_id, flow_id, again, depth)
left join lateral (
  select f.* from flow f where f.flow_id = a.flow_id limit 1) f on true
left join lateral (
  select s.* from subscription s
  where s.flow_id = a.flow_id and s.event_kind = 'flow.start_requested' and s.occurrence = a.again limit 1) s on true
left join lateral (
  select c.* from contact c
  where c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id limit 1) c on true
left join lateral (
  select e.run_id, e.entered_at from entry e
  where e.bucket = a.bucket and e.bucket = any(%(buckets)s::int[]) and e.contact_id = a.contact_id
    and e.flow_id = a.flow_id and e.forgotten_at is null
    and (e.subject = '' or f.settings ->> 'one_run_per' is distinct from 'occurrence')
  order by e.entered_at desc limit 1) before on true
left join lateral (
  select r.entered_at, r.ended_at from run r
  where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
    and r.run_id = before.run_id limit 1) last_run on true
left join lateral (
  select case when exists (
                  select from held_out o
                  where o.bucket = a.bucket and o.bucket = any(%(buckets)s::int[]) and o.contact_id = a.contact_id
                    and o.flow_id = a.flow_id)
                or chance('holdout', a.flow_id::text, a.contact_id::text)
                   < 100 * coalesce((f.settings ->> 'holdout')::int, 0)
                   and not exists (
                     select from entry e
                     where e.bucket = a.bucket and e.bucket = any(%(buckets)s::int[]) and e.contact_id = a.contact_id
                       and e.flow_id = a.flow_id) then 'E21' end as code
  where f.holdout_since is not null limit 1) side on true

-- name: runs_to_stop
-- For whom there is something to stop: in the flow named, or, where none is, in any but their own.
select a.run_id
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(own)s::bigint[], %(flows)s::bigint[])
  as a(bucket, contact_id, run_id, own, flow_id)
where exists (
  select from run r
  where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
    and r.ended_at is null and r.flow_id <> a.own and (a.flow_id is null or r.flow_id = a.flow_id))
