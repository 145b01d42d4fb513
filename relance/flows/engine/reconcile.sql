-- name: entered_and_where_they_are
-- Left: what the figures say; right: what the rows say. Per flow and per end code.
with figures as (
  select flow_id, code, n from tally t where t.bucket = any(%(slot)s) and (code = 'E00' or code like 'X%%')
     and (%(account)s::bigint is null or t.account_id = %(account)s)
  union all
  select flow_id, code, n from tally_delta d where d.bucket = any(%(slot)s) and (code = 'E00' or code like 'X%%')
     and (%(account)s::bigint is null or d.account_id = %(account)s)),
runs as (
  select flow_id, end_code, count(*) as n from run r where r.bucket = any(%(slot)s)
     and (%(account)s::bigint is null or r.account_id = %(account)s)
  group by flow_id, end_code)
select 'flow ' || flow_id || ' ' || code as name, sum(n) filter (where side = 1) as left_side,
       sum(n) filter (where side = 2) as right_side
from (
  select flow_id, code, n, 1 as side from figures
  union all select flow_id, end_code, n, 2 from runs where end_code is not null
  union all select flow_id, 'E00', n, 2 from runs
  union all select flow_id, code, 0, 1 from figures union all select flow_id, code, 0, 2 from figures
  union all select flow_id, 'E00', 0, 1 from runs union all select flow_id, end_code, 0, 1 from runs where end_code is not null) x
group by flow_id, code

-- name: entries_and_runs
-- Left: entries without their run, and runs without their entry; right: none.
select 'flow ' || x.flow_id as name, count(*) as left_side, 0 as right_side
from (
  select e.flow_id from entry e
  where e.bucket = any(%(slot)s) and not exists (
    select from run r where r.bucket = e.bucket and r.bucket = any(%(slot)s) and r.contact_id = e.contact_id
                        and r.run_id = e.run_id)
    and (%(account)s::bigint is null or e.flow_id in (select f.flow_id from flow f where f.account_id = %(account)s))
  union all
  select r.flow_id from run r
  where r.bucket = any(%(slot)s) and (%(account)s::bigint is null or r.account_id = %(account)s) and not exists (
    select from entry e where e.bucket = r.bucket and e.bucket = any(%(slot)s) and e.contact_id = r.contact_id
                          and e.flow_id = r.flow_id and e.run_id = r.run_id)) x
group by x.flow_id

-- name: sends_and_decisions
-- Left: deliveries of a step by what became of them; right: the decisions counted. A final delivery whose event is still
-- in the inbox is decided but not counted yet: it stands on both sides.
with sends as (
  select d.flow_id, d.step_id, d.code, d.bucket, d.contact_id, d.run_id from delivery d
  where d.bucket = any(%(slot)s) and d.run_id is not null and d.code is not null
    and (%(account)s::bigint is null or d.account_id = %(account)s)),
pending as (
  select (e.payload ->> 'flow_id')::bigint as flow_id, (e.payload ->> 'step_id')::bigint as step_id,
         case e.kind when 'message.sent' then 'S00' else e.payload ->> 'code' end as code
  from inbox i
  join event e on e.bucket = i.bucket and e.event_id = i.event_id and e.recorded_at = i.recorded_at
              and e.bucket = any(%(slot)s)
  where i.bucket = any(%(slot)s) and e.kind in ('message.sent', 'message.skipped', 'message.failed')
    and e.payload ->> 'run_id' is not null),
figures as (
  select flow_id, step_id, code, n from tally t where t.bucket = any(%(slot)s) and code like 'S%%'
     and (%(account)s::bigint is null or t.account_id = %(account)s)
  union all
  select flow_id, step_id, code, n from tally_delta d where d.bucket = any(%(slot)s) and code like 'S%%'
     and (%(account)s::bigint is null or d.account_id = %(account)s))
select 'flow ' || flow_id || ' step ' || step_id || ' ' || code as name,
       coalesce(sum(n) filter (where side = 1), 0) as left_side, coalesce(sum(n) filter (where side = 2), 0) as right_side
from (
  select flow_id, step_id, code, 1 as n, 1 as side from sends
  union all select flow_id, step_id, code, 1, 2 from pending
  union all select flow_id, step_id, code, n, 2 from figures) x
group by flow_id, step_id, code

-- name: arrived_and_passed
-- Left: arrived; right: passed, resting there, and ended there. A step's figures run over all versions.
with figures as (
  select flow_id, step_id, code, n from tally t where t.bucket = any(%(slot)s) and step_id <> 0
     and (%(account)s::bigint is null or t.account_id = %(account)s)
  union all
  select flow_id, step_id, code, n from tally_delta d where d.bucket = any(%(slot)s) and step_id <> 0
     and (%(account)s::bigint is null or d.account_id = %(account)s))
select 'flow ' || flow_id || ' step ' || step_id as name, coalesce(sum(n) filter (where side = 1), 0) as left_side,
       coalesce(sum(n) filter (where side = 2), 0) as right_side
from (
  select flow_id, step_id, n, 1 as side from figures where code = 'arrived'
  union all select flow_id, step_id, n, 2 from figures where code = 'passed'
  union all
  select r.flow_id, r.step_id, 1, 2 from run r
  where r.bucket = any(%(slot)s) and r.arrived_at is not null and (r.ended_at is null or r.end_code <> 'X00')
    and (%(account)s::bigint is null or r.account_id = %(account)s)) x
group by flow_id, step_id

-- name: forgotten_runs
-- Left: live runs without a due time that neither wait for an event, nor for a message under way, nor are held.
select 'flow ' || r.flow_id as name, count(*) as left_side, 0 as right_side
from run r
where r.bucket = any(%(slot)s) and r.ended_at is null and r.due is null
  and (%(account)s::bigint is null or r.account_id = %(account)s)
  and not (r.state = 'held'
    or r.state = 'waiting' and exists (
      select from subscription s where s.flow_id = r.flow_id and s.purpose = 'wait' and s.step_id = r.step_id)
    or r.state = 'sending' and (
      exists (select from delivery d where d.bucket = r.bucket and d.bucket = any(%(slot)s)
                and d.contact_id = r.contact_id and d.run_id = r.run_id and d.step_id = r.step_id
                and d.state in ('queued', 'handed'))
      or exists (select from webhook_call w where w.bucket = r.bucket and w.bucket = any(%(slot)s)
                   and w.contact_id = r.contact_id and w.run_id = r.run_id and w.step_id = r.step_id
                   and w.state = 'waiting')
      or exists (select from inbox i join event e on e.bucket = i.bucket and e.event_id = i.event_id
                   and e.recorded_at = i.recorded_at and e.bucket = any(%(slot)s)
                 where i.bucket = any(%(slot)s) and i.bucket = r.bucket
                   and e.payload ->> 'run_id' = r.run_id::text and (e.kind like 'message.%%' or e.kind = 'webhook.answered'))))
group by r.flow_id

-- name: left_in_hand
-- Left: deliveries handed over by a worker that holds no lease any more.
select 'deliveries' as name, count(*) as left_side, 0 as right_side
from delivery d
where d.bucket = any(%(slot)s) and d.state = 'handed' and (%(account)s::bigint is null or d.account_id = %(account)s)
  and not exists (select from lease l where l.owner = d.worker)
having count(*) > 0

-- name: waiting_events
-- How many events nobody has judged yet.
select count(*) from inbox i where i.bucket = any(%(slot)s)
