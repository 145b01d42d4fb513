-- name: flow_totals
-- Entered, ended by reason and goals of every flow of an account, for lists. `tally` holds what was folded, always in
-- the first bucket of a slot; `tally_delta` what was appended since.
select t.flow_id, t.code, sum(t.n)::bigint as n
from (
  select flow_id, code, n from tally
  where bucket = any(%(firsts)s) and account_id = %(account_id)s and flow_id = any(%(flows)s)
    and (code = 'E00' or code = 'goal' or code like 'X%%')
  union all
  select flow_id, code, n from tally_delta
  where bucket = any(%(buckets)s) and account_id = %(account_id)s and flow_id = any(%(flows)s)
    and (code = 'E00' or code = 'goal' or code like 'X%%')) t
group by t.flow_id, t.code

-- name: flow_figures
-- Everything counted about one flow, over all versions and days: some hundred rows whatever the number of people.
select t.trigger_id, t.step_id, t.code, sum(t.n)::bigint as n
from (
  select trigger_id, step_id, code, n from tally
  where bucket = any(%(firsts)s) and account_id = %(account_id)s and flow_id = %(flow_id)s
  union all
  select trigger_id, step_id, code, n from tally_delta
  where bucket = any(%(buckets)s) and account_id = %(account_id)s and flow_id = %(flow_id)s) t
group by t.trigger_id, t.step_id, t.code

-- name: flow_conversions
-- Who came and who reached the goal, by whether the time to do so is over for everybody of that day.
select t.code, t.day < (%(over)s at time zone a.zone)::date as over, sum(t.n)::bigint as n
from (
  select account_id, day, code, n from tally
  where bucket = any(%(firsts)s) and account_id = %(account_id)s and flow_id = %(flow_id)s
    and code in ('E00', 'converted', 'held', 'held_converted')
  union all
  select account_id, day, code, n from tally_delta
  where bucket = any(%(buckets)s) and account_id = %(account_id)s and flow_id = %(flow_id)s
    and code in ('E00', 'converted', 'held', 'held_converted')) t
join account a on a.account_id = t.account_id
group by 1, 2
