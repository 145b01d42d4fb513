-- name: anything_to_do
-- Most looks find nothing.
select exists (select from deleted_object)
    or exists (select from flow where state in ('broken', 'draining') or state = 'live' and problems <> '[]')

-- name: take_deleted
-- Goes back into the queue when looking at the flows fails.
delete from deleted_object returning audience_id, type, object_id

-- name: draining_flows
-- There are few.
select flow_id, account_id from flow where state = 'draining'
