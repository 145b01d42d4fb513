-- name: insert_tags
-- Another caller may create the same tag at this moment: whoever is first wins, the statement after this one reads it.
insert into tag (tag_id, audience_id, name, folded, created_at)
select tag_id, %(audience_id)s, name, folded, %(now)s
from unnest(%(tag_ids)s::bigint[], %(names)s::text[], %(folded)s::text[]) as n(tag_id, name, folded)
order by folded
on conflict do nothing

-- name: find_tags
-- By folded names.
select tag_id, audience_id, name, created_at, folded
from tag where audience_id = %(audience_id)s and folded = any(%(folded)s)

-- name: list_tags
-- Alphabetically, as lists of tags are read.
select tag_id, audience_id, name, created_at from tag where audience_id = %(audience_id)s order by folded

-- name: search_tags
-- A prefix match, as in the compatible API. starts_with needs no escaping.
select tag_id, audience_id, name, created_at
from tag where audience_id = %(audience_id)s and starts_with(folded, %(prefix)s) order by folded

-- name: find_tag
-- By id, within the audience.
select tag_id, audience_id, name, created_at from tag where audience_id = %(audience_id)s and tag_id = %(tag_id)s

-- name: tags_by_id
-- Those of them that are still there, within the audience.
select tag_id, audience_id, name, created_at from tag
where audience_id = %(audience_id)s and tag_id = any(%(tag_ids)s::bigint[])

-- name: sizes_of_tags
-- How many hold each; archived people hold theirs too, and are not counted.
select t.tag_id, count(*) as n
from contact_tag t
join contact c on c.bucket = t.bucket and c.bucket = any(%(slot)s) and c.contact_id = t.contact_id
where t.bucket = any(%(slot)s) and t.tag_id = any(%(tag_ids)s::bigint[]) and c.archived_at is null
group by t.tag_id

-- name: members_of_tag
-- A page in the order of contact ids, for the compatible API. There is no index by tag: tagging would write it each time.
select t.contact_id
from contact_tag t
join contact c on c.bucket = t.bucket and c.bucket = any(%(slot)s) and c.contact_id = t.contact_id
where t.bucket = any(%(slot)s) and t.tag_id = %(tag_id)s and c.archived_at is null
order by t.bucket, t.contact_id limit %(limit)s offset %(offset)s

-- name: rename_tag
-- References are by id (G22), so a new name breaks nothing.
update tag set name = %(name)s, folded = %(folded)s where tag_id = %(tag_id)s

-- name: delete_tag
-- Taking the tag off everybody is delete_tag_from_contacts.
delete from tag where tag_id = %(tag_id)s

-- name: delete_tag_from_contacts
-- Deleting a tag is not losing it: no event. The caller names all buckets, or goes slot by slot.
delete from contact_tag where bucket = any(%(slot)s) and tag_id = %(tag_id)s
