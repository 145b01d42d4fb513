-- name: insert_segment
-- The name may be taken at this moment: whoever is first wins.
insert into segment (segment_id, audience_id, name, folded, condition_id, created_at, changed_at)
values (%(segment_id)s, %(audience_id)s, %(name)s, %(folded)s, %(condition_id)s, %(now)s, %(now)s)
on conflict do nothing

-- name: update_segment
-- References are by id (G22): a new name breaks nothing.
update segment set name = %(name)s, folded = %(folded)s, condition_id = %(condition_id)s, changed_at = %(now)s
where segment_id = %(segment_id)s and deleted_at is null

-- name: name_is_taken
-- By another segment of the audience.
select exists (
  select from segment where audience_id = %(audience_id)s and folded = %(folded)s and deleted_at is null
                        and segment_id <> %(segment_id)s)

-- name: mark_deleted
-- The row stays: its members go slot by slot, and reports know its name.
update segment set deleted_at = %(now)s where segment_id = %(segment_id)s and deleted_at is null

-- name: lock_audience
-- Two segments saved at once could close a circle that neither sees.
select audience_id from audience where audience_id = %(audience_id)s for no key update

-- name: list_segments
-- Alphabetically, as lists of names are read.
select s.segment_id, s.audience_id, s.name, k.source, s.level, s.created_at, s.changed_at
from segment s join condition k on k.condition_id = s.condition_id
where s.audience_id = %(audience_id)s and s.deleted_at is null
order by s.folded

-- name: find_segment
-- By folded name.
select s.segment_id, s.audience_id, s.name, k.source, s.level, s.created_at, s.changed_at
from segment s join condition k on k.condition_id = s.condition_id
where s.audience_id = %(audience_id)s and s.folded = %(folded)s and s.deleted_at is null

-- name: get_segment
-- By id, within the audience.
select s.segment_id, s.audience_id, s.name, k.source, s.level, s.created_at, s.changed_at
from segment s join condition k on k.condition_id = s.condition_id
where s.audience_id = %(audience_id)s and s.segment_id = %(segment_id)s and s.deleted_at is null

-- name: uses_of_audience
-- Which segments name which: circles and levels are found in memory.
select s.segment_id, u.uses_id
from segment s left join segment_use u on u.segment_id = s.segment_id
where s.audience_id = %(audience_id)s and s.deleted_at is null

-- name: forget_uses
-- Before the new ones are written.
delete from segment_use where segment_id = %(segment_id)s

-- name: insert_uses
-- What the condition names.
insert into segment_use (segment_id, uses_id) select %(segment_id)s, unnest(%(named)s::bigint[])

-- name: set_levels
-- Those that stand higher or lower now.
update segment s set level = n.level
from unnest(%(segments)s::bigint[], %(levels)s::int[]) as n(segment_id, level)
where s.segment_id = n.segment_id and s.level <> n.level

-- name: forget_listeners
-- Before the new ones are written, or for good.
delete from segment_listener where segment_id = %(segment_id)s

-- name: insert_listeners
-- What can change who is in it.
insert into segment_listener (audience_id, event_kind, match_key, segment_id)
select %(audience_id)s, kind, key, %(segment_id)s from unnest(%(kinds)s::text[], %(keys)s::text[]) as n(kind, key)

-- name: ask_all
-- Asked again while it is being done: from the beginning.
insert into segment_task (segment_id, slot, asked_at)
select g.segment_id, s.number, %(now)s
from unnest(%(segments)s::bigint[]) as g(segment_id) cross join unnest(%(slots)s::int[]) as s(number)
order by 1, 2
on conflict (segment_id, slot) do update set asked_at = excluded.asked_at, progress = 0

-- name: progress_of
-- What is left to do of those that are being filled: slots, and buckets done of these.
select segment_id, count(*) as slots, sum(progress) as buckets
from segment_task where segment_id = any(%(segments)s::bigint[])
group by segment_id

-- ── Members ──

-- name: count_members
-- By the index of the segment alone.
select count(*) from segment_member m where m.bucket = any(%(slot)s) and m.segment_id = %(segment_id)s

-- name: members_after
-- A page in the order of contact ids, which begin with their bucket.
select m.contact_id, m.joined_at
from segment_member m
where m.bucket = any(%(slot)s) and m.segment_id = %(segment_id)s
  and (%(after)s::uuid is null or m.contact_id > %(after)s::uuid)
order by m.segment_id, m.bucket, m.contact_id
limit %(limit)s

-- name: members_page
-- A page by number, for the compatible API.
select m.contact_id, m.joined_at
from segment_member m
where m.bucket = any(%(slot)s) and m.segment_id = %(segment_id)s
order by m.bucket, m.contact_id
limit %(limit)s offset %(offset)s

