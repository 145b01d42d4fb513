-- name: queue_notices
-- One for each run, step and colleague, whatever is retried.
insert into notice (bucket, notice_id, account_id, audience_id, contact_id, flow_id, version_id, run_id, step_id,
                    person_id, asked_at, due)
select a.bucket, a.notice_id, a.account_id, a.audience_id, a.contact_id, a.flow_id, a.version_id, a.run_id, a.step_id,
       a.person_id, %(now)s, %(now)s
from unnest(%(buckets)s::int[], %(notices)s::uuid[], %(accounts)s::bigint[], %(audiences)s::bigint[],
            %(contacts)s::uuid[], %(flows)s::bigint[], %(versions)s::bigint[], %(runs)s::uuid[], %(steps)s::bigint[],
            %(people)s::bigint[])
  as a(bucket, notice_id, account_id, audience_id, contact_id, flow_id, version_id, run_id, step_id, person_id)
on conflict do nothing

-- name: claim_notices
-- The oldest first. Who has left the account has no address here. `delivery_id` and `message_id` stand for what those
-- who read contacts and contexts for messages ask by.
select n.bucket, n.notice_id, n.notice_id as delivery_id, 0::bigint as message_id, n.account_id, n.audience_id,
       n.contact_id, n.flow_id, n.run_id, n.step_id, n.person_id, n.asked_at, n.in_digest, f.name as flow_name,
       s.args ->> 'text' as text, p.email as person_email, p.name as person_name, p.language as person_language
from notice n
join flow f on f.flow_id = n.flow_id
left join step s on s.version_id = n.version_id and s.step_id = n.step_id
left join (membership m join person p on p.person_id = m.person_id)
  on m.account_id = n.account_id and m.person_id = n.person_id
where n.bucket = any(%(slot)s) and n.due <= %(now)s
order by n.asked_at, n.notice_id
limit %(limit)s
for update of n skip locked

-- name: told_this_hour
-- How many each colleague was sent of each step since the hour began.
select h.step_id, h.person_id, h.sent from notice_hour h where h.step_id = any(%(steps)s::bigint[]) and h.hour = %(hour)s

-- name: count_told
-- The hours before are forgotten.
insert into notice_hour (step_id, person_id, hour, sent)
select a.step_id, a.person_id, %(hour)s, a.n
from unnest(%(steps)s::bigint[], %(people)s::bigint[], %(counts)s::int[]) as a(step_id, person_id, n)
on conflict (step_id, person_id) do update set hour = excluded.hour,
  sent = excluded.sent + case when notice_hour.hour = excluded.hour then notice_hour.sent else 0 end

-- name: put_off_notices
-- Until the next hour's digest, or until it is seen whether the letter left.
update notice n set due = a.due, in_digest = a.in_digest
from unnest(%(buckets)s::int[], %(notices)s::uuid[], %(dues)s::timestamptz[], %(digests)s::boolean[])
  as a(bucket, notice_id, due, in_digest)
where n.bucket = a.bucket and n.bucket = any(%(buckets)s::int[]) and n.notice_id = a.notice_id

-- name: forget_notices
-- Told, or nobody to tell, or nothing to tell of.
delete from notice n
using unnest(%(buckets)s::int[], %(notices)s::uuid[]) as a(bucket, notice_id)
where n.bucket = a.bucket and n.bucket = any(%(buckets)s::int[]) and n.notice_id = a.notice_id
