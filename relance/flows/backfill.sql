-- name: people_after
-- A page of the audience, in the order of its key. Who is archived or not confirmed is no member of it.
select c.bucket, c.contact_id from contact c
where c.bucket = any(%(part)s::int[]) and c.audience_id = %(audience_id)s and c.archived_at is null
  and c.email_status is distinct from 'pending'
  and (c.bucket > %(at_bucket)s or %(at_contact)s::uuid is null or c.contact_id > %(at_contact)s)
order by c.bucket, c.contact_id limit %(limit)s

-- name: ask_backfill
-- Asked again: from the beginning. Nobody enters twice by it.
insert into backfill (flow_id, trigger_id, per_hour, asked_at)
select %(flow_id)s, t.trigger_id, %(per_hour)s, %(now)s from unnest(%(triggers)s::bigint[]) as t(trigger_id)
on conflict (flow_id, trigger_id) do update
set per_hour = excluded.per_hour, asked_at = excluded.asked_at, at_bucket = 0, at_contact = null, let_in = 0

-- name: backfills_of_live_flows
-- A paused flow lets nobody in: it goes on when the flow does.
select b.flow_id, b.trigger_id from backfill b join flow f on f.flow_id = b.flow_id where f.state = 'live'

-- name: lock_backfill
-- With what its trigger listens to now.
select b.flow_id, b.trigger_id, b.per_hour, b.asked_at, b.at_bucket, b.at_contact, b.let_in, f.account_id, f.audience_id,
       v.definition
from backfill b join flow f on f.flow_id = b.flow_id join flow_version v on v.version_id = f.version_id
where b.flow_id = %(flow_id)s and b.trigger_id = %(trigger_id)s
for update of b skip locked

-- name: note_backfill
-- How far it has come, and since when its pace is counted: later by the time that was not used.
update backfill set asked_at = %(asked_at)s, at_bucket = %(at_bucket)s, at_contact = %(at_contact)s, let_in = %(let_in)s
where flow_id = %(flow_id)s and trigger_id = %(trigger_id)s

-- name: end_backfill
-- The whole audience was gone through, or its trigger is no more.
delete from backfill where flow_id = %(flow_id)s and trigger_id = %(trigger_id)s
