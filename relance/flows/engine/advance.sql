-- name: claim_runs
-- Reads `run` by the due index; joins come after the claim (architecture 6.4). Each (slot, lane, account) with something
-- due has an equal part, rounded up, and bulk a tenth when single runs wait, as in dispatch.sql. Runs of one contact may
-- come in any order: they are different flows. The columns are in the order of Mover.
-- Whose event was recorded before the run was due, or before `heed`, is left to the dispatcher first (docs/decisions/0040):
-- one probe a run by the inbox's key, four parts of a queue at most. (A join, planned while the inbox was empty, would
-- read all of it for each run: hence the limit.) An event that was set aside holds nobody. The last
-- row tells since when the oldest that is due has been, claimed or not.
with turn as materialized (
  select w.*, ceil(w.share::numeric / max(w.nth_account) over (partition by w.lane) / w.its_slots)::int as part
  from (
    select s.slot, l.lane, a.account_id, first.due as first_due,
           case when count(*) over () = count(*) over (partition by l.lane) then %(limit)s
                when l.lane = 0 then ceil(%(limit)s * 0.9) else ceil(%(limit)s * 0.1) end::int as share,
           count(*) over (partition by l.lane, a.account_id) as its_slots,
           dense_rank() over (partition by l.lane order by a.account_id) as nth_account
    from unnest(%(slots)s::int[]) as s(slot)
    cross join (values (0::smallint), (1::smallint)) as l(lane)
    cross join account a
    cross join lateral (
      select r.due from run r
      where r.bucket = any(%(slot)s) and slot_of(r.bucket) = s.slot and r.lane = l.lane and r.account_id = a.account_id
        and r.due >= %(since)s and r.due <= %(now)s
      order by r.due limit 1) first) w)
select c.*
from (
  select r.bucket, r.contact_id, r.run_id, r.account_id, r.audience_id, r.flow_id, r.version_id, r.trigger_id, r.step_id,
         r.state, r.outcome, r.due, r.arrived_at, r.entered_at, r.depth, r.lane, t.slot, t.part
  from turn t
  cross join lateral (
    select r.*
    from (
      select r.ctid as row, r.due from run r
      where r.bucket = any(%(slot)s) and slot_of(r.bucket) = t.slot and r.lane = t.lane and r.account_id = t.account_id
        and r.due >= %(since)s and r.due <= %(now)s
      order by r.due limit 4 * t.part) next
    join run r on r.ctid = next.row and r.bucket = any(%(slot)s) and r.due >= %(since)s and r.due <= %(now)s
    where (select true from inbox i
           where i.bucket = r.bucket and i.bucket = any(%(slot)s) and i.contact_id = r.contact_id and i.retry_at is null
             and i.recorded_at <= greatest(r.due, %(heed)s)
           limit 1) is null
    order by next.due
    limit t.part
    for update of r skip locked) r
  limit case when %(limit)s = 1 then 1 end) c
union all
select null, null, null, null, null, null, null, null, null, null, null, min(t.first_due), null, null, null, null, null, null
from turn t having count(*) > 0

-- name: flows_of_batch
-- State, zone and account of the few flows that the claimed runs belong to. No lock: what a change of a flow asks of its runs is
-- done by the slot's own worker (tasks.py), after the batch in hand.
select f.flow_id, f.version_id, f.state, f.settings ->> 'zone' as zone, coalesce((f.settings ->> 'max_run_age')::int, 400) as max_age,
       (f.settings ->> 'release_rate')::int as release_rate, a.zone as account_zone, a.settings as account_settings,
       v.published_at, f.broken_points, f.paused_steps, f.timed_exit, followed.version_id as follow_id,
       followed.number as follow_number, followed.placed
from flow f
join account a on a.account_id = f.account_id
left join flow_version v on v.version_id = f.version_id
left join lateral (
  select w.version_id, w.number, w.placed from flow_version w
  where w.flow_id = f.flow_id and w.moves_people order by w.number desc limit 1) followed on true
where f.flow_id = any(%(flows)s)

-- name: steps_of_versions
-- Published steps never change: read once per version and kept.
select s.version_id, s.step_id, s.kind, s.args, s.outcomes, v.number
from step s join flow_version v on v.version_id = s.version_id
where s.version_id = any(%(versions)s)
