-- name: ask
-- Asked again while it is being done: from the beginning. What was answered before holds, unless it is answered anew;
-- what was asked from some steps is asked from those and these; what began is what began first, and has no end yet.
insert into flow_task (flow_id, slot, what, version_id, asked_at, args)
select %(flow_id)s, s.number, %(what)s, %(version_id)s, %(now)s, %(args)s from unnest(%(slots)s::int[]) as s(number)
on conflict (flow_id, slot, what) do update
set version_id = excluded.version_id, asked_at = excluded.asked_at, progress = 0, retry_at = null, trouble = null,
  args = (flow_task.args - 'until') || excluded.args
    || case when flow_task.args ? 'steps' then jsonb_build_object('steps', (flow_task.args -> 'steps') || (excluded.args -> 'steps'))
            else '{}' end
    || case when (flow_task.args ->> 'since')::timestamptz < (excluded.args ->> 'since')::timestamptz
            then jsonb_build_object('since', flow_task.args -> 'since') else '{}' end

-- name: ask_account
-- Of every flow of the account in which somebody may wait.
insert into flow_task (flow_id, slot, what, asked_at, args)
select f.flow_id, s.number, 'look_again', %(now)s, %(args)s
from flow f cross join unnest(%(slots)s::int[]) as s(number)
where f.account_id = %(account_id)s and f.state in ('live', 'broken', 'paused', 'draining')
on conflict (flow_id, slot, what) do update
set asked_at = excluded.asked_at, progress = 0, retry_at = null, trouble = null, args = flow_task.args || excluded.args

-- name: next_task
-- With the flow's present state. The lock keeps a new request from being counted as done.
select t.flow_id, t.slot, t.what, t.version_id, t.asked_at, t.progress, t.args, f.state,
       f.account_id, f.settings ? 'release_rate' as queues, coalesce((f.settings ->> 'max_run_age')::int, 400) as max_run_age
from flow_task t join flow f on f.flow_id = t.flow_id
where t.slot = any(%(slots)s) and (t.retry_at is null or t.retry_at <= %(now)s)
order by t.asked_at limit 1
for update of t skip locked

-- name: note_progress
-- How many buckets of the slot are done.
update flow_task set progress = %(progress)s
where flow_id = %(flow_id)s and slot = %(slot_number)s and what = %(what)s and asked_at = %(asked_at)s

-- name: finish
-- Done for this slot.
delete from flow_task
where flow_id = %(flow_id)s and slot = %(slot_number)s and what = %(what)s and asked_at = %(asked_at)s

-- name: set_aside
-- It failed, and is tried again later, from where it had come to. One that was asked for anew meanwhile is done at once.
update flow_task set trouble = %(trouble)s,
  retry_at = %(now)s + least(greatest(%(now)s - asked_at, %(soonest)s::interval), %(latest)s::interval)
where flow_id = %(flow_id)s and slot = %(slot_number)s and what = %(what)s and asked_at = %(asked_at)s

-- name: count_set_aside
-- Tasks that could not be done, with the last trouble.
select count(*) as tasks, max(trouble) as trouble from flow_task where retry_at is not null

-- name: wake_runs
-- The advancer ends them one batch after the other (X13).
update run set due = %(now)s
where bucket = any(%(buckets)s::int[]) and flow_id = %(flow_id)s and ended_at is null and (due is null or due > %(now)s)

-- name: wake_at_changed_steps
-- Whoever rests at a step that the published version has otherwise or not at all; a message queued is let go first. Who
-- is held stays so at a step that is there, however it was changed.
update run r set due = %(now)s
where r.bucket = any(%(buckets)s::int[]) and r.flow_id = %(flow_id)s and r.ended_at is null
  and r.state in ('waiting', 'held') and r.version_id <> %(version_id)s and (r.due is null or r.due > %(now)s)
  and not exists (
    select from step s join step o on o.step_id = s.step_id and o.version_id = r.version_id
    where s.version_id = %(version_id)s and s.step_id = r.step_id
      and (r.state = 'held' or s.kind = o.kind and s.args = o.args))

-- name: remove_runs
-- They leave by their end code: the advancer ends them (X08). A step that is null: from everywhere.
update run set state = 'leaving', outcome = 'X08', due = %(now)s
where bucket = any(%(buckets)s::int[]) and flow_id = %(flow_id)s and ended_at is null
  and (step_id = any(%(steps)s::bigint[]) or array_position(%(steps)s::bigint[], null) is not null)

-- name: wake_resting
-- Who rests until a moment. One whose moment has not come goes on resting, until the new one.
update run set due = %(now)s
where bucket = any(%(buckets)s::int[]) and flow_id = %(flow_id)s and ended_at is null and state = 'waiting'
  and outcome is null and due > %(now)s

-- name: shorten_runs
-- Nobody stays longer than a run may last now: who is older is ended by the advancer (X12). A longer age needs no such
-- look: at the end of the old one they are looked at anyway.
update run set due = greatest(%(now)s, entered_at + make_interval(hours => 24 * %(days)s))
where bucket = any(%(buckets)s::int[]) and flow_id = %(flow_id)s and ended_at is null
  and due > greatest(%(now)s, entered_at + make_interval(hours => 24 * %(days)s))

-- name: wake_put_off
-- Messages that a window, quiet hours or a cap keeps back. One that was tried before keeps the time of its next try.
update delivery set due = %(now)s
where bucket = any(%(buckets)s::int[]) and slot_of(bucket) = %(slot_number)s and lane = any(array[0, 1]::smallint[])
  and account_id = %(account_id)s and flow_id = %(flow_id)s and state = 'queued' and attempts = 0 and due > %(now)s
