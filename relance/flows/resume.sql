-- name: triggers_of_flow
-- Those of the published version.
select trigger_id, kind from flow_trigger where flow_id = %(flow_id)s and removed_at is null order by position
