-- name: audience_messages
-- Every message that a condition may name: deleted ones are gone for whoever edits.
select message_id from message where audience_id = %(audience_id)s and deleted_at is null

-- name: audience_links
-- Links of those messages, whatever version they stood in.
select l.message_id, l.link_id from message_link l join message m using (message_id)
where m.audience_id = %(audience_id)s and m.deleted_at is null