-- name: segments_among
-- Of these contacts, who is in which segment.
select m.contact_id, m.segment_id
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as p(bucket, contact_id)
join segment_member m on m.bucket = p.bucket and m.bucket = any(%(buckets)s) and m.contact_id = p.contact_id

-- ── Keeping them right ──

-- name: epoch
-- Raised by whatever changes what workers keep in memory.
select epoch from catalogue

-- name: all_segments
-- Levels and who names whom, of all accounts: read again only when the epoch has changed.
select s.segment_id, s.audience_id, a.account_id, s.level,
       array(select u.segment_id from segment_use u join segment o on o.segment_id = u.segment_id
             where u.uses_id = s.segment_id and o.deleted_at is null order by 1) as named_by
from segment s join audience a on a.audience_id = s.audience_id
where s.deleted_at is null

-- name: open_tasks
-- Segments of these slots that are not filled yet: who is found in there now did not join just now.
select segment_id, slot, progress from segment_task where slot = any(%(slots)s)

-- name: take_touches
-- The oldest first. Skip-locked is the safety net for two workers that believe they own a slot.
with picked as (
  select t.ctid as row from segment_touch t
  where t.bucket = any(%(slot)s)
  order by t.recorded_at, t.event_id, t.segment_id
  limit %(limit)s
  for update skip locked)
delete from segment_touch t
where t.bucket = any(%(slot)s) and t.ctid = any(array(select row from picked))
returning t.bucket, t.contact_id, t.segment_id, t.quiet, t.syncing, t.cause_flow, t.cause_run, t.cause_step, t.depth

-- name: take_touches_of
-- What else waits about these pairs: a segment is asked together with those that it names, wherever a batch ends. Looked
-- up laterally: a plan made while nothing waited would read the whole table for each pair.
with found as materialized (
  select t.row
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(segments)s::bigint[]) as n(bucket, contact_id, segment_id)
  cross join lateral (
    select t.ctid as row from segment_touch t
    where t.bucket = n.bucket and t.bucket = any(%(buckets)s) and t.contact_id = n.contact_id
      and t.segment_id = n.segment_id
    offset 0) t)
delete from segment_touch t
where t.bucket = any(%(part)s::int[]) and t.ctid = any(array(select row from found))
returning t.bucket, t.contact_id, t.segment_id, t.quiet, t.syncing, t.cause_flow, t.cause_run, t.cause_step, t.depth

-- name: take_dues
-- Whose instant has come. The row stays until the answer tells the next one.
select d.bucket, d.contact_id, d.segment_id
from segment_due d
where d.bucket = any(%(slot)s) and d.due <= %(now)s
order by d.due limit %(limit)s
for update skip locked

-- name: postpone_dues
-- Asking failed for a mistake of ours: again later, so that nobody else waits. Those who were touched too.
insert into segment_due (bucket, contact_id, segment_id, due)
select bucket, contact_id, segment_id, %(until)s
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(segments)s::bigint[]) as n(bucket, contact_id, segment_id)
order by 1, 2, 3
on conflict (bucket, contact_id, segment_id) do update set due = excluded.due

-- name: ask_again
-- The answers about pairs of contact and segment of one level, and everything that follows from them but the event:
-- members, and the next instant to look. Each is looked up by key. Returns who joined and who left; `known` false: the
-- form of the condition is not known here, and nothing was done. Whoever is not in the audience (G7) is in no segment.
with asked as materialized (
  select x.bucket, x.contact_id, p.segment_id, p.place, here, m.contact_id is not null as held,
         case when here then {yes} else false end as holds, case when here then {turns} end as turns
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(segments)s::bigint[]) with ordinality
       as p(bucket, contact_id, segment_id, place)
  cross join lateral (
    select g.condition_id, g.audience_id from segment g where g.segment_id = p.segment_id limit 1) g
  cross join lateral (select k.* from condition k where k.condition_id = g.condition_id limit 1) k
  cross join lateral (
    select t.zone from audience a join account t on t.account_id = a.account_id
    where a.audience_id = g.audience_id limit 1) z
  cross join lateral (select p.bucket, p.contact_id, %(now)s::timestamptz as now, z.zone, null::jsonb as context,
                             null::jsonb as payload, null::timestamptz as entered_at, null::timestamptz as arrived_at) x
  left join lateral (
    select c.* from contact c
    where c.bucket = p.bucket and c.bucket = any(%(buckets)s) and c.contact_id = p.contact_id
      and c.audience_id = g.audience_id limit 1) c on true
  cross join lateral (
    select c.contact_id is not null and c.archived_at is null
       and (c.email_status is distinct from 'pending' or c.sms_status is not distinct from 'subscribed') as here) h
  left join lateral (
    select m.contact_id from segment_member m
    where m.bucket = p.bucket and m.bucket = any(%(buckets)s) and m.contact_id = p.contact_id
      and m.segment_id = p.segment_id limit 1) m on true),

