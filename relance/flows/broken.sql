-- name: lock_flows_to_look_at
-- All before the first change is told: a publication holds its flow, and waits for whoever has appended.
select flow_id from flow
where audience_id = any(%(audiences)s::bigint[]) and state in ('live', 'draining', 'broken') and version_id is not null
order by flow_id for no key update

-- name: lock_running
-- With what a check needs. A flow that was paused or archived meanwhile is left alone.
select f.flow_id, f.account_id, f.audience_id, f.name, f.state, f.state_before, f.draft, f.draft_rev, f.version_id,
       f.settings, f.created_at, f.changed_at, f.first_live_at, f.paused_at, f.problems, f.broken_points, f.paused_steps,
       a.settings as account_settings
from flow f join account a on a.account_id = f.account_id
where f.flow_id = %(flow_id)s and f.state in ('live', 'draining', 'broken') and f.version_id is not null
for no key update of f

-- name: set_broken
-- Again when it is broken already: what is wrong may be another thing now.
update flow set state = 'broken', state_before = %(state_before)s, problems = %(problems)s,
                broken_points = %(points)s::bigint[],
                changed_at = case when state = 'broken' then changed_at else %(now)s end
where flow_id = %(flow_id)s

-- name: set_sound
-- Nothing is wrong any more.
update flow set state = %(state)s, state_before = null, problems = '[]', broken_points = '{}',
                changed_at = case when state = %(state)s then changed_at else %(now)s end
where flow_id = %(flow_id)s

-- name: audiences_of_broken
-- There are few.
select distinct audience_id from flow where state = 'broken' or (state in ('live', 'draining') and problems <> '[]')
