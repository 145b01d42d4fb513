-- name: account_of
-- Of a deleted audience too: its row stays.
select account_id from audience where audience_id = %(audience_id)s

-- name: leave_deleted
-- A row for each object until the flows of its audience were looked at.
insert into deleted_object (type, object_id, audience_id, deleted_at)
select %(type)s, n.object_id, %(audience_id)s, %(now)s from unnest(%(ids)s::bigint[]) as n(object_id)
on conflict (type, object_id) do nothing