joining as (
  insert into segment_member (bucket, contact_id, segment_id, joined_at)
  select a.bucket, a.contact_id, a.segment_id, %(now)s from asked a where a.holds and not a.held
  on conflict do nothing),

leaving as (
  delete from segment_member m using asked a
  where m.bucket = a.bucket and m.bucket = any(%(buckets)s) and m.contact_id = a.contact_id
    and m.segment_id = a.segment_id and a.held and not a.holds),

-- An instant that is not after now would be looked at for ever.
planning as (
  insert into segment_due (bucket, contact_id, segment_id, due)
  select a.bucket, a.contact_id, a.segment_id, greatest(a.turns, %(now)s + interval '1 second')
  from asked a where a.turns is not null
  on conflict (bucket, contact_id, segment_id) do update set due = excluded.due),

unplanning as (
  delete from segment_due d using asked a
  where d.bucket = a.bucket and d.bucket = any(%(buckets)s) and d.contact_id = a.contact_id
    and d.segment_id = a.segment_id and a.turns is null and a.holds is not null)

select a.place, a.holds, a.here, a.holds is not null as known
from asked a
where a.holds is distinct from a.held

-- name: forget_pairs
-- Of segments that are gone.
delete from segment_due d
using unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(segments)s::bigint[]) as n(bucket, contact_id, segment_id)
where d.bucket = n.bucket and d.bucket = any(%(buckets)s) and d.contact_id = n.contact_id
  and d.segment_id = n.segment_id

-- name: next_task
-- What is named comes before what names it. The lock keeps a new request from being counted as done.
select t.segment_id, t.slot, t.asked_at, t.progress, s.deleted_at is not null as deleted, s.condition_id, s.audience_id,
       a.zone
from segment_task t
join segment s on s.segment_id = t.segment_id
join audience u on u.audience_id = s.audience_id
join account a on a.account_id = u.account_id
where t.slot = any(%(slots)s)
order by s.level, t.asked_at, t.segment_id limit 1
for update of t skip locked

-- name: fill
-- Everybody of some buckets, as ask_again does it for some people; nobody is told (spec 4, 48). `known` false: the form of
-- the condition is not known here, and nothing was done.
with asked as materialized (
  select x.bucket, x.contact_id, {yes} as holds, {turns} as turns
  from condition k
  join contact c on c.bucket = any(%(some)s) and c.audience_id = %(audience_id)s and c.archived_at is null
    and (c.email_status is distinct from 'pending' or c.sms_status is not distinct from 'subscribed')
  cross join lateral (select c.bucket, c.contact_id, %(now)s::timestamptz as now, %(zone)s::text as zone,
                             null::jsonb as context, null::jsonb as payload, null::timestamptz as entered_at,
                             null::timestamptz as arrived_at) x
  where k.condition_id = %(condition_id)s),

understood as materialized (select not exists (select from asked a where a.holds is null) as known),

joining as (
  insert into segment_member (bucket, contact_id, segment_id, joined_at)
  select a.bucket, a.contact_id, %(segment_id)s, %(now)s from asked a, understood u where u.known and a.holds
  on conflict do nothing),

leaving as (
  delete from segment_member m
  where m.bucket = any(%(some)s) and m.segment_id = %(segment_id)s and (select known from understood)
    and m.contact_id not in (select a.contact_id from asked a where a.holds)),

planning as (
  insert into segment_due (bucket, contact_id, segment_id, due)
  select a.bucket, a.contact_id, %(segment_id)s, greatest(a.turns, %(now)s + interval '1 second')
  from asked a, understood u where u.known and a.turns is not null
  on conflict (bucket, contact_id, segment_id) do update set due = excluded.due),

unplanning as (
  delete from segment_due d
  where d.bucket = any(%(some)s) and d.segment_id = %(segment_id)s and (select known from understood)
    and d.contact_id not in (select a.contact_id from asked a where a.turns is not null))

select known, (select count(*) from asked) as asked from understood

-- name: empty_members
-- Of a deleted segment, in some buckets.
delete from segment_member m where m.bucket = any(%(some)s) and m.segment_id = %(segment_id)s

-- name: empty_dues
-- Likewise.
delete from segment_due d where d.bucket = any(%(some)s) and d.segment_id = %(segment_id)s

-- name: note_progress
-- How many buckets of the slot are done.
update segment_task set progress = %(progress)s
where segment_id = %(segment_id)s and slot = %(slot_number)s and asked_at = %(asked_at)s

-- name: finish
-- Done for this slot.
delete from segment_task
where segment_id = %(segment_id)s and slot = %(slot_number)s and asked_at = %(asked_at)s
