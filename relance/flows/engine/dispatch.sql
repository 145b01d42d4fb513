-- name: pick
-- The next events of the slots, locked. Each (slot, lane, account) with something to judge has an equal part, so nobody
-- waits behind another account's import, rounded up; in bulk a tenth when single events wait (docs/decisions/0027). Where
-- both lanes hold something, a contact's older rows come along: order per contact goes before lanes. `since` passes over
-- index entries of rows that are gone (db/front.py). Skip-locked is the safety net for two workers that believe they
-- own a slot. The epoch changes whenever something that workers keep in memory has changed; it is shared, so that a
-- publication waits for the batch.
with turn as materialized (
  select w.*, ceil(w.share::numeric / max(w.nth_account) over (partition by w.lane) / w.its_slots)::int as part
  from (
    select s.slot, l.lane, a.account_id,
           case when count(*) over () = count(*) over (partition by l.lane) then %(limit)s
                when l.lane = 0 then ceil(%(limit)s * 0.9) else ceil(%(limit)s * 0.1) end::int as share,
           count(*) over (partition by l.lane, a.account_id) as its_slots,
           dense_rank() over (partition by l.lane order by a.account_id) as nth_account,
           count(*) over () > count(*) over (partition by l.lane) as both_lanes
    from unnest(%(slots)s::int[]) as s(slot)
    cross join (values (0::smallint), (1::smallint)) as l(lane)
    cross join account a
    cross join lateral (
      select true from inbox i
      where i.bucket = any(%(slot)s) and slot_of(i.bucket) = s.slot and i.lane = l.lane and i.account_id = a.account_id
        and i.recorded_at >= %(since)s and (i.retry_at is null or i.retry_at <= %(now)s)
      limit 1) something) w),

first as materialized (
  select i.*, t.part, t.both_lanes
  from turn t
  cross join lateral (
    select i.ctid as row, i.bucket, i.contact_id, i.event_id, i.recorded_at, i.lane, i.account_id
    from inbox i
    where i.bucket = any(%(slot)s) and slot_of(i.bucket) = t.slot and i.lane = t.lane and i.account_id = t.account_id
      and i.recorded_at >= %(since)s and (i.retry_at is null or i.retry_at <= %(now)s)
    order by i.recorded_at, i.event_id
    limit t.part
    for update skip locked) i
  limit case when %(limit)s = 1 then 1 end),

-- The oldest rows of each contact, up to the newest one chosen; of one with more than a few, only those.
in_order as materialized (
  select i.*, f.part, f.both_lanes
  from (select distinct on (f.bucket, f.contact_id) f.* from first f where f.both_lanes
        order by f.bucket, f.contact_id, f.recorded_at desc, f.event_id desc) f
  cross join lateral (
    select i.ctid as row, i.bucket, i.contact_id, i.event_id, i.recorded_at, i.lane, i.account_id
    from inbox i
    where i.bucket = f.bucket and i.bucket = any(%(slot)s) and i.contact_id = f.contact_id
      and (i.recorded_at, i.event_id) <= (f.recorded_at, f.event_id) and (i.retry_at is null or i.retry_at <= %(now)s)
    order by i.recorded_at, i.event_id
    limit least(10, %(limit)s)
    for update skip locked) i),

shared as materialized (select c.epoch from catalogue c for share)

select p.row::text, p.bucket, p.contact_id, p.event_id, p.recorded_at, p.lane, slot_of(p.bucket) as slot, p.account_id, p.part,
       p.both_lanes, s.epoch
from (select * from first where not both_lanes union all select * from in_order) p
cross join shared s
order by p.recorded_at, p.event_id

-- name: judge
-- The whole judgement of a batch, in one statement: the events picked × what live flows listen to × the data of the
-- contacts, then new runs, released waits, ended runs, and a decision for everybody who matched and did not enter. What
-- is looked up by key is looked up laterally with a limit: a plan made while tables were small can then not read them
-- whole, and the cost is linear in the batch. (`offset 0` does the same where there is no limit.) `oldest` leaves
-- partitions of `event` unread.
with
picked as materialized (
  select p.* from unnest(%(rows)s::tid[], %(buckets)s::int[], %(events)s::uuid[], %(recorded)s::timestamptz[],
                         %(lanes)s::smallint[], %(crowded)s::boolean[])
                  with ordinality as p(row, bucket, event_id, recorded_at, lane, crowded, place)),

