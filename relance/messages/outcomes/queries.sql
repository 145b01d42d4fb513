-- name: lock_delivery
-- By its whole key, as the token has it: one partition, one row. Locked, so that two clicks at one time are one first
-- click. The account's own view of machines comes along (M4).
select d.bucket, d.delivery_id, d.queued_at, d.account_id, d.audience_id, d.contact_id, d.message_id, d.version,
       d.class as message_class, d.run_id, d.sent_at, d.opened_at, d.clicked_at, d.machine_at,
       (select coalesce((k.settings ->> 'count_machine_activity')::boolean, false) from account k
        where k.account_id = d.account_id) as machines_count
from delivery d
where d.bucket = %(bucket)s and d.delivery_id = %(delivery_id)s and d.queued_at = %(queued_at)s
for update of d

-- name: mark
-- First times only: what is there stays.
update delivery set opened_at = coalesce(opened_at, %(opened_at)s), clicked_at = coalesce(clicked_at, %(clicked_at)s),
                    machine_at = coalesce(machine_at, %(machine_at)s)
where bucket = %(bucket)s and delivery_id = %(delivery_id)s and queued_at = %(queued_at)s

-- name: mark_bounced
-- A delivery bounces once; a hard bounce after a soft one is the harder truth.
update delivery set bounced_at = coalesce(bounced_at, %(now)s), bounce = %(hardness)s,
                    state = case when state in ('sent', 'unknown') then 'bounced' else state end
where bucket = %(bucket)s and delivery_id = %(delivery_id)s and queued_at = %(queued_at)s
  and (bounce is null or bounce = 'soft' and %(hardness)s = 'hard')

-- name: find_link
-- Of a version that is not in memory any more, or was never this one's.
select url from message_link where message_id = %(message_id)s and link_id = %(link_id)s

-- name: last_consent
-- What the contact was before the last change: undoing restores that and nothing more.
select old, new, by from consent_record
where bucket = %(bucket)s and contact_id = %(contact_id)s and channel = 'email'
order by at desc, consent_id desc
limit 1
