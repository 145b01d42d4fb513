-- name: queue_calls
-- The key is derived from (run, step): whatever is retried, there is one call, and one key that its receiver knows it by.
insert into webhook_call (bucket, call_id, account_id, audience_id, contact_id, flow_id, version_id, run_id, step_id,
                          depth, asked_at, state, due)
select a.bucket, a.call_id, a.account_id, a.audience_id, a.contact_id, a.flow_id, a.version_id, a.run_id, a.step_id,
       a.depth, %(now)s, 'waiting', %(now)s
from unnest(%(buckets)s::int[], %(calls)s::uuid[], %(accounts)s::bigint[], %(audiences)s::bigint[],
            %(contacts)s::uuid[], %(flows)s::bigint[], %(versions)s::bigint[], %(runs)s::uuid[], %(steps)s::bigint[],
            %(depths)s::smallint[])
  as a(bucket, call_id, account_id, audience_id, contact_id, flow_id, version_id, run_id, step_id, depth)
on conflict do nothing
returning run_id

-- name: calls_before
-- What became of calls that runs have made at this step before an edit led them here again.
select a.run_id, w.state
from unnest(%(buckets)s::int[], %(calls)s::uuid[], %(runs)s::uuid[]) as a(bucket, call_id, run_id)
join webhook_call w on w.bucket = a.bucket and w.bucket = any(%(buckets)s::int[]) and w.call_id = a.call_id

-- name: claim_calls
-- A small group, the longest due first; what they say comes after the claim. `delivery_id` and `message_id` stand for
-- what those who read contacts and contexts for messages ask by.
select w.bucket, w.call_id, w.call_id as delivery_id, 0::bigint as message_id, w.account_id, w.audience_id,
       w.contact_id, w.flow_id, w.version_id, w.run_id, w.step_id, w.depth, w.asked_at, w.tries, w.body, w.give_up_at,
       s.args, s.args ->> 'body' as template, s.label, f.state as flow_state, w.step_id = any(f.paused_steps) as step_paused
from webhook_call w
join flow f on f.flow_id = w.flow_id
left join step s on s.version_id = w.version_id and s.step_id = w.step_id
where w.bucket = any(%(slot)s) and w.due is not null and w.due <= %(now)s
order by w.due, w.call_id
limit %(limit)s
for update of w skip locked

-- name: runs_ended
-- Of these calls, those whose run is over.
select a.call_id
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(calls)s::uuid[])
  as a(bucket, contact_id, run_id, call_id)
left join run r on r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
               and r.run_id = a.run_id
where r.run_id is null or r.ended_at is not null

-- name: hosts_of
-- A line for each host of an account that has failed lately.
select h.account_id, h.host, h.failures, h.closed_until from webhook_host h
where h.account_id = any(%(accounts)s::bigint[]) and h.host = any(%(hosts)s::text[])

-- name: hold_calls
-- Later, and without a try: their flow is paused, or their host is left alone.
update webhook_call w set due = a.due, give_up_at = a.give_up_at
from unnest(%(buckets)s::int[], %(calls)s::uuid[], %(dues)s::timestamptz[], %(ends)s::timestamptz[])
  as a(bucket, call_id, due, give_up_at)
where w.bucket = a.bucket and w.bucket = any(%(buckets)s::int[]) and w.call_id = a.call_id

-- name: mark_calls
-- Tried, before the call goes out: a worker that dies leaves it due again, with the same body and the same key.
update webhook_call w set tries = w.tries + 1, due = %(again)s, body = a.body, give_up_at = a.give_up_at
from unnest(%(buckets)s::int[], %(calls)s::uuid[], %(bodies)s::text[], %(ends)s::timestamptz[])
  as a(bucket, call_id, body, give_up_at)
where w.bucket = a.bucket and w.bucket = any(%(buckets)s::int[]) and w.call_id = a.call_id

-- name: settle_calls
-- Only by whoever made the last try. What was said to the receiver is not kept.
update webhook_call w set state = a.state, due = a.due, status = a.status, answer = a.answer,
                          body = case when a.state = 'waiting' then w.body end
from unnest(%(buckets)s::int[], %(calls)s::uuid[], %(tries)s::smallint[], %(states)s::text[], %(dues)s::timestamptz[],
            %(statuses)s::int[], %(answers)s::text[]) as a(bucket, call_id, tries, state, due, status, answer)
where w.bucket = a.bucket and w.bucket = any(%(buckets)s::int[]) and w.call_id = a.call_id and w.state = 'waiting'
  and w.tries = a.tries
returning w.call_id

-- name: tell_retries
-- W12: the run stays where it is, so the trail and the figures are all that changes.
with asked as materialized (
  select a.*, placed_uuid(%(base)s, a.place) as trail_id
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(accounts)s::bigint[], %(flows)s::bigint[],
              %(versions)s::bigint[], %(steps)s::bigint[], %(runs)s::uuid[], %(seen)s::jsonb[]) with ordinality
    as a(bucket, contact_id, account_id, flow_id, version_id, step_id, run_id, seen, place)),
told as (
  insert into trail (bucket, contact_id, trail_id, at, account_id, flow_id, version_id, run_id, codes, steps, seen)
  select a.bucket, a.contact_id, a.trail_id, %(now)s, a.account_id, a.flow_id, a.version_id, a.run_id, array['W12'],
         array[a.step_id], jsonb_build_array(a.seen)
  from asked a)
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
select t.bucket, t.trail_id, t.account_id, t.flow_id, t.version_id, 0, t.step_id, (%(now)s at time zone acc.zone)::date,
       'W12', 1
from asked t join account acc on acc.account_id = t.account_id

-- name: host_failed
-- One failure more in a row; `closed_until` is set by whoever counts the fifth.
insert into webhook_host (account_id, host, failures, closed_until) values (%(account_id)s, %(host)s, 1, null)
on conflict (account_id, host) do update set failures = webhook_host.failures + 1
returning failures

-- name: close_host
-- Nobody calls it until then; after that, one call at a time.
update webhook_host set closed_until = %(until)s where account_id = %(account_id)s and host = %(host)s

-- name: host_works
-- Nothing is remembered of a host that answers.
delete from webhook_host where account_id = %(account_id)s and host = %(host)s
