-- name: set_event_aside
-- The one that was in hand.
update inbox i set trouble = %(trouble)s,
  retry_at = %(now)s + least(greatest(%(now)s - i.recorded_at, %(soonest)s::interval), %(latest)s::interval)
where i.bucket = %(bucket)s and i.event_id = %(event_id)s

-- name: set_run_aside
-- The advancer looks at it again later.
update run set
  due = %(now)s + least(greatest(%(now)s - coalesce(arrived_at, entered_at), %(soonest)s::interval), %(latest)s::interval)
where bucket = %(bucket)s and contact_id = %(contact_id)s and run_id = %(run_id)s and due is not null

-- name: count_set_aside
-- Events that could not be judged, with the last trouble.
select count(*) as events, max(i.trouble) as trouble from inbox i where i.bucket = any(%(slot)s) and i.retry_at is not null
