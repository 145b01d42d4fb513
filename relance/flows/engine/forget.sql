-- name: erased_people
-- A handful at most: erasing is done by hand or one call each.
select bucket, contact_id, addresses from erasure where bucket = any(%(slot)s) order by at limit 100

-- name: is_under_way
-- Whatever may still be written about the person: events to be judged, runs to be ended, messages in the outbox.
select exists (select from run r where r.bucket = %(bucket)s and r.contact_id = %(contact_id)s and r.ended_at is null)
  or exists (select from delivery d where d.bucket = %(bucket)s and d.contact_id = %(contact_id)s
             and (d.due is not null or d.state in ('queued', 'handed')))
  or exists (select from event e where e.bucket = %(bucket)s and e.contact_id = %(contact_id)s
             and exists (select from inbox i where i.bucket = e.bucket and i.event_id = e.event_id))

-- name: blank_runs
-- The context is the triggering event's data.
update run set context = '{}' where bucket = %(bucket)s and contact_id = %(contact_id)s and context <> '{}'

-- name: blank_decisions
-- Codes and times stay, for the figures must close; the values that were looked at go.
update trail set seen = null where bucket = %(bucket)s and contact_id = %(contact_id)s and seen is not null

-- name: drop_held_out
-- What was counted stays counted.
delete from held_out where bucket = %(bucket)s and contact_id = %(contact_id)s

-- name: blank_calls
-- What a webhook is still to be told; their run is ending, so nobody writes it again.
update webhook_call set body = null where bucket = %(bucket)s and contact_id = %(contact_id)s and body is not null

-- name: forget_erasure
-- Nothing is left to do, and the last trace of the address goes.
delete from erasure where bucket = %(bucket)s and contact_id = %(contact_id)s
