-- name: claim
-- A small group, the longest due first: a crash between hand-over and answer leaves at most these unknown. Each (slot,
-- lane, account) with something due has an equal part, and bulk a tenth when single messages wait, as in
-- flows/engine/dispatch.sql. Skip-locked is the safety net for two workers that believe they own a slot.
with turn as materialized (
  select w.*, ceil(w.share::numeric / max(w.nth_account) over (partition by w.lane) / w.its_slots)::int as part
  from (
    select s.slot, l.lane, a.account_id,
           case when count(*) over () = count(*) over (partition by l.lane) then %(limit)s
                when l.lane = 0 then ceil(%(limit)s * 0.9) else ceil(%(limit)s * 0.1) end::int as share,
           count(*) over (partition by l.lane, a.account_id) as its_slots,
           dense_rank() over (partition by l.lane order by a.account_id) as nth_account
    from unnest(%(slots)s::int[]) as s(slot)
    cross join (values (0::smallint), (1::smallint)) as l(lane)
    cross join account a
    cross join lateral (
      select true from delivery d
      where d.bucket = any(%(slot)s) and slot_of(d.bucket) = s.slot and d.lane = l.lane and d.account_id = a.account_id
        and d.due >= %(since)s and d.due <= %(now)s and d.queued_at between %(queued_since)s and %(now)s
        and d.state = 'queued' and d.channel = 'email'
      limit 1) something) w),
reached as materialized (
  select d.*, row_number() over (partition by d.lane, d.account_id order by d.due, d.delivery_id) as nth
  from turn t
  cross join lateral (
    select d.bucket, d.delivery_id, d.queued_at, d.account_id, d.audience_id, d.contact_id, d.message_id,
           d.class as message_class, d.flow_id, d.version_id, d.run_id, d.step_id, d.depth, d.attempts, d.lane, d.due
    from delivery d
    where d.bucket = any(%(slot)s) and slot_of(d.bucket) = t.slot and d.lane = t.lane and d.account_id = t.account_id
      and d.due >= %(since)s and d.due <= %(now)s and d.queued_at between %(queued_since)s and %(now)s
      and d.state = 'queued' and d.channel = 'email'
    order by d.due
    limit t.part
    for update skip locked) d)
select d.*
from (select distinct t.lane, t.share from turn t) l
cross join lateral (
  select * from reached d where d.lane = l.lane order by d.nth, d.due limit l.share) d
order by d.lane, d.nth, d.due limit %(limit)s

-- name: read_recipients
-- Everything that a message is written with, as it is now: contact, audience, zones, and the message's current version.
-- Left joins: an erased contact's delivery must be decided too.
select a.delivery_id, c.contact_id, c.email, c.email_status, c.archived_at, c.fields, c.language as contact_language,
       c.no_open_tracking, u.name as audience_name, u.sender, u.language as audience_language, k.zone, c.zone as contact_zone,
       m.version, m.deleted_at is not null as message_deleted
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(deliveries)s::uuid[], %(messages)s::bigint[])
  as a(bucket, contact_id, delivery_id, message_id)
left join contact c on c.bucket = a.bucket and c.bucket = any(%(buckets)s::int[]) and c.contact_id = a.contact_id
left join audience u on u.audience_id = c.audience_id
left join account k on k.account_id = c.account_id
left join message m on m.message_id = a.message_id

-- name: groups_of_contacts
-- For INTERESTED: names, because that is what tags name.
select g.contact_id, k.title, h.name
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact_group g on g.bucket = a.bucket and g.bucket = any(%(buckets)s::int[]) and g.contact_id = a.contact_id
join audience_group h on h.group_id = g.group_id
join group_category k on k.category_id = h.category_id

-- name: positions
-- AUTOMATION: the emails of this run so far, this one included, and the send steps of its version.
select a.delivery_id,
       (select count(*) from delivery d
        where d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = a.contact_id
          and d.run_id = a.run_id and d.queued_at <= a.queued_at) as current,
       (select count(*) from step s where s.version_id = a.version_id and s.kind = 'send_email') as total
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(deliveries)s::uuid[], %(runs)s::uuid[], %(versions)s::bigint[],
            %(queued)s::timestamptz[]) as a(bucket, contact_id, delivery_id, run_id, version_id, queued_at)

-- name: decide
-- What became of each claimed delivery before the hand-over: handed (with the mark that makes a crash visible), given
-- up, or put off. The rows are locked since the claim.
update delivery d set state = a.state, code = a.code, due = a.due, address = coalesce(a.address, d.address),
  version = coalesce(a.version, d.version), answer = coalesce(a.answer, d.answer),
  worker = case when a.state = 'handed' then %(worker)s::uuid end,
  attempts = d.attempts + (a.state = 'handed')::int
from unnest(%(buckets)s::int[], %(deliveries)s::uuid[], %(queued)s::timestamptz[], %(states)s::text[], %(codes)s::text[],
            %(dues)s::timestamptz[], %(addresses)s::text[], %(versions)s::int[], %(answers)s::text[])
  as a(bucket, delivery_id, queued_at, state, code, due, address, version, answer)
where d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.delivery_id = a.delivery_id
  and d.queued_at = a.queued_at and d.queued_at between %(oldest)s and %(newest)s

-- name: record
-- The answers, once each: only what this worker still has in hand. Returns what was recorded, for its events.
update delivery d set state = a.state, code = a.code, due = a.due, worker = null, answer = a.answer, sent_at = a.sent_at,
  bounced_at = a.bounced_at, bounce = case when a.bounced_at is not null then 'hard' end
from unnest(%(buckets)s::int[], %(deliveries)s::uuid[], %(queued)s::timestamptz[], %(states)s::text[], %(codes)s::text[],
            %(dues)s::timestamptz[], %(answers)s::text[], %(sent)s::timestamptz[], %(bounced)s::timestamptz[])
  as a(bucket, delivery_id, queued_at, state, code, due, answer, sent_at, bounced_at)
where d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.delivery_id = a.delivery_id
  and d.queued_at = a.queued_at and d.queued_at between %(oldest)s and %(newest)s
  and d.state = 'handed' and d.worker = %(worker)s
returning d.delivery_id

-- name: first_sent
-- Conditions on a message that nobody was ever sent are false (spec 7.5).
update message set sent_at = %(now)s where message_id = any(%(messages)s::bigint[]) and sent_at is null
returning message_id, audience_id

-- name: take_back
-- Marked by this worker in a transaction whose end it did not see, and certainly not handed over: the call comes after.
update delivery d set state = 'queued', due = %(now)s, worker = null, attempts = greatest(d.attempts - 1, 0)
where d.bucket = any(%(slot)s) and d.state = 'handed' and d.worker = %(worker)s
  and d.delivery_id <> all(%(answered)s::uuid[])

-- name: give_up_lost
-- In the hands of workers that are gone: whether the transport took them is not known, so they are never sent again.
update delivery d set state = 'unknown', code = 'S14', due = null, worker = null, answer = %(answer)s
where d.bucket = any(%(slot)s) and d.state = 'handed' and d.worker <> %(worker)s
  and (d.worker = any(%(dead)s::uuid[]) or not exists (select from lease l where l.owner = d.worker))
returning d.bucket, d.delivery_id, d.queued_at, d.account_id, d.audience_id, d.contact_id, d.message_id,
          d.class as message_class, d.flow_id, d.version_id, d.run_id, d.step_id, d.depth, d.attempts, d.lane
