-- name: claim_runs
-- Reads `run` alone, by the due index; joins come after the claim (architecture 6.4). Runs of one contact may come in any
-- order: they are different flows.
select r.bucket, r.contact_id, r.run_id, r.account_id, r.audience_id, r.flow_id, r.version_id, r.trigger_id, r.step_id,
       r.state, r.outcome, r.due, r.arrived_at, r.entered_at, r.depth, r.context
from run r
where r.bucket = any(%(slot)s) and r.due <= %(now)s
order by r.due
limit %(limit)s
for update skip locked

-- name: flows_of_batch
-- State and zone of the few flows that the claimed runs belong to.
select f.flow_id, f.version_id, f.state, f.settings ->> 'zone' as zone, coalesce((f.settings ->> 'max_run_age')::int, 400) as max_age,
       a.zone as account_zone
from flow f join account a on a.account_id = f.account_id
where f.flow_id = any(%(flows)s)

-- name: zones_of_contacts
-- Only for flows that follow each contact's zone.
select c.contact_id, c.zone
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact c on c.bucket = a.bucket and c.contact_id = a.contact_id and c.bucket = any(%(buckets)s::int[])
where c.zone is not null

-- name: steps_of_versions
-- Published steps never change: read once per version and kept.
select s.version_id, s.step_id, s.kind, s.args, s.outcomes from step s where s.version_id = any(%(versions)s)

-- name: settle_runs
-- One update a run, however many steps it has crossed.
update run r set state = a.state, outcome = a.outcome, step_id = a.step_id, due = a.due, arrived_at = a.arrived_at,
                 ended_at = a.ended_at, end_code = a.end_code, version_id = a.version_id
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(states)s::text[], %(outcomes)s::text[],
            %(steps)s::bigint[], %(dues)s::timestamptz[], %(arrivals)s::timestamptz[], %(ends)s::timestamptz[],
            %(codes)s::text[], %(versions)s::bigint[])
  as a(bucket, contact_id, run_id, state, outcome, step_id, due, arrived_at, ended_at, end_code, version_id)
where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id and r.run_id = a.run_id

-- name: add_decisions
-- The trail of a whole batch.
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id,
                      code, seen)
select a.bucket, a.contact_id, a.decision_id, %(now)s, a.account_id, a.flow_id, a.version_id, null, a.step_id, a.run_id,
       a.code, a.seen
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(ids)s::uuid[], %(accounts)s::bigint[], %(flows)s::bigint[],
            %(versions)s::bigint[], %(steps)s::bigint[], %(runs)s::uuid[], %(codes)s::text[], %(seen)s::jsonb[])
  as a(bucket, contact_id, decision_id, account_id, flow_id, version_id, step_id, run_id, code, seen)

-- name: add_figures
-- What the batch changed, added up beforehand: a few rows, whatever the batch.
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
select a.bucket, a.delta_id, a.account_id, a.flow_id, a.version_id, 0, a.step_id,
       (%(now)s at time zone acc.zone)::date, a.code, a.n
from unnest(%(buckets)s::int[], %(ids)s::uuid[], %(accounts)s::bigint[], %(flows)s::bigint[], %(versions)s::bigint[],
            %(steps)s::bigint[], %(codes)s::text[], %(counts)s::bigint[])
  as a(bucket, delta_id, account_id, flow_id, version_id, step_id, code, n)
join account acc on acc.account_id = a.account_id
