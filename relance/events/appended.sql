-- name: appended_events
-- By the primary key, in the one partition that the instant names.
select e.event_id
from unnest(%(buckets)s::int[], %(event_ids)s::uuid[]) as n(bucket, event_id)
join event e on e.bucket = n.bucket and e.bucket = any(%(buckets)s) and e.event_id = n.event_id
where e.recorded_at = %(now)s
