-- name: list_categories
-- In the order of forms.
select category_id, audience_id, title, choice, position
from group_category where audience_id = %(audience_id)s order by position, folded

-- name: insert_category
-- A title that is taken inserts nothing: the caller counts.
insert into group_category (category_id, audience_id, title, folded, choice, position)
values (%(category_id)s, %(audience_id)s, %(title)s, %(folded)s, %(choice)s, %(position)s)
on conflict do nothing

-- name: update_category
-- A title that is taken changes nothing: the caller counts.
update group_category set title = %(title)s, folded = %(folded)s, choice = %(choice)s, position = %(position)s
where category_id = %(category_id)s and not exists (
  select 1 from group_category o
  where o.audience_id = %(audience_id)s and o.folded = %(folded)s and o.category_id <> %(category_id)s)

-- name: delete_category
-- Its groups went first.
delete from group_category where category_id = %(category_id)s

-- name: list_groups
-- With whether the category lets one choose only one.
select g.group_id, g.category_id, g.audience_id, g.name, g.position, c.choice in ('dropdown', 'radio') as single
from audience_group g join group_category c using (category_id)
where g.audience_id = %(audience_id)s order by c.position, c.folded, g.position, g.folded

-- name: insert_group
-- A name that is taken inserts nothing: the caller counts.
insert into audience_group (group_id, category_id, audience_id, name, folded, position)
values (%(group_id)s, %(category_id)s, %(audience_id)s, %(name)s, %(folded)s, %(position)s)
on conflict do nothing

-- name: update_group
-- A name that is taken changes nothing: the caller counts.
update audience_group set name = %(name)s, folded = %(folded)s, position = %(position)s
where group_id = %(group_id)s and not exists (
  select 1 from audience_group o
  where o.category_id = %(category_id)s and o.folded = %(folded)s and o.group_id <> %(group_id)s)

-- name: delete_groups
-- Taking everybody out is delete_groups_from_contacts.
delete from audience_group where group_id = any(%(group_ids)s)

-- name: delete_groups_from_contacts
-- Deleting a group is not leaving it (trigger 6): no event. The caller names all buckets, or goes slot by slot.
delete from contact_group where bucket = any(%(slot)s) and group_id = any(%(group_ids)s)
