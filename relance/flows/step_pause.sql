-- name: state_of_step
-- Of its flow, if the published version has the step.
select f.state from flow f join step s on s.version_id = f.version_id
where f.flow_id = %(flow_id)s and s.step_id = %(step_id)s

-- name: pause_step
-- Once, however often it is asked.
update flow set paused_steps = array_append(paused_steps, %(step_id)s::bigint), changed_at = %(now)s
where flow_id = %(flow_id)s and %(step_id)s::bigint <> all(paused_steps)

-- name: resume_step
-- Counts when it was paused.
update flow set paused_steps = array_remove(paused_steps, %(step_id)s::bigint), changed_at = %(now)s
where flow_id = %(flow_id)s and %(step_id)s::bigint = any(paused_steps)
