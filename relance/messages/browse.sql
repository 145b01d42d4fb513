-- name: newest_deliveries
-- Of one slot, newest first; the caller merges the slots. An address is that of the hand-over, else the contact's.
select d.delivery_id, d.queued_at, d.sent_at, d.state, d.code, coalesce(d.address, c.email) as address, d.class as message_class,
       m.name as message, f.name as flow, d.opened_at, d.clicked_at, d.bounced_at, d.attempts, d.answer
from delivery d
join message m on m.message_id = d.message_id
left join contact c on c.bucket = d.bucket and c.bucket = any(%(slot)s) and c.contact_id = d.contact_id
left join flow f on f.flow_id = d.flow_id
where d.bucket = any(%(slot)s) and d.account_id = %(account_id)s
  and (%(address)s::text is null or lower(coalesce(d.address, c.email)) = lower(%(address)s) or lower(c.email) = lower(%(address)s))
order by d.queued_at desc, d.delivery_id limit %(limit)s

-- name: keep_caught_mail
-- Stands outside of accounts: whatever reached the local catcher.
insert into caught_mail (caught_id, at, sender, recipients, subject, data)
values (%(caught_id)s, %(at)s, %(sender)s, %(recipients)s, %(subject)s, %(data)s)

-- name: forget_caught_mail
-- The newest are enough for trying things out.
delete from caught_mail where caught_id in (
  select caught_id from caught_mail order by at desc offset %(keep)s)
