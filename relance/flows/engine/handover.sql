-- name: runs_behind
-- The runs that queued deliveries belong to, with all that says whether this is a moment to leave at. `sent_before` is
-- only looked up for steps that send once per contact. What a change of the flow still asks of the run's slot decides
-- before the message leaves (tasks.py): a release skips late ones, a removal ends the run. False: it was set aside.
select a.delivery_id, r.bucket, r.contact_id, r.run_id, r.audience_id, r.ended_at, r.entered_at, r.arrived_at, r.outcome,
       (select bool_or(t.retry_at is null) from flow_task t where t.flow_id = r.flow_id and t.slot = slot_of(r.bucket)
                                                              and t.what in ('release', 'remove')) as asked_first,
       f.state as flow_state, r.step_id = any(f.paused_steps) as step_paused, r.step_id = any(f.broken_points) as step_broken,
       d.class as message_class, d.queued_at, d.ready_at, coalesce(s.args, '{}') as step, k.settings as account,
       k.zone as account_zone, c.zone as contact_zone, coalesce(f.settings ->> 'zone', 'account') as flow_zone,
       coalesce((f.settings ->> 'priority')::int, 5) as priority,
       f.settings #> '{exit_condition,condition}' as exit_condition, f.settings -> 'continue_only_if' as continue_only_if,
       coalesce((s.args ->> 'once_per_contact')::boolean, false) and exists (
         select from delivery d
         where d.bucket = r.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = r.contact_id
           and d.message_id = (s.args ->> 'message')::bigint and d.sent_at is not null) as sent_before
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(deliveries)s::uuid[],
            %(queued)s::timestamptz[]) as a(bucket, contact_id, run_id, delivery_id, queued_at)
join run r on r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
          and r.run_id = a.run_id
join delivery d on d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.delivery_id = a.delivery_id
               and d.queued_at = a.queued_at
join flow f on f.flow_id = r.flow_id
join account k on k.account_id = r.account_id
left join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
left join step s on s.version_id = r.version_id and s.step_id = r.step_id

-- name: tell_waits
-- A message that was let go waits once more: a row of the trail for each run, and the figures.
with told as materialized (
  select a.*, r.account_id, r.flow_id, r.version_id, r.step_id
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(codes)s::text[], %(seen)s::jsonb[])
    with ordinality as a(bucket, contact_id, run_id, code, seen, place)
  join run r on r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
            and r.run_id = a.run_id),
written as (
  insert into trail (bucket, contact_id, trail_id, at, account_id, flow_id, version_id, run_id, codes, steps, seen)
  select t.bucket, t.contact_id, placed_uuid(%(base)s, t.place), %(now)s, t.account_id, t.flow_id, t.version_id, t.run_id,
         array[t.code], array[t.step_id], jsonb_build_array(t.seen)
  from told t)
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, step_id, day, code, n)
select min(t.bucket), ordered_uuid(%(base)s, concat_ws(':', t.flow_id, t.version_id, t.step_id, t.code)), t.account_id,
       t.flow_id, t.version_id, t.step_id, (%(now)s at time zone k.zone)::date, t.code, count(*)
from told t join account k on k.account_id = t.account_id
group by t.account_id, t.flow_id, t.version_id, t.step_id, k.zone, t.code

-- name: exit_run
-- Leaves by its end code: the advancer ends it, with the trail and the figures.
update run set state = 'leaving', outcome = %(code)s, due = %(now)s
where bucket = %(bucket)s and contact_id = %(contact_id)s and run_id = %(run_id)s and ended_at is null

-- name: runs_of_unsubscribed
-- Of these deliveries, the runs that end because their contact does not take such messages any more (X09).
select a.delivery_id, r.bucket, r.contact_id, r.run_id
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(deliveries)s::uuid[])
  as a(bucket, contact_id, run_id, delivery_id)
join run r on r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
          and r.run_id = a.run_id
join flow f on f.flow_id = r.flow_id
where r.ended_at is null and (f.settings ->> 'exit_on_unsubscribe')::boolean
