-- name: birthdays_on
-- An index look-up by (field, month and day): nobody is read whose day it is not.
select d.contact_id, d.month_day
from contact_date d
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where d.bucket = any(%(slot)s) and d.field_id = %(field_id)s and d.month_day = any(%(month_days)s::smallint[])
  and (%(zone)s::text is null or coalesce(c.zone, %(account_zone)s) = %(zone)s::text)
  and (%(contacts)s::uuid[] is null or d.contact_id = any(%(contacts)s::uuid[]))

-- name: zones_of_birthdays
-- Only for flows that follow each contact's zone: in which zones must the clock be read?
select distinct coalesce(c.zone, %(account_zone)s) as zone
from contact_date d
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where d.bucket = any(%(slot)s) and d.field_id = %(field_id)s
