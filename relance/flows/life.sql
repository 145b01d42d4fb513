-- name: find_flow
-- State and owner; no lock.
select flow_id, account_id, audience_id, name, state, state_before, draft, version_id, problems, broken_points,
       paused_steps, paused_at
from flow where flow_id = %(flow_id)s

-- name: lock_flow
-- Two people who change a flow's state at once do so one after the other.
select flow_id, account_id, audience_id, name, state, state_before, draft, version_id, problems, broken_points,
       paused_steps, paused_at, settings
from flow where flow_id = %(flow_id)s for no key update

-- name: set_state
-- first_live_at stays for ever; paused_at is that of the present pause.
update flow set state = %(state)s, state_before = null, changed_at = %(now)s,
  first_live_at = case when %(state)s = 'live' then coalesce(first_live_at, %(now)s) else first_live_at end,
  paused_at = case when %(state)s = 'paused' then %(now)s end
where flow_id = %(flow_id)s

-- name: drain_broken
-- It stays broken, and takes nobody in, now or when it is mended.
update flow set state_before = 'draining', changed_at = %(now)s where flow_id = %(flow_id)s

-- name: arm_triggers
-- Turn-on and resume arm every trigger of the flow (G1). Those of `let_in` count what has happened since an instant too,
-- but nothing from before they were what they are.
update flow_trigger
set armed_at = case when trigger_id = any(%(let_in)s::bigint[]) then greatest(armed_at, %(since)s) else %(now)s end
where flow_id = %(flow_id)s and removed_at is null

-- name: arm_subscriptions
-- The copies that the dispatcher reads.
update subscription s
set armed_at = coalesce((select t.armed_at from flow_trigger t where t.trigger_id = s.trigger_id), %(now)s)
where s.flow_id = %(flow_id)s and s.purpose in ('enter', 'late')

-- name: delete_subscriptions
-- An archived flow hears nothing.
delete from subscription where flow_id = %(flow_id)s

-- name: published_definition
-- What people go through now.
select definition from flow_version where version_id = %(version_id)s

-- name: definition_at
-- What people went through at an instant, as when the pause began.
select definition from flow_version where flow_id = %(flow_id)s and published_at <= %(at)s order by number desc limit 1

-- name: delete_messages
-- Emails of a draft: without content and never sent, for publication writes both.
delete from message where flow_id = %(flow_id)s returning message_id

-- name: delete_flow
-- Nothing else hangs on a flow that was never published.
delete from flow where flow_id = %(flow_id)s
