-- name: sent_and_rivals
-- Of messages about to leave: when others of the channel left to the same contact within the period (in hand: now; given
-- up without an answer: perhaps), and how many better ones wait to be handed over outside this group. Partitions before
-- `oldest` stay unread: a message that was queued for longer than that does not count. What a pause or a fault holds is
-- no rival: it would never go first.
select a.delivery_id, sent.times, rivals.n as rivals
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(deliveries)s::uuid[], %(runs)s::uuid[], %(priorities)s::int[],
            %(entered)s::timestamptz[], %(since)s::timestamptz[])
  as a(bucket, contact_id, delivery_id, run_id, priority, entered_at, since)
cross join lateral (
  select coalesce(array_agg(case d.state when 'handed' then %(now)s when 'unknown' then d.queued_at else d.sent_at end),
                  '{}') as times
  from delivery d
  where d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = a.contact_id
    and d.queued_at >= %(oldest)s and d.channel = %(channel)s and d.class = %(class)s and d.delivery_id <> a.delivery_id
    and (d.sent_at > a.since or d.state = 'handed' or d.state = 'unknown' and d.queued_at > a.since)) sent
cross join lateral (
  select count(*) as n
  from delivery d
  join run r on r.bucket = d.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = d.contact_id
            and r.run_id = d.run_id
  join flow f on f.flow_id = d.flow_id
  where d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = a.contact_id
    and d.queued_at >= %(oldest)s and d.channel = %(channel)s and d.class = %(class)s and d.state = 'queued'
    and d.due <= %(now)s and d.delivery_id <> all(%(deliveries)s::uuid[])
    and r.ended_at is null and f.state not in ('paused', 'archived')
    and d.step_id <> all(f.paused_steps) and d.step_id <> all(f.broken_points)
    and (coalesce((f.settings ->> 'priority')::int, 5), r.entered_at, r.run_id)
        < (a.priority, a.entered_at, a.run_id)) rivals
