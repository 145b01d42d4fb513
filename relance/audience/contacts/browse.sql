-- name: browse_contacts
-- A page of an audience. All filters in one statement, so that there is one plan and one place; a parameter that is
-- null filters nothing. Over all buckets: a read of people's and programs' screens, never of the engine.
select bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number,
       sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at,
       opted_in_at, created_at, joined_at, changed_at, archived_at
from contact c
where c.bucket = any(%(slot)s) and c.audience_id = %(audience_id)s and c.email is not null
  and (%(statuses)s::text[] is null or c.archived_at is null and c.email_status = any(%(statuses)s::text[]))
  and (%(archived)s::boolean is null or (c.archived_at is not null) = %(archived)s)
  and (%(email_format)s::text is null or c.email_format = %(email_format)s)
  and (%(vip)s::boolean is null or c.vip = %(vip)s)
  and (%(first_id)s::uuid is null or c.contact_id between %(first_id)s::uuid and %(last_id)s::uuid)
  and (%(changed_since)s::timestamptz is null or c.changed_at >= %(changed_since)s)
  and (%(changed_before)s::timestamptz is null or c.changed_at < %(changed_before)s)
  and (%(opted_in_since)s::timestamptz is null or c.opted_in_at >= %(opted_in_since)s)
  and (%(opted_in_before)s::timestamptz is null or c.opted_in_at < %(opted_in_before)s)
  and (%(signed_up_since)s::timestamptz is null or c.signed_up_at >= %(signed_up_since)s)
  and (%(signed_up_before)s::timestamptz is null or c.signed_up_at < %(signed_up_before)s)
  and (%(left_since)s::timestamptz is null or c.email_status = 'unsubscribed' and exists (
    select from consent_record r
    where r.bucket = c.bucket and r.contact_id = c.contact_id and r.channel = 'email' and r.new = 'unsubscribed'
      and r.at >= %(left_since)s))
  and (%(groups)s::bigint[] is null or (
    select count(*) from contact_group g
    where g.bucket = c.bucket and g.contact_id = c.contact_id and g.group_id = any(%(groups)s::bigint[])
    ) between %(fewest)s and %(most)s)
order by %(direction)s * extract(epoch from case %(sort)s when 'changed' then c.changed_at when 'opted_in' then
           c.opted_in_at when 'signed_up' then c.signed_up_at else c.created_at end) nulls last, c.contact_id
limit %(limit)s offset %(offset)s

-- name: count_contacts
-- How many browse_contacts would show without its page. Its own statement: callers who page do not always ask.
select count(*)
from contact c
where c.bucket = any(%(slot)s) and c.audience_id = %(audience_id)s and c.email is not null
  and (%(statuses)s::text[] is null or c.archived_at is null and c.email_status = any(%(statuses)s::text[]))
  and (%(archived)s::boolean is null or (c.archived_at is not null) = %(archived)s)
  and (%(email_format)s::text is null or c.email_format = %(email_format)s)
  and (%(vip)s::boolean is null or c.vip = %(vip)s)
  and (%(first_id)s::uuid is null or c.contact_id between %(first_id)s::uuid and %(last_id)s::uuid)
  and (%(changed_since)s::timestamptz is null or c.changed_at >= %(changed_since)s)
  and (%(changed_before)s::timestamptz is null or c.changed_at < %(changed_before)s)
  and (%(opted_in_since)s::timestamptz is null or c.opted_in_at >= %(opted_in_since)s)
  and (%(opted_in_before)s::timestamptz is null or c.opted_in_at < %(opted_in_before)s)
  and (%(signed_up_since)s::timestamptz is null or c.signed_up_at >= %(signed_up_since)s)
  and (%(signed_up_before)s::timestamptz is null or c.signed_up_at < %(signed_up_before)s)
  and (%(left_since)s::timestamptz is null or c.email_status = 'unsubscribed' and exists (
    select from consent_record r
    where r.bucket = c.bucket and r.contact_id = c.contact_id and r.channel = 'email' and r.new = 'unsubscribed'
      and r.at >= %(left_since)s))
  and (%(groups)s::bigint[] is null or (
    select count(*) from contact_group g
    where g.bucket = c.bucket and g.contact_id = c.contact_id and g.group_id = any(%(groups)s::bigint[])
    ) between %(fewest)s and %(most)s)

-- name: count_by_status
-- The figures of audiences, all of them in one pass.
select audience_id, case when archived_at is not null then 'archived' else email_status end as status, count(*) as n,
       max(opted_in_at) as last_opted_in
from contact
where bucket = any(%(slot)s) and audience_id = any(%(audience_ids)s) and email is not null
group by 1, 2

-- name: count_in_groups
-- How many people each group of an audience has. Archived people count: they are in it when they come back.
select group_id, count(*) as n from contact_group
where bucket = any(%(slot)s) and group_id = any(%(group_ids)s)
group by group_id

-- name: count_events
-- By the index of a contact's events.
select count(*) from event where bucket = %(bucket)s and contact_id = %(contact_id)s and kind = %(kind)s
