-- name: triggers_of_flow
-- Those of the published version.
select trigger_id, kind from flow_trigger where flow_id = %(flow_id)s and removed_at is null order by position

-- name: let_in_until
-- Who was missed in an earlier pause is still to be let in; who was in this one, is not.
update flow_task set args = args || jsonb_build_object('until', %(until)s::text)
where flow_id = %(flow_id)s and what = 'let_in' and not args ? 'until'
