-- name: find_flow
-- State and owner; no lock.
select flow_id, account_id, audience_id, name, state, draft, version_id from flow where flow_id = %(flow_id)s

-- name: lock_flow
-- Two people who change a flow's state at once do so one after the other.
select flow_id, account_id, audience_id, name, state, draft, version_id
from flow where flow_id = %(flow_id)s for update

-- name: set_state
-- first_live_at stays for ever; paused_at is that of the present pause.
update flow set state = %(state)s, changed_at = %(now)s,
  first_live_at = case when %(state)s = 'live' then coalesce(first_live_at, %(now)s) else first_live_at end,
  paused_at = case when %(state)s = 'paused' then %(now)s end
where flow_id = %(flow_id)s

-- name: arm_triggers
-- Turn-on and resume arm every trigger of the flow (G1).
update flow_trigger set armed_at = %(now)s where flow_id = %(flow_id)s and removed_at is null

-- name: arm_subscriptions
-- The copies that the dispatcher reads.
update subscription set armed_at = %(now)s where flow_id = %(flow_id)s and purpose in ('enter', 'late')

-- name: delete_subscriptions
-- An archived flow hears nothing.
delete from subscription where flow_id = %(flow_id)s

-- name: release_held
-- Parked runs come back into the due index: each goes on with what it was at.
update run set due = %(now)s,
  state = case when arrived_at is null then 'arriving' when outcome is not null then 'leaving' else 'waiting' end
where bucket = any(%(slot)s) and flow_id = %(flow_id)s and state = 'held'

-- name: wake_runs
-- The advancer ends them one batch after the other (X13).
update run set due = %(now)s where bucket = any(%(slot)s) and flow_id = %(flow_id)s and ended_at is null

-- name: wake_at_changed_steps
-- Whoever rests at a step that the published version has otherwise or not at all; a message queued is let go first.
update run r set due = %(now)s
where r.bucket = any(%(slot)s) and r.flow_id = %(flow_id)s and r.ended_at is null and r.state = 'waiting'
  and r.version_id <> %(version_id)s
  and not exists (
    select from step s join step o on o.step_id = s.step_id and o.version_id = r.version_id
    where s.version_id = %(version_id)s and s.step_id = r.step_id and s.kind = o.kind and s.args = o.args)
