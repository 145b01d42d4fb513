-- name: fold_figures
-- What workers appended becomes one row per figure and slot, and one per code. Deleted and added in one statement:
-- nothing counts twice.
with taken as (
  delete from tally_delta d where d.bucket = any(%(slot)s) returning d.*),
by_code as (
  insert into code_tally (bucket, code, n) select %(first)s, code, sum(n) from taken group by code order by code
  on conflict (bucket, code) do update set n = code_tally.n + excluded.n)
insert into tally (bucket, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
select %(first)s, account_id, flow_id, version_id, trigger_id, step_id, day, code, sum(n)
from taken
group by account_id, flow_id, version_id, trigger_id, step_id, day, code
on conflict (bucket, flow_id, version_id, trigger_id, step_id, day, code) do update set n = tally.n + excluded.n
