-- name: decisions_about
-- By the trail's own key: bucket and contact. Oldest first.
select d.at, d.code, d.event_id, d.run_id, d.trigger_id, d.step_id, d.seen, e.kind as event_kind,
       coalesce(nullif(s.label, ''), s.kind) as step
from decision d
left join event e on e.bucket = d.bucket and e.bucket = %(bucket)s and e.event_id = d.event_id
left join step s on s.version_id = d.version_id and s.step_id = d.step_id
where d.bucket = %(bucket)s and d.contact_id = %(contact_id)s and d.flow_id = %(flow_id)s
order by d.trail_id, d.place

-- name: events_of_right_kind
-- Recent events of a kind that the flow's triggers listen to, whatever their key, since they have been armed. What was
-- asked of another flow by its id has nothing to do with this one.
select e.event_id, e.kind, e.occurred_at, e.payload
from event e
where e.bucket = %(bucket)s and e.contact_id = %(contact_id)s and e.recorded_at >= %(since)s and e.kind <> 'clock.due'
  and exists (select from subscription s where s.flow_id = %(flow_id)s and s.purpose = 'enter'
                and s.event_kind = e.kind and s.armed_at <= e.occurred_at)
  and not (e.kind in ('flow.contact_added', 'flow.start_requested', 'flow.let_in', 'flow.api_called')
           and (e.payload ->> 'flow_id')::bigint <> %(flow_id)s)
  and not exists (select from inbox i where i.bucket = %(bucket)s and i.event_id = e.event_id)
order by e.recorded_at, e.event_id
limit 50

-- name: still_in_inbox
-- Not judged yet.
select true from inbox i where i.bucket = %(bucket)s and i.event_id = %(event_id)s

-- name: decision_on_event
-- An event may be judged by several flows: the caller named one, whose decision comes first.
select d.code from decision d
where d.bucket = %(bucket)s and d.event_id = %(event_id)s
order by d.trail_id, d.place limit 1
