-- name: people_at_step
-- Who rests at a step, in some buckets. There is no index by step (moving a person would write it each time), so the
-- caller asks for a few buckets at a time and stops when it has enough.
select r.contact_id, r.run_id, r.arrived_at, c.email, last.code, last.seen
from run r
left join contact c on c.bucket = r.bucket and c.bucket = any(%(slot)s) and c.contact_id = r.contact_id
left join lateral (
  select d.code, d.seen from decision d
  where d.bucket = r.bucket and d.bucket = any(%(slot)s) and d.contact_id = r.contact_id and d.run_id = r.run_id
    and d.at >= r.entered_at
  order by d.trail_id desc, d.place desc limit 1) last on true
where r.bucket = any(%(slot)s) and r.account_id = %(account_id)s and r.flow_id = %(flow_id)s
  and r.step_id = %(step_id)s and r.ended_at is null
order by r.arrived_at desc nulls last
limit %(limit)s

-- name: left_step
-- Who was at a step lately and is there no more, with the last that was decided there, in some buckets. Bounded by
-- `since`, so that only the newest months of the trail are read.
select * from (
  select distinct on (d.contact_id, d.run_id) d.contact_id, d.run_id, d.at, d.code, d.seen, c.email
  from decision d
  join run r on r.bucket = d.bucket and r.bucket = any(%(slot)s) and r.contact_id = d.contact_id and r.run_id = d.run_id
  left join contact c on c.bucket = d.bucket and c.bucket = any(%(slot)s) and c.contact_id = d.contact_id
  where d.bucket = any(%(slot)s) and d.account_id = %(account_id)s and d.flow_id = %(flow_id)s
    and d.step_id = %(step_id)s and d.at >= %(since)s and (r.ended_at is not null or r.step_id <> %(step_id)s)
  order by d.contact_id, d.run_id, d.trail_id desc, d.place desc) last
order by last.at desc
limit %(limit)s

-- name: decided_by_reason
-- Whom a reason kept out lately, in some buckets.
select d.contact_id, d.run_id, d.at, d.code, d.seen, d.step_id, c.email
from decision d
left join contact c on c.bucket = d.bucket and c.bucket = any(%(slot)s) and c.contact_id = d.contact_id
where d.bucket = any(%(slot)s) and d.account_id = %(account_id)s and d.flow_id = %(flow_id)s
  and d.code = %(code)s and d.at >= %(since)s
order by d.at desc
limit %(limit)s
