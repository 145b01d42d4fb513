-- name: find_flow_inside
-- Whose it is.
select flow_id, account_id, audience_id, name, state from flow where flow_id = %(flow_id)s

-- name: block
-- Also in advance: the flow need not know the contact.
insert into block_list (bucket, contact_id, flow_id, at) values (%(bucket)s, %(contact_id)s, %(flow_id)s, %(now)s)
on conflict do nothing

-- name: unblock
-- Adding by hand does the same (dispatch.sql).
delete from block_list where bucket = %(bucket)s and contact_id = %(contact_id)s and flow_id = %(flow_id)s

-- name: is_blocked
-- For the pages.
select true from block_list where bucket = %(bucket)s and contact_id = %(contact_id)s and flow_id = %(flow_id)s

-- name: forget_entries
-- Of runs that have ended. The keys are set aside with them, so that what entered by one may enter by it again.
update entry e set forgotten_at = %(now)s, entry_key = e.entry_key || ' until ' || %(now)s::timestamptz::text
where e.bucket = %(bucket)s and e.contact_id = %(contact_id)s and e.flow_id = %(flow_id)s and e.forgotten_at is null
  and not exists (
    select from run r where r.bucket = %(bucket)s and r.contact_id = %(contact_id)s and r.run_id = e.run_id
                       and r.ended_at is null)
