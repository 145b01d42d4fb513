-- name: anything_to_do
-- Most looks find nothing.
select exists (select from deleted_object) or exists (select from backfill)
    or exists (select from flow where state in ('broken', 'draining') or state = 'live' and problems <> '[]')

-- name: quiet_flows
-- Live flows that nobody entered for as long as they say, since they are live with their triggers as they are (G1), and
-- of which that was not told since. Days are those of the figures: counted once a day, told some hours late at most.
-- `firsts`: where folded figures stand.
select f.flow_id, f.account_id, coalesce((f.settings ->> 'quiet_alert')::int, 14) as days
from flow f
where f.state = 'live' and coalesce((f.settings ->> 'quiet_alert')::int, 14) > 0
  and coalesce((select max(t.armed_at) from flow_trigger t where t.flow_id = f.flow_id and t.removed_at is null),
               f.first_live_at) < %(now)s - make_interval(days => coalesce((f.settings ->> 'quiet_alert')::int, 14))
  and not exists (
    select from tally t
    where t.bucket = any(%(firsts)s) and t.flow_id = f.flow_id and t.code = 'E00'
      and t.day >= (%(now)s - make_interval(days => coalesce((f.settings ->> 'quiet_alert')::int, 14)))::date)
  and not exists (
    select from alert a
    where a.flow_id = f.flow_id and a.kind = 'quiet'
      and a.at >= %(now)s - make_interval(days => coalesce((f.settings ->> 'quiet_alert')::int, 14)))

-- name: take_deleted
-- Goes back into the queue when looking at the flows fails.
delete from deleted_object returning audience_id, type, object_id

-- name: draining_flows
-- There are few.
select flow_id, account_id from flow where state = 'draining'

-- name: audiences_without_colleague
-- Of live flows with a step that tells colleagues none of whom belongs to the account any more.
select distinct f.audience_id from flow f join step s on s.version_id = f.version_id
where f.state in ('live', 'draining') and s.args ? 'to'
  and not exists (
    select from membership m
    where m.account_id = f.account_id and m.person_id in (select p::bigint from jsonb_array_elements_text(s.args -> 'to') p))
