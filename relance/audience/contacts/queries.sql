-- name: find_account
-- What a new contact of the account needs: its share of the buckets, and the key of what it has forgotten.
select spread, settings ->> 'forget_key' as forget_key from account where account_id = %(account_id)s

-- name: keep_forget_key
-- Made at the first erasure. Two at one time: the second takes the first's.
update account set settings = settings || jsonb_build_object('forget_key', %(secret)s::text)
where account_id = %(account_id)s and not settings ? 'forget_key'

-- name: claim_identities
-- Written first: the primary key decides between two callers who create one address, the later waits here and then
-- finds the other's contact. In the order of the key, so that two batches cannot wait for each other.
insert into identity (bucket, audience_id, kind, key, contact_id, created_at)
select bucket, %(audience_id)s, 'email', key, contact_id, %(now)s
from unnest(%(buckets)s::int[], %(keys)s::text[], %(contact_ids)s::uuid[]) as n(bucket, key, contact_id)
order by bucket, key
on conflict do nothing
returning key

-- name: find_identities
-- Which contacts the keys mean.
select i.key, i.contact_id
from unnest(%(buckets)s::int[], %(keys)s::text[]) as n(bucket, key)
join identity i on i.bucket = n.bucket and i.bucket = any(%(buckets)s) and i.audience_id = %(audience_id)s
  and i.kind = %(kind)s and i.key = n.key

-- name: lock_identities
-- For keys that point at no contact: whoever locks them first may use them.
select i.key, i.contact_id
from unnest(%(buckets)s::int[], %(keys)s::text[]) as n(bucket, key)
join identity i on i.bucket = n.bucket and i.bucket = any(%(buckets)s) and i.audience_id = %(audience_id)s
  and i.kind = %(kind)s and i.key = n.key
order by i.bucket, i.key for update of i

-- name: point_identity
-- An identity without a contact row is reusable (architecture 6.6).
update identity set contact_id = %(contact_id)s, created_at = %(now)s
where bucket = %(bucket)s and audience_id = %(audience_id)s and kind = 'email' and key = %(key)s

-- name: drop_identities
-- Of addresses left behind, of failed creations, of the erased. Only where it still means that contact.
delete from identity i
using unnest(%(key_buckets)s::int[], %(kinds)s::text[], %(keys)s::text[], %(contact_ids)s::uuid[])
      as n(bucket, kind, key, contact_id)
where i.bucket = any(%(key_buckets)s) and i.bucket = n.bucket and i.audience_id = %(audience_id)s and i.kind = n.kind
  and i.key = n.key and i.contact_id = n.contact_id

-- name: remember_forgotten
-- The keyed hash of an erased address, so that no import brings it back.
insert into identity (bucket, audience_id, kind, key, contact_id, created_at)
values (%(bucket)s, %(audience_id)s, 'forgotten', %(key)s, %(contact_id)s, %(now)s)
on conflict do nothing

-- name: read_contacts
-- By id, within one audience. In pairs, because two lists would be probed each for each.
select c.bucket, c.contact_id, c.account_id, c.audience_id, c.email, c.email_status, c.email_out_by, c.email_format,
       c.sms_number, c.sms_status, c.sms_out_by, c.fields, c.language, c.zone, c.country, c.vip, c.rating,
       c.no_open_tracking, c.source, c.signed_up_at, c.opted_in_at, c.created_at, c.joined_at, c.changed_at,
       c.archived_at
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join contact c on c.bucket = n.bucket and c.bucket = any(%(buckets)s) and c.contact_id = n.contact_id
where c.audience_id = %(audience_id)s

-- name: lock_contacts
-- In the order of the key, before anything of theirs is read: changes of one contact are serial.
select c.bucket, c.contact_id, c.account_id, c.audience_id, c.email, c.email_status, c.email_out_by, c.email_format,
       c.sms_number, c.sms_status, c.sms_out_by, c.fields, c.language, c.zone, c.country, c.vip, c.rating,
       c.no_open_tracking, c.source, c.signed_up_at, c.opted_in_at, c.created_at, c.joined_at, c.changed_at,
       c.archived_at
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join contact c on c.bucket = n.bucket and c.bucket = any(%(buckets)s) and c.contact_id = n.contact_id
where c.audience_id = %(audience_id)s
order by c.bucket, c.contact_id for update of c

