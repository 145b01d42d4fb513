-- name: zones_of_contacts
-- Only for flows that follow each contact's zone.
select c.contact_id, c.zone
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact c on c.bucket = a.bucket and c.contact_id = a.contact_id and c.bucket = any(%(buckets)s::int[])
where c.zone is not null

-- name: steps_done
-- Only for runs that have lived through a publication: a step that was moved to before them does not act again. Who is
-- held, waits for a window or for a turn has not acted.
select d.run_id, array_agg(distinct d.step_id) as steps
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[]) as a(bucket, contact_id, run_id)
join decision d on d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = a.contact_id
               and d.run_id = a.run_id and d.at >= %(since)s
where d.step_id is not null and d.code ~ '^[WBS]' and d.code not in ('W02', 'W03', 'W04', 'W05', 'W09', 'W11')
group by d.run_id

-- name: take_turns
-- The next turns of flows with a release rate, in the order of the flows' ids, for they stay locked: two workers take
-- theirs one after the other, and the rate holds over both. What was not used while nobody was overdue is gone.
insert into release_turn (flow_id, next_turn)
select a.flow_id, %(now)s::timestamptz + a.needed
from unnest(%(flows)s::bigint[], %(needed)s::interval[]) as a(flow_id, needed)
order by a.flow_id
on conflict (flow_id) do update
set next_turn = greatest(release_turn.next_turn, %(now)s) + (excluded.next_turn - %(now)s)
returning flow_id, next_turn

-- name: settle
-- The end of a batch in one statement: one update a run, however many steps it has crossed; the trail; the figures,
-- added up beforehand. Most runs of a batch land alike and are told alike: each way to land (state to version), all that
-- a run is told (account to steps) and each entry of the books (account to count) is sent once, and named by its place.
-- Whoever rests is woken in bulk, by time, unless an event comes, which has a lane of its own.
with moved as (
  update run r set state = (%(states)s::text[])[a.landing], outcome = (%(outcomes)s::text[])[a.landing],
                   step_id = (%(steps)s::bigint[])[a.landing], due = (%(dues)s::timestamptz[])[a.landing],
                   arrived_at = (%(arrivals)s::timestamptz[])[a.landing],
                   ended_at = (%(ends)s::timestamptz[])[a.landing], end_code = (%(end_codes)s::text[])[a.landing],
                   version_id = (%(versions)s::bigint[])[a.landing], lane = 1
  from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(landings)s::int[])
    as a(bucket, contact_id, run_id, landing)
  where r.bucket = a.bucket and r.bucket = any(%(buckets)s::int[]) and r.contact_id = a.contact_id
    and r.run_id = a.run_id),
-- What a run is told is an array of codes, one of steps and one of values seen, written as text: once for all who are
-- told the same.
told as materialized (
  select t.place, t.account_id, t.flow_id, t.version_id, t.codes::text[] as codes, t.steps::bigint[] as steps,
         t.seen::jsonb as seen
  from unnest(%(told_accounts)s::bigint[], %(told_flows)s::bigint[], %(told_versions)s::bigint[],
              %(told_codes)s::text[], %(told_steps)s::text[], %(told_seen)s::text[]) with ordinality
    as t(account_id, flow_id, version_id, codes, steps, seen, place)),
written as (
  insert into trail (bucket, contact_id, trail_id, at, account_id, flow_id, version_id, run_id, codes, steps, seen)
  select (%(buckets)s::int[])[d.run], (%(contacts)s::uuid[])[d.run], placed_uuid(%(base)s, d.run), %(now)s,
         t.account_id, t.flow_id, t.version_id, (%(runs)s::uuid[])[d.run], t.codes, t.steps, t.seen
  from unnest(%(decided_runs)s::int[], %(decided_told)s::int[]) as d(run, told)
  join told t on t.place = d.told)
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
select (%(buckets)s::int[])[1], placed_uuid(%(base)s, f.place), f.account_id, f.flow_id, f.version_id, 0, f.step_id,
       (%(now)s at time zone acc.zone)::date, f.code, f.n
from unnest(%(book_accounts)s::bigint[], %(book_flows)s::bigint[], %(book_versions)s::bigint[],
            %(book_steps)s::bigint[], %(book_codes)s::text[], %(book_counts)s::bigint[]) with ordinality
  as f(account_id, flow_id, version_id, step_id, code, n, place)
join account acc on acc.account_id = f.account_id