-- Few contacts have more than one event in a batch: only theirs are put in order (crowded).
found as not materialized (
  select e.bucket, e.event_id, e.recorded_at, e.account_id, e.audience_id, e.contact_id, e.kind, e.match_key,
         e.occurred_at, e.syncing, e.payload, e.cause_flow, e.cause_run, e.cause_step, e.depth, q.place, q.lane, a.zone,
         q.crowded
  from picked q
  cross join lateral (
    select * from event e
    where e.bucket = q.bucket and e.bucket = any(%(slot)s) and e.event_id = q.event_id
      and e.recorded_at = q.recorded_at and e.recorded_at >= %(oldest)s limit 1) e
  cross join lateral (select a.zone from account a where a.account_id = e.account_id limit 1) a),

fact as materialized (
  select f.*, null::bigint as first_told from found f where not f.crowded
  union all
  -- Where the contact's first event stands that moves runs whatever anybody listens to (see told).
  select f.*, min(f.place) filter (where f.kind in ('contact.archived', 'contact.erased', 'flow.stop_requested',
                                                    'message.sent', 'message.skipped', 'message.failed',
                                                    'webhook.answered'))
                over (partition by f.bucket, f.contact_id)
  from found f where f.crowded),

-- What somebody listens to.
listened as not materialized (
  select f.*, s.subscription_id, s.flow_id, s.version_id, s.purpose, s.trigger_id, s.step_id, s.position, s.predicate,
         s.guard, s.guard_code, s.filter, s.exit_test, s.key_paths, s.occurrence, s.by_hand, s.who, s.armed_at,
         s.subject_word, s.subject_path
  from fact f
  cross join lateral (
    select * from subscription s
    where s.audience_id = f.audience_id and s.event_kind = f.kind and s.match_key = any(array[f.match_key, '']) offset 0) s),

in_order as materialized (
  select l.*, min(l.place) over contacts as first_place,
         min(l.place) filter (where l.purpose not in ('enter', 'late')) over contacts as first_inside
  from listened l where l.crowded
  window contacts as (partition by l.bucket, coalesce(l.contact_id, l.event_id))),

-- A contact's events are judged in order. Those that may only enter find each other's entries below; one that concerns
-- runs needs the state that the one before it has left, and waits for the next batch.
heard as materialized (
  select l.*, null::bigint as first_place, null::bigint as first_inside from listened l where not l.crowded
  union all
  select l.* from in_order l
  where (l.place = l.first_place or l.place < coalesce(l.first_inside, l.place + 1))
    and l.place <= coalesce(l.first_told, l.place)),

later as materialized (
  select l.place from in_order l
  where l.place <> l.first_place and l.place >= l.first_inside or l.place > l.first_told
  union
  select f.place from fact f
  join (select l.bucket, l.contact_id, min(l.place) as place from in_order l group by 1, 2) l
    on l.bucket = f.bucket and l.contact_id = f.contact_id and l.place < f.place
  where f.place >= f.first_told),

settled as (
  delete from inbox i
  where i.bucket = any(%(slot)s)
    and i.ctid = any(array(select p.row from picked p where p.place not in (select place from later)))
  returning 1),

-- Whose membership of which segments is to be looked at again: another loop's work.
touched as (
  insert into segment_touch (bucket, contact_id, segment_id, event_id, recorded_at, quiet, syncing, cause_flow,
                             cause_run, cause_step, depth)
  select f.bucket, f.contact_id, l.segment_id, f.event_id, f.recorded_at,
         f.kind in ('contact.archived', 'contact.restored'), f.syncing, f.cause_flow, f.cause_run, f.cause_step, f.depth
  from fact f
  cross join lateral (
    select l.segment_id from segment_listener l
    where l.audience_id = f.audience_id and l.event_kind = f.kind and l.match_key = any(array[f.match_key, ''])
    offset 0) l
  where f.contact_id is not null and f.place not in (select place from later)
  on conflict do nothing
  returning 1),

-- With their flows, those who are concerned. Of many flows that hear an event most look for another value: they are
-- passed over before anything is looked up (E27), the contact only where the settings ask about it.
apt as materialized (
  select h.*, case when w.state = 'broken' then coalesce(w.state_before, 'live') else w.state end as flow_state,
         w.settings, w.holdout_since, w.broken_points
  from (
    select h.*
    from heard h
    left join lateral (
      select k.* from condition k where k.condition_id = h.predicate and h.purpose = 'enter' limit 1) k on true
    left join lateral (
      select c.* from contact c
      where c.bucket = h.bucket and c.bucket = any(%(slot)s) and c.contact_id = h.contact_id and {asks_contact}
      limit 1) c on true
    cross join lateral (select h.bucket, h.contact_id, %(now)s::timestamptz as now, h.zone,
                               event_context(h.kind, h.match_key, h.payload, h.occurred_at) as context, h.payload,
                               null::timestamptz as entered_at, null::timestamptz as arrived_at) as x
    where h.purpose <> 'late' and case when k.condition_id is null then true else {yes} end
    offset 0) h
  cross join lateral (select w.* from flow w where w.flow_id = h.flow_id limit 1) w),

