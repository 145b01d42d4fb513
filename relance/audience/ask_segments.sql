-- name: ask_segments
-- Those that listen, and upwards. Asked again while it is being done: from the beginning.
with recursive concerned as (
  select l.segment_id from segment_listener l
  where l.audience_id = %(audience_id)s and l.event_kind = %(kind)s and l.match_key = any(%(keys)s::text[])
  union
  select u.segment_id from concerned c join segment_use u on u.uses_id = c.segment_id)
insert into segment_task (segment_id, slot, asked_at)
select c.segment_id, s.number, %(now)s
from concerned c cross join unnest(%(slots)s::int[]) as s(number)
order by 1, 2
on conflict (segment_id, slot) do update set asked_at = excluded.asked_at, progress = 0

-- name: ask_all_segments
-- Every segment of the account. Asked again while it is being done: from the beginning.
insert into segment_task (segment_id, slot, asked_at)
select g.segment_id, s.number, %(now)s
from segment g join audience u on u.audience_id = g.audience_id cross join unnest(%(slots)s::int[]) as s(number)
where u.account_id = %(account_id)s and g.deleted_at is null
order by 1, 2
on conflict (segment_id, slot) do update set asked_at = excluded.asked_at, progress = 0