-- name: hold_contacts
-- As lock_contacts, for those who need nothing of what is written there.
select c.contact_id
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join contact c on c.bucket = n.bucket and c.bucket = any(%(buckets)s) and c.contact_id = n.contact_id
where c.audience_id = %(audience_id)s
order by c.bucket, c.contact_id for update of c

-- name: insert_contacts
-- The whole batch as one JSON parameter (stack.md).
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number,
       sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at,
       opted_in_at, created_at, joined_at, changed_at, archived_at)
select bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number,
       sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at,
       opted_in_at, created_at, joined_at, changed_at, archived_at
from jsonb_to_recordset(%(contacts)s::jsonb) as n(
  bucket int, contact_id uuid, account_id bigint, audience_id bigint, email text, email_status text, email_out_by text,
  email_format text, sms_number text, sms_status text, sms_out_by text, fields jsonb, language text, zone text,
  country text, vip boolean, rating smallint, no_open_tracking boolean, source text, signed_up_at timestamptz,
  opted_in_at timestamptz, created_at timestamptz, joined_at timestamptz, changed_at timestamptz,
  archived_at timestamptz)

-- name: update_contacts
-- The caller holds their locks; rows that are the same are not sent.
update contact c set
  email = n.email, email_status = n.email_status, email_out_by = n.email_out_by, email_format = n.email_format,
  sms_status = n.sms_status, sms_out_by = n.sms_out_by, fields = n.fields, language = n.language, zone = n.zone,
  country = n.country, vip = n.vip, rating = n.rating, no_open_tracking = n.no_open_tracking, source = n.source,
  signed_up_at = n.signed_up_at, opted_in_at = n.opted_in_at, joined_at = n.joined_at, changed_at = n.changed_at,
  archived_at = n.archived_at
from jsonb_to_recordset(%(contacts)s::jsonb) as n(
  bucket int, contact_id uuid, email text, email_status text, email_out_by text, email_format text, sms_status text,
  sms_out_by text, fields jsonb, language text, zone text, country text, vip boolean, rating smallint,
  no_open_tracking boolean, source text, signed_up_at timestamptz, opted_in_at timestamptz, joined_at timestamptz,
  changed_at timestamptz, archived_at timestamptz)
where c.bucket = any(%(buckets)s) and c.bucket = n.bucket and c.contact_id = n.contact_id

-- name: insert_consents
-- Every consent change stores who, when, how and what was shown (section 9).
insert into consent_record (bucket, contact_id, consent_id, channel, old, new, at, by, source, shown, address)
select bucket, contact_id, consent_id, channel, old, new, %(now)s, %(by)s, %(source)s, shown, %(address)s
from jsonb_to_recordset(%(consents)s::jsonb) as n(
  bucket int, contact_id uuid, consent_id uuid, channel text, old text, new text, shown text)

-- name: insert_tags
-- The caller holds the contacts' locks and has seen that the tags are not there.
insert into contact_tag (bucket, contact_id, tag_id, added_at)
select bucket, contact_id, object_id, %(now)s
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[], %(object_ids)s::bigint[]) as n(bucket, contact_id, object_id)
on conflict do nothing

-- name: delete_tags
-- See insert_tags.
delete from contact_tag t
using unnest(%(buckets)s::int[], %(contact_ids)s::uuid[], %(object_ids)s::bigint[]) as n(bucket, contact_id, object_id)
where t.bucket = any(%(buckets)s) and t.bucket = n.bucket and t.contact_id = n.contact_id and t.tag_id = n.object_id

-- name: insert_groups
-- See insert_tags.
insert into contact_group (bucket, contact_id, group_id, joined_at)
select bucket, contact_id, object_id, %(now)s
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[], %(object_ids)s::bigint[]) as n(bucket, contact_id, object_id)
on conflict do nothing

-- name: delete_groups
-- See insert_tags.
delete from contact_group g
using unnest(%(buckets)s::int[], %(contact_ids)s::uuid[], %(object_ids)s::bigint[]) as n(bucket, contact_id, object_id)
where g.bucket = any(%(buckets)s) and g.bucket = n.bucket and g.contact_id = n.contact_id and g.group_id = n.object_id

-- name: write_dates
-- One row per date field with a value.
insert into contact_date (bucket, contact_id, field_id, day, month_day)
select bucket, contact_id, field_id, day, month_day
from jsonb_to_recordset(%(dates)s::jsonb) as n(
  bucket int, contact_id uuid, field_id bigint, day date, month_day smallint)
on conflict (bucket, contact_id, field_id) do update set day = excluded.day, month_day = excluded.month_day

