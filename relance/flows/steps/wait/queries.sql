-- name: heard_before
-- The look-back of a wait: events of the contacts that have just arrived, newest first per contact, a few each.
select e.contact_id, e.event_id, e.occurred_at,
       jsonb_build_object('event', coalesce(e.payload -> 'properties', e.payload -> 'data', e.payload)) as context
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
cross join lateral (
  select ev.contact_id, ev.event_id, ev.occurred_at, ev.payload
  from event ev
  where ev.bucket = a.bucket and ev.bucket = any(%(buckets)s::int[]) and ev.contact_id = a.contact_id
    and ev.kind = %(kind)s and ev.occurred_at >= %(since)s and (%(match_key)s = '' or ev.match_key = %(match_key)s)
  order by ev.occurred_at desc
  limit 20) e

-- name: values_of_fields
-- As they are now: a date may have been edited since the run arrived.
select a.run_id, c.fields ->> a.field as value
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(fields)s::text[])
  as a(bucket, contact_id, run_id, field)
join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
