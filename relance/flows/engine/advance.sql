-- name: claim_runs
-- Reads `run` alone, by the due index; joins come after the claim (architecture 6.4). Runs of one contact may come in any
-- order: they are different flows.
select r.bucket, r.contact_id, r.run_id, r.account_id, r.audience_id, r.flow_id, r.version_id, r.trigger_id, r.step_id,
       r.state, r.outcome, r.due, r.arrived_at, r.entered_at, r.depth, r.context::text as context
from run r
where r.bucket = any(%(slot)s) and r.due <= %(now)s
order by r.due
limit %(limit)s
for update skip locked

-- name: flows_of_batch
-- State and zone of the few flows that the claimed runs belong to; shared, so that a resume waits for who is being held.
select f.flow_id, f.version_id, f.state, f.settings ->> 'zone' as zone, coalesce((f.settings ->> 'max_run_age')::int, 400) as max_age,
       a.zone as account_zone, v.published_at
from flow f
join account a on a.account_id = f.account_id
left join flow_version v on v.version_id = f.version_id
where f.flow_id = any(%(flows)s)
for share of f

-- name: zones_of_contacts
-- Only for flows that follow each contact's zone.
select c.contact_id, c.zone
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact c on c.bucket = a.bucket and c.contact_id = a.contact_id and c.bucket = any(%(buckets)s::int[])
where c.zone is not null

-- name: steps_done
-- Only for runs that have lived through a publication: a step that was moved to before them does not act again.
select d.run_id, array_agg(distinct d.step_id) as steps
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[]) as a(bucket, contact_id, run_id)
join decision d on d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = a.contact_id
               and d.run_id = a.run_id and d.at >= %(since)s
where d.step_id is not null and d.code ~ '^[WBS]' and d.code <> 'W04'
group by d.run_id

-- name: steps_of_versions
-- Published steps never change: read once per version and kept.
select s.version_id, s.step_id, s.kind, s.args, s.outcomes from step s where s.version_id = any(%(versions)s)

-- name: settle
-- The end of a batch in one statement: one update a run, however many steps it has crossed; the trail; the figures,
-- added up beforehand. Decisions name their run by its place in the batch: the rest is read from the arrays.
with moved as (
  update run r set state = a.state, outcome = a.outcome, step_id = a.step_id, due = a.due, arrived_at = a.arrived_at,
                   ended_at = a.ended_at, end_code = a.end_code, version_id = a.version_id
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(states)s::text[], %(outcomes)s::text[],
              %(steps)s::bigint[], %(dues)s::timestamptz[], %(arrivals)s::timestamptz[], %(ends)s::timestamptz[],
              %(end_codes)s::text[], %(versions)s::bigint[])
    as a(bucket, contact_id, run_id, state, outcome, step_id, due, arrived_at, ended_at, end_code, version_id)
  where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
    and r.run_id = a.run_id),
trail as (
  insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, step_id, run_id, code, seen)
  select (%(buckets)s::int[])[d.n], (%(contacts)s::uuid[])[d.n], placed_uuid(%(base)s, d.place), %(now)s,
         (%(accounts)s::bigint[])[d.n], (%(flows)s::bigint[])[d.n], (%(versions)s::bigint[])[d.n], d.step_id,
         (%(runs)s::uuid[])[d.n], d.code, d.seen
  from unnest(%(decided)s::int[], %(at_steps)s::bigint[], %(codes)s::text[], %(seen)s::jsonb[]) with ordinality
    as d(n, step_id, code, seen, place))
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
select (%(buckets)s::int[])[1], placed_uuid(%(base)s, f.place), f.account_id, f.flow_id, f.version_id, 0, f.step_id,
       (%(now)s at time zone acc.zone)::date, f.code, f.n
from unnest(%(figure_accounts)s::bigint[], %(figure_flows)s::bigint[], %(figure_versions)s::bigint[],
            %(figure_steps)s::bigint[], %(figure_codes)s::text[], %(figure_counts)s::bigint[]) with ordinality
  as f(account_id, flow_id, version_id, step_id, code, n, place)
join account acc on acc.account_id = f.account_id
