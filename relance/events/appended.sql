-- name: appended_events
-- By the primary key, in the one partition that the instant names.
select event_id from event
where bucket = any(%(buckets)s) and event_id = any(%(event_ids)s) and recorded_at = %(now)s
