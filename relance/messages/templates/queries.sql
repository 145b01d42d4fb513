-- name: insert_message
-- Version 0: it has no content yet. Creating it again by the same id changes nothing.
insert into message (message_id, account_id, audience_id, flow_id, channel, name, folded, version, created_at)
values (%(message_id)s, %(account_id)s, %(audience_id)s, %(flow_id)s, %(channel)s, %(name)s, %(folded)s, 0, %(now)s)
on conflict (message_id) do update set name = excluded.name, folded = excluded.folded, deleted_at = null

-- name: lock_message
-- Two saves of one message make two versions, one after the other.
select m.version, v.subject, v.html, v.text, v.preview, v.from_name, v.from_email, v.reply_to, v.track_opens,
       v.track_clicks, v.analytics
from message m
left join message_version v on v.message_id = m.message_id and v.version = m.version
where m.message_id = %(message_id)s
for no key update of m

-- name: insert_version
-- Versions are never changed: what was sent can be read again.
insert into message_version (message_id, version, subject, preview, from_name, from_email, reply_to, html, text,
                             track_opens, track_clicks, analytics, created_at)
values (%(message_id)s, %(version)s, %(subject)s, %(preview)s, %(from_name)s, %(from_email)s, %(reply_to)s, %(html)s,
        %(text)s, %(track_opens)s, %(track_clicks)s, %(analytics)s, %(now)s)

-- name: set_version
-- From now on messages are written with this one.
update message set version = %(version)s where message_id = %(message_id)s

-- name: insert_links
-- A link that an earlier version had is the same link (spec 2.4).
insert into message_link (message_id, link_id, url)
select %(message_id)s, l.link_id, l.url from unnest(%(link_ids)s::bigint[], %(urls)s::text[]) as l(link_id, url)
on conflict do nothing

-- name: read_version
-- With the tags of the audience's address fields: after them a colon names a part (spec 8.3).
select v.subject, v.html, v.text, v.preview, v.from_name, v.from_email, v.reply_to, v.track_opens, v.track_clicks,
       v.analytics, array(select f.tag from field f where f.audience_id = m.audience_id and f.type = 'address') as address_fields
from message_version v join message m on m.message_id = v.message_id
where v.message_id = %(message_id)s and v.version = %(version)s