-- name: delete_dates
-- A field that became blank is nobody's day.
delete from contact_date d
using unnest(%(buckets)s::int[], %(contact_ids)s::uuid[], %(object_ids)s::bigint[]) as n(bucket, contact_id, object_id)
where d.bucket = any(%(buckets)s) and d.bucket = n.bucket and d.contact_id = n.contact_id and d.field_id = n.object_id

-- name: read_tags
-- What the contacts hold now, with when it came.
select t.contact_id, t.tag_id, t.added_at
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join contact_tag t on t.bucket = n.bucket and t.bucket = any(%(buckets)s) and t.contact_id = n.contact_id

-- name: read_groups
-- What the contacts are in now, with since when.
select g.contact_id, g.group_id, g.joined_at
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join contact_group g on g.bucket = n.bucket and g.bucket = any(%(buckets)s) and g.contact_id = n.contact_id

-- name: read_told
-- The last word of the ledger on each tag, group and field of pending people: what was never told is told when they
-- come into the audience (G21).
select distinct on (contact_id, about, match_key) contact_id, kind, match_key, payload
from (select ev.contact_id, ev.match_key, ev.kind, ev.payload, ev.recorded_at, ev.event_id,
             case when ev.kind like 'contact.tag%%' then 'tag' when ev.kind like 'contact.group%%' then 'group'
                  else 'field' end as about
      from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
      join event ev on ev.bucket = n.bucket and ev.bucket = any(%(buckets)s) and ev.contact_id = n.contact_id
        and ev.kind in ('contact.tag_added', 'contact.tag_removed', 'contact.group_joined', 'contact.group_left',
                     'contact.field_changed')) e
order by contact_id, about, match_key, recorded_at desc, event_id desc

-- name: read_former
-- Where a cleaned contact stood before the bounces: another address takes it back there.
select distinct on (r.contact_id) r.contact_id, r.old
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join consent_record r on r.bucket = n.bucket and r.bucket = any(%(buckets)s) and r.contact_id = n.contact_id
where r.channel = 'email' and r.new = 'cleaned'
order by r.contact_id, r.at desc, r.consent_id desc

-- name: list_tags_of
-- With their names, for showing.
select t.tag_id, t.audience_id, t.name, t.created_at, ct.contact_id, ct.added_at
from unnest(%(buckets)s::int[], %(contact_ids)s::uuid[]) as n(bucket, contact_id)
join contact_tag ct on ct.bucket = n.bucket and ct.bucket = any(%(buckets)s) and ct.contact_id = n.contact_id
join tag t on t.tag_id = ct.tag_id
order by ct.contact_id, t.folded

-- name: erase_contact
-- Every row that says something of the person; runs and deliveries go by the event's effect.
with tags as (delete from contact_tag where bucket = %(bucket)s and contact_id = %(contact_id)s),
groups as (delete from contact_group where bucket = %(bucket)s and contact_id = %(contact_id)s),
dates as (delete from contact_date where bucket = %(bucket)s and contact_id = %(contact_id)s),
consents as (delete from consent_record where bucket = %(bucket)s and contact_id = %(contact_id)s)
delete from contact where bucket = %(bucket)s and contact_id = %(contact_id)s

-- name: insert_erasure
-- What other features hold of the person is blanked by the engine, which may have something in hand just now.
insert into erasure (bucket, contact_id, addresses, at) values (%(bucket)s, %(contact_id)s, %(addresses)s, %(now)s)

-- name: blank_events
-- Ids, flags and our own words stay; whatever a person or program wrote becomes empty.
update event set payload = (
  select coalesce(jsonb_object_agg(key, case
    when key like '%%\_id' or key = any(%(kept)s) then value
    when jsonb_typeof(value) = 'object' then '{}'
    when jsonb_typeof(value) = 'array' then '[]'
    else 'null' end), '{}')
  from jsonb_each(payload))
where bucket = %(bucket)s and contact_id = %(contact_id)s

-- name: read_timeline
-- Newest first; the ledger's order is (recorded_at, event_id).
select event_id, kind, occurred_at, recorded_at, source, syncing, payload, cause_flow, cause_run, cause_step
from event
where bucket = %(bucket)s and contact_id = %(contact_id)s and (%(kinds)s::text[] is null or kind = any(%(kinds)s))
  and (%(before_at)s::timestamptz is null or (recorded_at, event_id) < (%(before_at)s, %(before_id)s::uuid))
order by recorded_at desc, event_id desc limit %(limit)s
