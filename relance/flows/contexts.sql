-- name: contexts_of_runs
-- The ledger has what let a run in, by its whole key: the event was recorded when the run was entered. An event that is
-- past the ledger's retention has left a copy with the run (keep_contexts).
select a.run_id,
       run_context(r.context, case when e.event_id is not null then
         event_context(e.kind, e.match_key, e.payload, e.occurred_at) end)::text as context
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[]) as a(bucket, contact_id, run_id)
join run r on r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
          and r.run_id = a.run_id
left join event e on e.bucket = a.bucket and e.bucket = any(%(buckets)s::int[]) and e.event_id = r.event_id
                 and e.recorded_at = r.entered_at

-- name: contexts_behind
-- What EVENT: and FLOW: tags read, and by whose clock dates are written. The flow's name as it is now: no run keeps it.
select a.delivery_id, r.entered_at, f.name as flow_name, coalesce(f.settings ->> 'zone', 'account') as flow_zone,
       run_context(r.context, case when e.event_id is not null then
         event_context(e.kind, e.match_key, e.payload, e.occurred_at) end) as context
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(deliveries)s::uuid[])
  as a(bucket, contact_id, run_id, delivery_id)
join run r on r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
          and r.run_id = a.run_id
join flow f on f.flow_id = r.flow_id
left join event e on e.bucket = a.bucket and e.bucket = any(%(buckets)s::int[]) and e.event_id = r.event_id
                 and e.recorded_at = r.entered_at

-- name: keep_contexts
-- Before the ledger's months are dropped: runs that are older than a year and still under way.
update run r set context = run_context(r.context, event_context(e.kind, e.match_key, e.payload, e.occurred_at)) || '{"kept": true}'
from event e
where r.bucket = any(%(slot)s) and r.ended_at is null and r.entered_at < %(before)s and not r.context ? 'kept'
  and e.bucket = r.bucket and e.bucket = any(%(slot)s) and e.event_id = r.event_id and e.recorded_at = r.entered_at
  and e.recorded_at < %(before)s
