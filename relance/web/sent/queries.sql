-- name: messages_of_account
-- Which messages there are: deliveries are found through them.
select message_id from message where account_id = %(account_id)s

-- name: sent_deliveries
-- Newest first, by the index of each message: the first page costs as much with a million deliveries as with ten.
select d.delivery_id, d.contact_id, d.queued_at, d.sent_at as at, d.state, d.code, d.address, d.opened_at, d.clicked_at,
       d.machine_at, d.bounce, d.flow_id, d.answer, d.due, m.name as message, f.name as flow
from unnest(%(messages)s::bigint[]) as wanted(message_id)
cross join lateral (
  select * from delivery one
  where one.bucket = any(%(slot)s) and one.message_id = wanted.message_id and one.sent_at is not null
    and (%(before)s::timestamptz is null or (one.sent_at, one.delivery_id) < (%(before)s, %(before_id)s::uuid))
  order by one.sent_at desc, one.delivery_id desc limit %(limit)s) d
join message m on m.message_id = d.message_id
left join flow f on f.flow_id = d.flow_id
order by d.sent_at desc, d.delivery_id desc
limit %(limit)s

-- name: waiting_deliveries
-- Queued or in hand: those that have something left to do are in a small index.
select d.delivery_id, d.contact_id, d.queued_at, d.queued_at as at, d.state, d.code, coalesce(d.address, c.email) as address,
       d.opened_at, d.clicked_at, d.machine_at, d.bounce, d.flow_id, d.answer, d.due, m.name as message, f.name as flow
from delivery d
join message m on m.message_id = d.message_id
left join contact c on c.bucket = d.bucket and c.bucket = any(%(slot)s) and c.contact_id = d.contact_id
left join flow f on f.flow_id = d.flow_id
where d.bucket = any(%(slot)s) and d.account_id = %(account_id)s and (d.due is not null or d.state = 'handed')
order by d.due nulls first
limit %(limit)s

-- name: left_out_deliveries
-- Lately not sent, in some buckets: the caller asks for a few at a time and stops when it has enough.
select d.delivery_id, d.contact_id, d.queued_at, d.queued_at as at, d.state, d.code, coalesce(d.address, c.email) as address,
       d.opened_at, d.clicked_at, d.machine_at, d.bounce, d.flow_id, d.answer, d.due, m.name as message, f.name as flow
from delivery d
join message m on m.message_id = d.message_id
left join contact c on c.bucket = d.bucket and c.bucket = any(%(slot)s) and c.contact_id = d.contact_id
left join flow f on f.flow_id = d.flow_id
where d.bucket = any(%(slot)s) and d.account_id = %(account_id)s and d.queued_at >= %(since)s
  and d.state in ('skipped', 'failed', 'unknown')
order by d.queued_at desc
limit %(limit)s

-- name: deliveries_of_contact
-- Everything to one person, by the index of contacts.
select d.delivery_id, d.contact_id, d.queued_at, coalesce(d.sent_at, d.queued_at) as at, d.state, d.code,
       coalesce(d.address, %(address)s) as address, d.opened_at, d.clicked_at, d.machine_at, d.bounce, d.flow_id, d.answer,
       d.due, m.name as message, f.name as flow
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as n(bucket, contact_id)
join delivery d on d.bucket = n.bucket and d.bucket = any(%(buckets)s) and d.contact_id = n.contact_id
join message m on m.message_id = d.message_id
left join flow f on f.flow_id = d.flow_id
where d.account_id = %(account_id)s
  and (%(before)s::timestamptz is null or (d.queued_at, d.delivery_id) < (%(before)s, %(before_id)s::uuid))
order by d.queued_at desc, d.delivery_id desc
limit %(limit)s

-- name: audiences_of_account
-- An address is looked up in each.
select audience_id from audience where account_id = %(account_id)s and deleted_at is null
