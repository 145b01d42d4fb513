-- name: watched_triggers
-- Live clock-woken triggers, of one flow or of all, with how far each has looked at this slot (a row appears with the
-- first look). In the order in which their watermarks are held.
select t.trigger_id, t.kind, t.settings, t.armed_at, f.flow_id, f.account_id, f.audience_id, a.zone as account_zone,
       a.settings as account_settings, coalesce(f.settings ->> 'zone', 'account') as flow_zone,
       coalesce(w.moment, t.armed_at) as moment
from flow_trigger t
join flow f on f.flow_id = t.flow_id
join account a on a.account_id = f.account_id
left join watermark w on w.trigger_id = t.trigger_id and w.slot = %(slot_number)s
where t.kind = any(%(kinds)s::text[]) and t.removed_at is null and t.armed_at is not null
  and f.state in ('live', 'broken', 'paused', 'draining') and (%(flow_id)s::bigint is null or f.flow_id = %(flow_id)s)
order by t.trigger_id

-- name: watches_anything
-- Most installations begin without such triggers: then no slot needs a look.
select exists (
  select from flow_trigger t join flow f on f.flow_id = t.flow_id
  where t.kind = any(%(kinds)s::text[]) and t.removed_at is null and t.armed_at is not null
    and f.state in ('live', 'broken', 'paused', 'draining'))

-- name: hold_watermark
-- Until the transaction ends nobody else looks for a trigger at this slot. How far the clock has looked.
insert into watermark (trigger_id, slot, moment)
select t.trigger_id, %(slot_number)s, t.armed_at from flow_trigger t
where t.trigger_id = %(trigger_id)s and t.armed_at is not null
on conflict (trigger_id, slot) do update set moment = watermark.moment
returning moment

-- name: move_watermark
-- In the transaction that appended what was found: an outage is caught up exactly once.
insert into watermark (trigger_id, slot, moment) values (%(trigger_id)s, %(slot_number)s, %(moment)s)
on conflict (trigger_id, slot) do update set moment = excluded.moment where watermark.moment < excluded.moment

-- name: watermark_of
-- How far the clock has looked for somebody of this slot.
select coalesce(w.moment, t.armed_at) as moment, t.kind, t.settings, t.armed_at, f.flow_id, f.account_id, f.audience_id,
       a.zone as account_zone, a.settings as account_settings, coalesce(f.settings ->> 'zone', 'account') as flow_zone,
       t.trigger_id
from flow_trigger t
join flow f on f.flow_id = t.flow_id
join account a on a.account_id = f.account_id
left join watermark w on w.trigger_id = t.trigger_id and w.slot = %(slot_number)s
where t.trigger_id = %(trigger_id)s and t.armed_at is not null

-- name: told_moments
-- What the clock has told these contacts of a trigger. A pair of bucket and contact each, by the ledger's index.
select e.contact_id, e.payload ->> 'key' as key, e.occurred_at as moment
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join event e on e.bucket = a.bucket and e.bucket = any(%(buckets)s::int[]) and e.contact_id = a.contact_id
            and e.kind = 'clock.due' and e.match_key = %(trigger)s
            and e.occurred_at > %(since)s and e.recorded_at > %(since)s

-- name: wake_waiting
-- Of these contacts, those who rest at the step. Their runs in the flow are locked, wherever they seem to stand: one that
-- the advancer has in hand is waited for and read anew, for it may just arrive by the data of before. Who is overdue stays
-- so: lateness counts from then.
with inside as materialized (
  select r.bucket, r.contact_id, r.run_id, r.step_id, r.state
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
  cross join lateral (
    select * from run r
    where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
      and r.flow_id = (select v.flow_id from step s join flow_version v on v.version_id = s.version_id
                       where s.step_id = %(step_id)s limit 1)
      and r.ended_at is null
    offset 0 for update) r)
update run r set due = least(r.due, %(now)s)
from inside i
where r.bucket = i.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = i.contact_id
  and r.run_id = i.run_id and i.step_id = %(step_id)s and i.state = 'waiting'
