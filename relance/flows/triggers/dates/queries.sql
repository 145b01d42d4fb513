-- name: birthdays_on
-- An index look-up by (field, month and day): nobody is read whose day it is not.
select d.contact_id, d.month_day
from contact_date d
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where d.bucket = any(%(slot)s) and d.field_id = %(field_id)s and d.month_day = any(%(month_days)s::smallint[])
  and (%(zone)s::text is null or coalesce(c.zone, %(account_zone)s) = %(zone)s::text)
  and (%(contacts)s::uuid[] is null or d.contact_id = any(%(contacts)s::uuid[]))

-- name: dates_on
-- By (field, day).
select d.contact_id, d.day
from contact_date d
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where d.bucket = any(%(slot)s) and d.field_id = %(field_id)s and d.day = any(%(days)s::date[])
  and (%(zone)s::text is null or coalesce(c.zone, %(account_zone)s) = %(zone)s::text)
  and (%(contacts)s::uuid[] is null or d.contact_id = any(%(contacts)s::uuid[]))

-- name: anniversaries_on
-- By (field, month and day), from the stored date itself on.
select d.contact_id, o.place
from unnest(%(month_days)s::smallint[], %(days)s::date[]) with ordinality as o(month_day, day, place)
join contact_date d on d.field_id = %(field_id)s and d.month_day = o.month_day and d.day <= o.day
                   and d.bucket = any(%(slot)s)
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where (%(zone)s::text is null or coalesce(c.zone, %(account_zone)s) = %(zone)s::text)
  and (%(contacts)s::uuid[] is null or d.contact_id = any(%(contacts)s::uuid[]))

-- name: zones_of_dates
-- Only for flows that follow each contact's zone: in which zones must the clock be read?
select distinct coalesce(c.zone, %(account_zone)s) as zone
from contact_date d
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where d.bucket = any(%(slot)s) and d.field_id = %(field_id)s

-- name: zones_of_audience
-- The same for triggers that look at everybody, also at people who are archived: the gate tells them so.
select distinct coalesce(c.zone, %(account_zone)s) as zone
from contact c
where c.bucket = any(%(slot)s) and c.audience_id = %(audience_id)s

-- name: first_addition
-- Since when there are people whose anniversary may come: the first entry of an index.
select min(c.joined_at) from contact c where c.bucket = any(%(slot)s) and c.audience_id = %(audience_id)s

-- name: added_between
-- By (audience, day of joining), in stretches that begin after one instant and end with another. Who has not confirmed is
-- not in the audience (G21).
select c.contact_id, c.joined_at, c.zone, o.place
from unnest(%(afters)s::timestamptz[], %(ends)s::timestamptz[]) with ordinality as o(start, finish, place)
join contact c on c.audience_id = %(audience_id)s and c.joined_at > o.start and c.joined_at <= o.finish
              and c.bucket = any(%(slot)s)
where (c.email_status is distinct from 'pending' or c.sms_status = 'subscribed')
  and (%(zone)s::text is null or coalesce(c.zone, %(account_zone)s) = %(zone)s::text)

-- name: additions
-- When these people joined. Who waits for a second confirmation joined before, and is not there now.
select c.contact_id, c.joined_at, c.zone
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
where c.email_status is distinct from 'pending' or c.sms_status = 'subscribed'

-- name: members
-- Everybody who is in the audience, or in a segment, now; with once_each only who has not entered before.
select c.contact_id
from contact c
where c.bucket = any(%(slot)s) and c.audience_id = %(audience_id)s and c.archived_at is null
  and (c.email_status is distinct from 'pending' or c.sms_status = 'subscribed')
  and (%(zone)s::text is null or coalesce(c.zone, %(account_zone)s) = %(zone)s::text)
  and (%(segment)s::bigint is null or exists (
    select from segment_member m where m.bucket = c.bucket and m.bucket = any(%(slot)s)
                                   and m.contact_id = c.contact_id and m.segment_id = %(segment)s::bigint))
  and not (%(once_each)s and exists (
    select from entry n where n.bucket = c.bucket and n.bucket = any(%(slot)s) and n.contact_id = c.contact_id
                          and n.flow_id = %(flow_id)s and n.trigger_id = %(trigger_id)s))
