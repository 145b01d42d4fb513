-- name: claim_runs
-- Reads `run` alone, by the due index; joins come after the claim (architecture 6.4). Each (slot, lane, account) with
-- something due has an equal part, rounded up, and bulk a tenth when single runs wait, as in dispatch.sql. Runs of one contact may
-- come in any order: they are different flows. The columns are in the order of Mover.
with turn as materialized (
  select w.*, ceil(w.share::numeric / max(w.nth_account) over (partition by w.lane) / w.its_slots)::int as part
  from (
    select s.slot, l.lane, a.account_id,
           case when count(*) over () = count(*) over (partition by l.lane) then %(limit)s
                when l.lane = 0 then ceil(%(limit)s * 0.9) else ceil(%(limit)s * 0.1) end::int as share,
           count(*) over (partition by l.lane, a.account_id) as its_slots,
           dense_rank() over (partition by l.lane order by a.account_id) as nth_account
    from unnest(%(slots)s::int[]) as s(slot)
    cross join (values (0::smallint), (1::smallint)) as l(lane)
    cross join account a
    cross join lateral (
      select true from run r
      where r.bucket = any(%(slot)s) and slot_of(r.bucket) = s.slot and r.lane = l.lane and r.account_id = a.account_id
        and r.due >= %(since)s and r.due <= %(now)s
      limit 1) something) w)
select r.bucket, r.contact_id, r.run_id, r.account_id, r.audience_id, r.flow_id, r.version_id, r.trigger_id, r.step_id,
       r.state, r.outcome, r.due, r.arrived_at, r.entered_at, r.depth, r.lane, t.slot, t.part
from turn t
cross join lateral (
  select r.* from run r
  where r.bucket = any(%(slot)s) and slot_of(r.bucket) = t.slot and r.lane = t.lane and r.account_id = t.account_id
    and r.due >= %(since)s and r.due <= %(now)s
  order by r.due
  limit t.part
  for update skip locked) r
limit case when %(limit)s = 1 then 1 end

-- name: flows_of_batch
-- State, zone and account of the few flows that the claimed runs belong to. No lock: what a change of a flow asks of its runs is
-- done by the slot's own worker (tasks.py), after the batch in hand.
select f.flow_id, f.version_id, f.state, f.settings ->> 'zone' as zone, coalesce((f.settings ->> 'max_run_age')::int, 400) as max_age,
       (f.settings ->> 'release_rate')::int as release_rate, a.zone as account_zone, a.settings as account_settings,
       v.published_at, f.broken_points, f.paused_steps, followed.version_id as follow_id,
       followed.number as follow_number, followed.placed
from flow f
join account a on a.account_id = f.account_id
left join flow_version v on v.version_id = f.version_id
left join lateral (
  select w.version_id, w.number, w.placed from flow_version w
  where w.flow_id = f.flow_id and w.moves_people order by w.number desc limit 1) followed on true
where f.flow_id = any(%(flows)s)

-- name: zones_of_contacts
-- Only for flows that follow each contact's zone.
select c.contact_id, c.zone
from unnest(%(buckets)s::int[], %(contacts)s::uuid[]) as a(bucket, contact_id)
join contact c on c.bucket = a.bucket and c.contact_id = a.contact_id and c.bucket = any(%(buckets)s::int[])
where c.zone is not null

-- name: steps_done
-- Only for runs that have lived through a publication: a step that was moved to before them does not act again. Who is
-- held or waits for a window has not acted.
select d.run_id, array_agg(distinct d.step_id) as steps
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[]) as a(bucket, contact_id, run_id)
join decision d on d.bucket = a.bucket and d.bucket = any(%(buckets)s::int[]) and d.contact_id = a.contact_id
               and d.run_id = a.run_id and d.at >= %(since)s
where d.step_id is not null and d.code ~ '^[WBS]' and d.code not in ('W02', 'W03', 'W04', 'W05', 'W09')
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

-- name: steps_of_versions
-- Published steps never change: read once per version and kept.
select s.version_id, s.step_id, s.kind, s.args, s.outcomes, v.number
from step s join flow_version v on v.version_id = s.version_id
where s.version_id = any(%(versions)s)

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
-- What a run is told is an array of codes and one of steps, written as text: once for all who are told the same.
told as materialized (
  select t.place, t.account_id, t.flow_id, t.version_id, t.codes::text[] as codes, t.steps::bigint[] as steps
  from unnest(%(told_accounts)s::bigint[], %(told_flows)s::bigint[], %(told_versions)s::bigint[],
              %(told_codes)s::text[], %(told_steps)s::text[]) with ordinality
    as t(account_id, flow_id, version_id, codes, steps, place)),
written as (
  insert into trail (bucket, contact_id, trail_id, at, account_id, flow_id, version_id, run_id, codes, steps, seen)
  select (%(buckets)s::int[])[d.run], (%(contacts)s::uuid[])[d.run], placed_uuid(%(base)s, d.run), %(now)s,
         t.account_id, t.flow_id, t.version_id, (%(runs)s::uuid[])[d.run], t.codes, t.steps, d.seen
  from unnest(%(decided_runs)s::int[], %(decided_told)s::int[], %(seen)s::jsonb[]) as d(run, told, seen)
  join told t on t.place = d.told)
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
select (%(buckets)s::int[])[1], placed_uuid(%(base)s, f.place), f.account_id, f.flow_id, f.version_id, 0, f.step_id,
       (%(now)s at time zone acc.zone)::date, f.code, f.n
from unnest(%(book_accounts)s::bigint[], %(book_flows)s::bigint[], %(book_versions)s::bigint[],
            %(book_steps)s::bigint[], %(book_codes)s::text[], %(book_counts)s::bigint[]) with ordinality
  as f(account_id, flow_id, version_id, step_id, code, n, place)
join account acc on acc.account_id = f.account_id