-- ── Entering ────────────────────────────────────────────────────────────────────────────────────────────────────────
candidate as materialized (
  select h.bucket, h.contact_id, h.event_id, h.recorded_at, h.account_id, h.audience_id, h.flow_id, h.version_id,
         h.trigger_id, h.step_id, h.subscription_id, h.position, h.place, h.lane, h.depth, h.occurrence, h.by_hand,
         h.key_paths, h.settings, h.holdout_since,
         case when h.key_paths is null then h.event_id::text
              else (select string_agg(h.payload ->> part, ':' order by nth)
                    from unnest(h.key_paths) with ordinality as k(part, nth)) end as entry_key,
         -- Who may have one run at a time has it whatever it is about (G12).
         coalesce(h.subject_word || ':' || coalesce(h.payload #>> h.subject_path, h.event_id::text), '') as subject,
         h.subject_word is null and h.settings ->> 'one_run_per' is distinct from 'occurrence' as whatever,
         coalesce(answer.passes, true) as passes, coalesce(answer.leaves, false) as leaves,
         answer.seen,
         -- What refuses before anything about flow and contact together is looked up (G16).
         case
           when h.flow_state = 'paused' then 'E02'
           when h.flow_state = 'draining' then 'E03'
           when h.trigger_id = any(h.broken_points) and not h.by_hand then 'E04'
           when h.syncing then 'E05'
           when h.occurred_at < h.armed_at and not h.by_hand then 'E06'
           when answer.guarded and h.guard_code = 'E22' then 'E22'
           when h.kind <> 'clock.due' and h.recorded_at - h.occurred_at > interval '7 days' then 'E07'
           when h.cause_flow = h.flow_id or h.depth >= 5 then 'E20'
           when answer.guarded and h.guard_code = 'E08' then 'E08'
           when h.contact_id is null then 'E09'
           when c.contact_id is null then 'E28'
           when c.email_status = 'pending' and c.sms_status is distinct from 'subscribed' then 'E10'
           when c.archived_at is not null then 'E11'
           when h.who = 'sub' and c.email_status is distinct from 'subscribed' then 'E12'
           when answer.guarded then h.guard_code
         end as early
  from apt h
  left join lateral (
    select c.* from contact c
    where c.bucket = h.bucket and c.bucket = any(%(slot)s) and c.contact_id = h.contact_id limit 1) c on true
  left join lateral (
    select bool_or(q.yes) filter (where q.role = 2) as guarded, bool_and(q.yes) filter (where q.role = 3) as passes,
           bool_or(q.yes) filter (where q.role = 4) as leaves,
           jsonb_object_agg(case q.role when 2 then 'guard' when 3 then 'filter' else 'exit' end, q.seen)
             filter (where q.yes is distinct from (q.role = 3)) as seen
    -- Of most triggers nothing more is asked.
    from (
      select role, {yes} as yes, {seen} as seen
      from (values (2, h.guard), (3, h.filter), (4, h.exit_test)) as wanted(role, condition_id)
      cross join lateral (select k.* from condition k where k.condition_id = wanted.condition_id limit 1) k
      cross join lateral (select h.bucket, h.contact_id, %(now)s::timestamptz as now, h.zone,
                               event_context(h.kind, h.match_key, h.payload, h.occurred_at) as context, h.payload,
                                 null::timestamptz as entered_at, null::timestamptz as arrived_at) as x
      where wanted.condition_id is not null and num_nonnulls(h.guard, h.filter, h.exit_test) > 0) q) answer on true
  where h.purpose = 'enter'),

-- The gate, in the order of G16: the first that applies is the only reason given, and nothing behind it is looked up.
gate as materialized (
  select d.*,
    case
      when d.early is not null then d.early
      -- The id of the event is a key that nobody has entered by before.
      when d.key_paths is not null and (
        select true from entry n
        where n.bucket = d.bucket and n.bucket = any(%(slot)s) and n.contact_id = d.contact_id
          and n.flow_id = d.flow_id and n.trigger_id = d.trigger_id and n.entry_key = d.entry_key limit 1) then 'E13'
      when not d.by_hand and (
        select true from block_list b
        where b.bucket = d.bucket and b.bucket = any(%(slot)s) and b.contact_id = d.contact_id
          and b.flow_id = d.flow_id limit 1) then 'E14'
      when not d.by_hand and not d.passes then 'E15'
      when d.leaves then 'E16'
      when (
        select true from run r
        where r.bucket = d.bucket and r.bucket = any(%(slot)s) and r.contact_id = d.contact_id
          and r.flow_id = d.flow_id and (r.subject = d.subject or d.whatever) and r.ended_at is null limit 1) then 'E17'
      when d.by_hand then 'E00'
      when d.occurrence or before.run_id is null then case when side.held or side.drawn then 'E21' else 'E00' end
      when not coalesce((d.settings ->> 're_entry')::boolean, false) then 'E18'
      when %(now)s < coalesce((
        select case when d.settings ->> 're_entry_from' = 'entry' then r.entered_at else r.ended_at end from run r
        where r.bucket = d.bucket and r.bucket = any(%(slot)s) and r.contact_id = d.contact_id
          and r.run_id = before.run_id limit 1), before.entered_at)
                     + make_interval(secs => coalesce((d.settings ->> 're_entry_wait')::int, 300)) then 'E19'
      when side.held or side.drawn then 'E21'
      else 'E00'
    end as code, side.held
  from candidate d
  left join lateral (
    select e.run_id, e.entered_at from entry e
    where e.bucket = d.bucket and e.bucket = any(%(slot)s) and e.contact_id = d.contact_id
      and e.flow_id = d.flow_id and (e.subject = d.subject or d.whatever) and e.forgotten_at is null
      and d.early is null
    order by e.entered_at desc limit 1) before on true
  -- The hold-out: asked of flows that have or had one. Who was judged before keeps their side.
  left join lateral (
    select known.held, not known.held and not known.inside
             and chance('holdout', d.flow_id::text, d.contact_id::text)
                 < 100 * coalesce((d.settings ->> 'holdout')::int, 0) as drawn
    from (
      select exists (select from held_out o
                     where o.bucket = d.bucket and o.bucket = any(%(slot)s) and o.contact_id = d.contact_id
                       and o.flow_id = d.flow_id) as held,
             exists (select from entry e
                     where e.bucket = d.bucket and e.bucket = any(%(slot)s) and e.contact_id = d.contact_id
                       and e.flow_id = d.flow_id) as inside
      where d.holdout_since is not null and d.early is null and not d.by_hand limit 1) known
    limit 1) side on true),

-- Two triggers of one flow that fire together, or two events of one batch: the first enters, the second finds the
-- contact inside (G2), or its key used.
rivals as materialized (
  select g.bucket, g.contact_id, g.flow_id, g.subject from gate g where g.code = 'E00'
  group by g.bucket, g.contact_id, g.flow_id, g.subject having count(*) > 1),

ruled as materialized (
  select g.*, derived_uuid(g.flow_id::text, g.contact_id::text, g.trigger_id::text, g.entry_key, g.event_id::text) as new_run,
         g.code as final
  from gate g
  where g.code <> 'E00' or (g.bucket, g.contact_id, g.flow_id, g.subject) not in (select * from rivals)
  union all
  select g.*, derived_uuid(g.flow_id::text, g.contact_id::text, g.trigger_id::text, g.entry_key, g.event_id::text),
         case when row_number() over entries = 1 then g.code
              when g.trigger_id = first_value(g.trigger_id) over entries
               and g.entry_key = first_value(g.entry_key) over entries then 'E13'
              else 'E17' end
  from gate g
  where g.code = 'E00' and (g.bucket, g.contact_id, g.flow_id, g.subject) in (select * from rivals)
  window entries as (partition by g.bucket, g.contact_id, g.flow_id, g.subject
                     order by g.place, g.position, g.subscription_id)),

-- A key that has entered before was refused above: meeting it here fails the batch.
entering as (
  insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at)
  select r.bucket, r.contact_id, r.flow_id, r.trigger_id, r.entry_key, r.subject, r.new_run, r.recorded_at
  from ruled r where r.final = 'E00'),

unblocked as (
  delete from block_list b using ruled r
  where b.bucket = r.bucket and b.bucket = any(%(slot)s) and b.contact_id = r.contact_id
    and b.flow_id = r.flow_id and r.by_hand and r.final = 'E00'),

-- Inside since the event, not since its judgement: no rule depends on how long that took (section 11).
new_run as (
  insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id,
                   subject, step_id, state, due, entered_at, depth, lane)
  select r.bucket, r.contact_id, r.new_run, r.account_id, r.audience_id, r.flow_id, r.version_id, r.trigger_id,
         r.event_id, r.subject, r.step_id, 'arriving', %(now)s, r.recorded_at, r.depth, r.lane
  from ruled r where r.final = 'E00'),

