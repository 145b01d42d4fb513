-- name: list_journeys
-- An account's flows, oldest first; archived ones are final and gone from sight.
select flow_id, audience_id, name, state, version_id, created_at, first_live_at, changed_at
from flow where account_id = %(account_id)s and state <> 'archived' order by created_at, flow_id

-- name: find_journey
-- Another account's flow is not found.
select flow_id, audience_id, name, state, version_id, created_at, first_live_at, changed_at
from flow where account_id = %(account_id)s and flow_id = %(flow_id)s

-- name: points_of_journeys
-- Triggers and steps that a caller can name, in reading order. What listens to a call of the API is a subscription, so
-- nobody here has to know which kinds those are.
select p.flow_id, p.point_id, p.kind,
       (select min(s.purpose) from subscription s
        where s.flow_id = p.flow_id and s.event_kind = %(called)s and s.match_key = p.point_id::text) as purpose
from (
  select t.flow_id, t.trigger_id as point_id, t.kind, 0 as part, t.position
  from flow_trigger t where t.flow_id = any(%(flow_ids)s) and t.removed_at is null
  union all
  select f.flow_id, s.step_id, s.kind, 1, s.position
  from flow f join step s on s.version_id = f.version_id where f.flow_id = any(%(flow_ids)s)) p
order by p.flow_id, p.part, p.position
