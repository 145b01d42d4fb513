-- name: flow_and_segment
-- The segment is one of the flow's audience. A broken flow is a live one with a problem (G9).
select f.account_id, f.audience_id, f.name,
       case when f.state = 'broken' then coalesce(f.state_before, 'live') else f.state end as state
from flow f join segment s on s.audience_id = f.audience_id
where f.flow_id = %(flow_id)s and s.segment_id = %(segment_id)s and s.deleted_at is null

-- name: count_through
-- Members who have entered before, in one slot.
select count(*) from segment_member m
where m.bucket = any(%(slot)s) and m.segment_id = %(segment_id)s
  and exists (select from entry e where e.bucket = m.bucket and e.bucket = any(%(slot)s)
                                    and e.contact_id = m.contact_id and e.flow_id = %(flow_id)s)