-- Held out for the first time: from here on their goal is listened for.
newly_held as materialized (
  select distinct on (r.bucket, r.contact_id, r.flow_id) r.bucket, r.contact_id, r.flow_id, r.account_id, r.version_id
  from ruled r where r.final = 'E21' and not r.held
  order by r.bucket, r.contact_id, r.flow_id, r.place),

holding_out as (
  insert into held_out (bucket, contact_id, flow_id, at)
  select n.bucket, n.contact_id, n.flow_id, %(now)s from newly_held n
  on conflict do nothing),

-- ── Inside ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- The runs that an event may concern, locked: one that the advancer has in hand is waited for and read anew, so no
-- event falls between an arrival and its judgement.
concerned as materialized (
  select h.place, h.lane, h.purpose, h.kind, h.match_key, h.predicate, h.payload, h.zone, h.event_id, h.occurred_at,
         h.step_id as heard_at, h.version_id as heard_in, h.settings, h.trigger_id, h.guard_code,
         r.bucket, r.contact_id, r.run_id, r.account_id, r.flow_id, r.version_id, r.step_id, r.state, r.outcome, r.due,
         r.arrived_at, r.entered_at, r.ended_at, r.goal_at, r.audience_id, r.depth, w.since, w.until,
         -- A condition is asked about the present: a change that was under way at the arrival, and read as one from
         -- before it, counts too.
         case h.purpose when 'exit' then h.settings #>> '{exit_condition,condition}' is not null
                        when 'wait' then w.by_condition end as by_condition
  from apt h
  cross join lateral (
    select * from run r
    where r.bucket = h.bucket and r.bucket = any(%(slot)s) and r.contact_id = h.contact_id
      and r.flow_id = h.flow_id and (r.ended_at is null or h.purpose = 'goal')
    offset 0 for update) r
  -- An event must come after the arrival, or lie in the look-back although it is told late; or have been caused by another
  -- run, moved by the very batch of the arrival. And until the limit: who was woken before it to look again, is held or
  -- waits for a turn has not moved on yet (6.1).
  left join lateral (
    select s.args ->> 'condition' is not null as by_condition,
           case when h.cause_run <> r.run_id then r.arrived_at - interval '1 microsecond'
                else r.arrived_at - make_interval(days => coalesce((s.args ->> 'look_back')::int, 0)) end as since,
           greatest(coalesce(r.arrived_at + make_interval(secs => (s.args ->> 'up_to')::float), 'infinity'),
                    case r.state when 'waiting' then r.due end) as until
    from step s
    where s.version_id = h.version_id and s.step_id = h.step_id limit 1) w on h.purpose = 'wait'
  where h.purpose in ('wait', 'exit', 'goal')),

