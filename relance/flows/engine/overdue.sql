-- name: release_held
-- Parked runs come back into the due index: each goes on with what it was at. They are due since they were held, or could
-- have gone on before they were held once more, as the trail knows, so that they leave in the order in which they would
-- have (spec 5.3), and so that it is known how late they are. Where it was asked what becomes of late messages, those
-- whom the pause has held since before an instant are marked: what they are about to be sent is skipped, or they leave.
-- Where the flow has a release rate they stay held, and due, until their turn (W11).
with parked as materialized (
  -- A pause holds whom it has held since it began, or whom an earlier one was the last to hold: they were not let go
  -- before this one began.
  select h.bucket, h.contact_id, h.run_id, told.held_at,
         case when told.paused_at >= least(%(since)s::timestamptz, told.last_at) then told.paused_at end as paused_at
  from run h
  cross join lateral (
    select (array_agg(coalesce((d.seen ->> 'could_leave')::timestamptz, d.at) order by d.trail_id desc, d.place desc))[1]
             as held_at,
           max(d.at) as last_at, max(d.at) filter (where d.code = 'W04') as paused_at
    from decision d
    where d.bucket = h.bucket and d.bucket = any(%(part)s::int[]) and d.contact_id = h.contact_id
      and d.run_id = h.run_id and d.code in ('W04', 'W05', 'W09')) told
  where h.bucket = any(%(part)s::int[]) and h.flow_id = %(flow_id)s and h.state = 'held' and h.ended_at is null)
update run r set due = least(coalesce(parked.held_at, %(now)s), %(now)s),
  state = case
    when parked.paused_at < %(before)s::timestamptz then %(late)s
    when %(queues)s then r.state
    when arrived_at is null or outcome = 'before' then 'arriving' when outcome is not null then 'leaving'
    else 'waiting' end
from parked
where r.bucket = parked.bucket and r.bucket = any(%(part)s::int[]) and r.contact_id = parked.contact_id
  and r.run_id = parked.run_id and r.state = 'held' and r.ended_at is null

-- name: skip_queued
-- Messages that were queued when the pause began, and are held by it: one that waits for its turn under a cap is not
-- late. Before the runs: lock order.
update delivery d set state = 'skipped', code = 'S15', due = null
where d.bucket = any(%(part)s::int[]) and d.flow_id = %(flow_id)s and d.state = 'queued'
  and d.due <= %(now)s + interval '2 minutes' and d.queued_at < %(before)s
returning d.bucket, d.delivery_id, d.account_id, d.audience_id, d.contact_id, d.message_id, d.flow_id, d.run_id,
          d.step_id, d.depth, d.lane

-- name: end_queued
-- Their message is withdrawn at hand-over (S20).
update run r set state = 'leaving', outcome = 'X08', due = %(now)s
where r.bucket = any(%(part)s::int[]) and r.flow_id = %(flow_id)s and r.ended_at is null and r.state = 'sending'
  and exists (
    select from delivery d
    where d.bucket = r.bucket and d.bucket = any(%(part)s::int[]) and d.contact_id = r.contact_id
      and d.run_id = r.run_id and d.step_id = r.step_id and d.state = 'queued' and d.queued_at < %(before)s
      and d.due <= %(now)s + interval '2 minutes')

-- name: missed
-- The last time that each trigger was fired by each person while the flow was paused, with what it told; each time,
-- where a person may have a run for each occurrence (G12). A time at which the kind's guard held, as when a machine has
-- opened the email, only if there was no better one. The gate judges again from the contact's status onwards: what it
-- would have refused before that is left out, syncing (E05), told late (E07), the flow's own doing (E20) or an import
-- that does not count (E08).
select distinct on (d.contact_id, d.trigger_id, apart.subject) d.account_id, f.audience_id, d.contact_id, d.trigger_id,
       coalesce(d.seen ->> 'key', d.event_id::text) as key,
       coalesce(e.payload -> 'properties', e.payload -> 'data', e.payload) as data
from decision d
join flow f on f.flow_id = d.flow_id
join event e on e.bucket = d.bucket and e.bucket = any(%(part)s::int[]) and e.event_id = d.event_id
cross join lateral (
  select coalesce(min(coalesce(e.payload #>> s.subject_path, e.event_id::text))
                    filter (where s.subject_word is not null), '') as subject,
         coalesce(bool_or(s.guard_code = 'E08'), false) and coalesce(d.seen ? 'guard', false) as imported
  from subscription s
  where s.flow_id = d.flow_id and s.purpose = 'enter' and s.trigger_id = d.trigger_id and s.event_kind = e.kind) apart
where d.bucket = any(%(part)s::int[]) and d.flow_id = %(flow_id)s and d.code = 'E02' and d.at >= %(since)s
  and (%(until)s::timestamptz is null or d.at < %(until)s::timestamptz) and d.trigger_id = any(%(triggers)s::bigint[])
  and not e.syncing and (e.kind = 'clock.due' or e.recorded_at - e.occurred_at <= interval '7 days')
  and e.cause_flow is distinct from d.flow_id and e.depth < 5 and not apart.imported
order by d.contact_id, d.trigger_id, apart.subject, coalesce(d.seen ? 'guard', false), d.trail_id desc

-- name: count_missed
-- How many people these are: by the same conditions.
select count(distinct d.contact_id) from decision d
join event e on e.bucket = d.bucket and e.bucket = any(%(part)s::int[]) and e.event_id = d.event_id
where d.bucket = any(%(part)s::int[]) and d.flow_id = %(flow_id)s and d.code = 'E02' and d.at >= %(since)s
  and d.trigger_id = any(%(triggers)s::bigint[])
  and not e.syncing and (e.kind = 'clock.due' or e.recorded_at - e.occurred_at <= interval '7 days')
  and e.cause_flow is distinct from d.flow_id and e.depth < 5
  and not (coalesce(d.seen ? 'guard', false) and exists (
    select from subscription s
    where s.flow_id = d.flow_id and s.purpose = 'enter' and s.trigger_id = d.trigger_id and s.event_kind = e.kind
      and s.guard_code = 'E08'))