-- Of people who are held out the goal is listened for, too.
measured as materialized (
  select h.place, h.lane, h.purpose, h.kind, h.match_key, h.predicate, h.payload, h.zone, h.event_id, h.occurred_at,
         h.step_id as heard_at, h.version_id as heard_in, h.settings, h.trigger_id, h.guard_code,
         o.bucket, o.contact_id, null::uuid as run_id, h.account_id, h.flow_id, h.version_id, h.step_id,
         'held_out' as state, null as outcome, null::timestamptz as due, o.at as arrived_at, o.at as entered_at,
         null::timestamptz as ended_at, o.goal_at, h.audience_id, h.depth, null::timestamptz as since,
         null::timestamptz as until, false as by_condition
  from apt h
  cross join lateral (
    select * from held_out o
    where o.bucket = h.bucket and o.bucket = any(%(slot)s) and o.contact_id = h.contact_id and o.flow_id = h.flow_id
      and o.goal_at is null limit 1) o
  where h.purpose = 'goal' and h.holdout_since is not null),

answered as materialized (
  select t.*, coalesce(answer.yes, true) as yes, answer.seen
  from (select * from concerned union all select * from measured) t
  left join lateral (
    select c.* from contact c
    where c.bucket = t.bucket and c.bucket = any(%(slot)s) and c.contact_id = t.contact_id limit 1) c on true
  left join lateral (
    select {yes} as yes, {seen} as seen
    from (select k.* from condition k where k.condition_id = t.predicate limit 1) k
    cross join lateral (select t.bucket, t.contact_id, %(now)s::timestamptz as now, t.zone,
                               event_context(t.kind, t.match_key, t.payload, t.occurred_at) as context, t.payload,
                               t.entered_at, t.arrived_at) as x) answer on t.predicate is not null
  where case t.purpose
          -- Who finishes an older version waits for what that one says, as long as it is kept.
          when 'wait' then t.state in ('waiting', 'held', 'skipping', 'ending', 'queued', 'queued skipping', 'queued ending')
                           and t.outcome is null and t.arrived_at is not null and t.step_id = t.heard_at
                           and (t.heard_in = t.version_id or not exists (
                             select from subscription s
                             where s.flow_id = t.flow_id and s.purpose = 'wait' and s.step_id = t.step_id
                               and s.version_id = t.version_id))
                           and (t.by_condition or t.occurred_at > t.since) and t.occurred_at <= t.until
          when 'exit' then (t.heard_at is null or t.step_id = t.heard_at)
                           and (t.by_condition or t.occurred_at > t.entered_at)
          else t.goal_at is null and t.occurred_at > t.entered_at and t.occurred_at <= t.entered_at
               + make_interval(days => coalesce((t.settings #>> '{goal,within}')::int, 30)) end),

-- What happens to runs whatever anybody listens to: the contact is gone, a message has left or will not. An event that
-- waits its turn is told with its turn, once. The kinds named here are declared to move runs (EventKind.moves_runs).
told as materialized (
  select f.place, f.lane, f.kind, f.event_id, f.payload, f.occurred_at, r.bucket, r.contact_id, r.run_id, r.account_id,
         r.audience_id, r.flow_id, r.version_id, r.depth, r.entered_at,
         case when f.kind like 'message.%%' or f.kind = 'webhook.answered' then (f.payload ->> 'step_id')::bigint
              else r.step_id end as step_id,
         case f.kind when 'message.sent' then 'S00'
                     when 'webhook.answered' then case when (f.payload ->> 'ok')::boolean then 'B09' else 'B10' end
                     else f.payload ->> 'code' end as send_code,
         coalesce(f.payload ->> 'code', 'X16') as stop_code,
         r.ended_at is null and (f.kind not like 'message.%%' and f.kind <> 'webhook.answered'
           or r.state = 'sending' and r.step_id = (f.payload ->> 'step_id')::bigint) as acts
  from fact f
  cross join lateral (
    select * from run r
    where r.bucket = f.bucket and r.bucket = any(%(slot)s) and r.contact_id = f.contact_id
      and (f.kind in ('contact.archived', 'contact.erased') and r.ended_at is null
        or f.kind = 'flow.stop_requested' and r.ended_at is null and r.entered_at <= f.occurred_at
           and case when f.payload ->> 'flow_id' is null then r.flow_id <> f.cause_flow
                    else r.flow_id = (f.payload ->> 'flow_id')::bigint end
        or f.kind in ('message.sent', 'message.skipped', 'message.failed', 'webhook.answered')
           and r.run_id = (f.payload ->> 'run_id')::uuid)
    offset 0 for update) r
  where f.place not in (select place from later)
    and f.kind in ('contact.archived', 'contact.erased', 'flow.stop_requested', 'message.sent', 'message.skipped',
                   'message.failed', 'webhook.answered')),

-- Order of tests when several apply at one instant (spec 5.6): erased, archived, stopped, goal, exit, then
-- releases.
change as materialized (
  select distinct on (bucket, contact_id, run_id) *,
         bool_or(goal) over (partition by bucket, contact_id, run_id) as goal_now
  from (
    select bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, step_id, depth, entered_at,
           lane, place, event_id,
           case kind when 'contact.erased' then 1 when 'contact.archived' then 2 when 'flow.stop_requested' then 3
                     else 7 end as rank,
           case kind when 'contact.erased' then 'X11' when 'contact.archived' then 'X10'
                     when 'flow.stop_requested' then stop_code end as end_code,
           case when kind like 'message.%%' then 'next'
                when kind = 'webhook.answered' then case when send_code = 'B09' then 'ok' else 'failed' end end as outcome,
           null as code, false as goal, null::jsonb as seen,
           case when kind = 'webhook.answered' then jsonb_build_object('webhook', payload -> 'mapped') end as adds
    from told where acts
    union all
    select bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, step_id, depth, entered_at,
           lane, place, event_id,
           case purpose when 'goal' then 4 when 'exit' then 5 else 6 end,
           case when ended_at is not null then null
                when purpose = 'exit' then coalesce(guard_code, 'X01')
                when purpose = 'goal' and coalesce((settings ->> 'exit_on_goal')::boolean, true) then 'X02' end,
           case when purpose = 'wait' then 'met' end,
           case when purpose = 'wait' then 'B04' end,
           purpose = 'goal', seen, case when purpose = 'wait' then event_context(kind, match_key, payload, occurred_at) end
    from answered where yes and run_id is not null) all_changes
  order by bucket, contact_id, run_id, (end_code is null), (outcome is null), rank, place),

-- Who is held, or comes out of a pause, or waits for a turn (W11), goes on by what was heard when they are let go.
changed as (
  update run r set
    state = case when k.end_code is not null then 'ended'
                 when k.outcome is not null and r.state in ('waiting', 'sending') then 'leaving' else r.state end,
    outcome = case when k.end_code is not null then null else coalesce(k.outcome, r.outcome) end,
    due = case when k.end_code is not null then null
               when k.outcome is not null and r.state in ('waiting', 'sending') then %(now)s else r.due end,
    ended_at = case when k.end_code is not null then %(now)s else r.ended_at end,
    end_code = coalesce(k.end_code, r.end_code),
    lane = case when k.end_code is null and k.outcome is not null then k.lane else r.lane end,
    goal_at = case when k.goal_now then coalesce(r.goal_at, %(now)s) else r.goal_at end,
    context = case when k.adds is null then r.context
                   when k.adds ? 'webhook' then r.context || jsonb_build_object('webhook',
                     coalesce(r.context -> 'webhook', '{}') || (k.adds -> 'webhook'))
                   else r.context || k.adds || jsonb_build_object('event', coalesce(r.context -> 'event', '{}') || (k.adds -> 'event')) end
  from change k
  where r.bucket = k.bucket and r.bucket = any(%(slot)s) and r.contact_id = k.contact_id
    and r.run_id = k.run_id),

-- ── The trail, the figures, the facts ───────────────────────────────────────────────────────────────────────────────
noted as materialized (
  select bucket, contact_id, account_id, flow_id, version_id, trigger_id, null::bigint as step_id,
         case when final = 'E00' then new_run end as run_id, event_id, final as code, place,
         case when key_paths is null then seen
              else coalesce(seen, '{}') || jsonb_build_object('key', entry_key) end as seen, 1 as part, position
  from ruled where contact_id is not null
  union all
  select bucket, contact_id, account_id, flow_id, version_id, null, step_id, run_id, event_id,
         coalesce(end_code, code), place, seen, 3, 0
  from change where end_code is not null or code is not null
  union all
  -- What became of a message or a call is a decision of its step, whatever has become of the run.
  select bucket, contact_id, account_id, flow_id, version_id, null, step_id, run_id, event_id, send_code, place,
         case when kind = 'webhook.answered' then payload - '{run_id,step_id,ok,mapped}'::text[]
              when kind = 'message.skipped' then nullif(payload -> 'seen', 'null') end, 2, 0
  from told where kind like 'message.%%' or kind = 'webhook.answered'),

-- In the order in which they were taken: what the second trigger was told comes after what the first one did.
written as (
  insert into trail (bucket, contact_id, trail_id, at, account_id, flow_id, version_id, trigger_id, run_id, event_id,
                     codes, steps, seen)
  select n.bucket, n.contact_id,
         placed_uuid(%(base)s, row_number() over (order by n.place, n.part, n.position, n.trigger_id)), %(now)s,
         n.account_id, n.flow_id, n.version_id, n.trigger_id, n.run_id, n.event_id, array[n.code],
         case when n.step_id is not null then array[n.step_id] end,
         case when n.seen is not null then jsonb_build_array(n.seen) end
  from noted n),

figures as (
  insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n)
  select min(n.bucket), ordered_uuid(%(base)s, concat_ws(':', n.flow_id, n.version_id, n.trigger_id, n.step_id, n.code)),
         n.account_id, n.flow_id, n.version_id, coalesce(n.trigger_id, 0), coalesce(n.step_id, 0),
         (%(now)s at time zone a.zone)::date, n.code, count(*)
  from noted n join account a on a.account_id = n.account_id
  group by n.account_id, n.flow_id, n.version_id, n.trigger_id, n.step_id, a.zone, n.code),

-- A conversion is counted by its own day, and by that of the entry: rates are of people whose time is over. Of those who
-- are held out, by the day on which that was decided.
reached as materialized (
  select distinct on (t.bucket, t.contact_id, t.flow_id) t.bucket, t.contact_id, t.flow_id, t.account_id, t.version_id,
         t.entered_at as at
  from answered t where t.yes and t.run_id is null),

reached_out as (
  update held_out o set goal_at = %(now)s
  from reached t
  where o.bucket = t.bucket and o.bucket = any(%(slot)s) and o.contact_id = t.contact_id and o.flow_id = t.flow_id),

goals as (
  select k.bucket, k.account_id, k.flow_id, k.version_id, 'goal' as code, %(now)s::timestamptz as at
  from change k where k.goal_now
  union all
  select k.bucket, k.account_id, k.flow_id, k.version_id, 'converted', k.entered_at from change k where k.goal_now
  union all
  select t.bucket, t.account_id, t.flow_id, t.version_id, 'held_converted', t.at from reached t
  union all
  select n.bucket, n.account_id, n.flow_id, n.version_id, 'held', %(now)s from newly_held n),

goal_figures as (
  insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, day, code, n)
  select min(g.bucket),
         ordered_uuid(%(base)s, concat_ws(':', g.code, g.flow_id, g.version_id, (g.at at time zone a.zone)::date)),
         g.account_id, g.flow_id, g.version_id, (g.at at time zone a.zone)::date, g.code, count(*)
  from goals g join account a on a.account_id = g.account_id
  group by g.account_id, g.flow_id, g.version_id, g.code, (g.at at time zone a.zone)::date),

-- Conditions ask about entries into few flows (docs/decisions/0025): looked up once a flow, not once a run.
entries_heard as materialized (
  select f.flow_id from (select distinct r.flow_id, r.audience_id from ruled r where r.final = 'E00') f
  cross join lateral (
    select true from listened_to h
    where h.audience_id = f.audience_id and h.event_kind = 'run.entered' and h.match_key = any(array[f.flow_id::text, ''])
    limit 1) h),

new_fact as materialized (
  select k.bucket, ordered_uuid(%(base)s, 'ended:' || k.run_id) as event_id, k.account_id, k.audience_id, k.contact_id,
         'run.ended' as kind, k.flow_id::text as match_key, k.flow_id, k.run_id, k.step_id, k.depth, k.lane,
         jsonb_build_object('flow_id', k.flow_id, 'run_id', k.run_id, 'how', 'exited', 'code', k.end_code) as payload
  from change k where k.end_code is not null
  union all
  select k.bucket, ordered_uuid(%(base)s, 'goal:' || k.run_id), k.account_id, k.audience_id, k.contact_id,
         'run.goal_reached', k.flow_id::text, k.flow_id, k.run_id, k.step_id, k.depth, k.lane,
         jsonb_build_object('flow_id', k.flow_id, 'run_id', k.run_id, 'name', '', 'value', null)
  from change k where k.goal_now
  union all
  select r.bucket, ordered_uuid(%(base)s, 'entered:' || r.new_run), r.account_id, r.audience_id, r.contact_id,
         'run.entered', r.flow_id::text, r.flow_id, r.new_run, r.step_id, r.depth, r.lane,
         jsonb_build_object('flow_id', r.flow_id, 'version_id', r.version_id, 'run_id', r.new_run, 'trigger_id', r.trigger_id,
                            'event_id', r.event_id, 'subject', r.subject)
  from entries_heard h join ruled r on r.flow_id = h.flow_id and r.final = 'E00'),

new_event as (
  insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at,
                     source, payload, cause_flow, cause_run, cause_step, depth)
  select n.bucket, n.event_id, %(now)s, n.account_id, n.audience_id, n.contact_id, n.kind, n.match_key, %(now)s,
         'system', n.payload, n.flow_id, n.run_id, n.step_id, n.depth + 1
  from new_fact n),

new_inbox as (
  insert into inbox (bucket, event_id, recorded_at, lane, account_id, contact_id)
  select n.bucket, n.event_id, %(now)s, n.lane, n.account_id, n.contact_id from new_fact n
  where exists (select from listened_to h where h.audience_id = n.audience_id and h.event_kind = n.kind
                                      and h.match_key = any(array[n.match_key, ''])))

-- What is left for the caller: how much was done, whether an event waits for the next batch, and people whose date may
-- have passed when it was written (D3).
select null::bigint as trigger_id, null::uuid as contact_id, null::timestamptz as changed_at,
       (select count(*) from settled) as judged,
       exists (select from later) as more,
       exists (select from touched) as touches
union all
select distinct h.trigger_id, h.contact_id, h.recorded_at, 0, false, false
from heard h where h.purpose = 'late'
