-- name: find_contact
-- By the bucket that the id carries; the account's own only.
select c.contact_id, c.audience_id, u.name as audience, c.email, c.email_status, c.email_out_by, c.sms_number,
       c.sms_status, c.fields, c.language, c.zone, c.country, c.vip, c.source, c.signed_up_at, c.opted_in_at,
       c.joined_at, c.changed_at, c.archived_at
from contact c join audience u on u.audience_id = c.audience_id
where c.bucket = %(bucket)s and c.contact_id = %(contact_id)s and c.account_id = %(account_id)s

-- name: tags_of_contact
-- Alphabetically.
select t.tag_id, t.name, ct.added_at
from contact_tag ct join tag t on t.tag_id = ct.tag_id
where ct.bucket = %(bucket)s and ct.contact_id = %(contact_id)s
order by t.folded

-- name: groups_of_contact
-- By category.
select g.name, k.title as category
from contact_group cg
join audience_group g on g.group_id = cg.group_id
join group_category k on k.category_id = g.category_id
where cg.bucket = %(bucket)s and cg.contact_id = %(contact_id)s
order by k.position, g.position, g.name

-- name: consent_of_contact
-- The last record of each channel: the proof of its status.
select distinct on (r.channel) r.channel, r.new, r.at, r.by, r.source
from consent_record r
where r.bucket = %(bucket)s and r.contact_id = %(contact_id)s
order by r.channel, r.at desc, r.consent_id desc

-- name: runs_of_contact
-- Newest first. A step's name comes from the version that the run is in.
select r.run_id, r.flow_id, f.name as flow, r.state, r.step_id, s.kind, s.label,
       r.entered_at, r.ended_at, r.end_code, r.due
from run r
join flow f on f.flow_id = r.flow_id
left join step s on s.version_id = r.version_id and s.step_id = r.step_id
where r.bucket = %(bucket)s and r.contact_id = %(contact_id)s
order by r.entered_at desc, r.run_id
limit 50

-- name: flows_of_contact
-- Everything that ever decided about the contact, for "why not": flows with a decision, with or without a run.
select d.flow_id, f.name, f.state, max(d.at) as last_at, count(*) as n
from decision d join flow f on f.flow_id = d.flow_id
where d.bucket = %(bucket)s and d.contact_id = %(contact_id)s
group by d.flow_id, f.name, f.state
order by max(d.at) desc
limit 50

-- name: other_flows
-- For "why not in another flow?".
select flow_id, name from flow
where account_id = %(account_id)s and audience_id = %(audience_id)s and state <> 'archived'
order by folded
limit 500

-- name: events_of_contact
-- Newest first, from a point on: the ledger, without the technical events of the clock, and the entries into flows.
select e.event_id, e.kind, e.match_key, e.occurred_at, e.recorded_at, e.source, e.payload, e.cause_flow,
       e.cause_step, f.name as flow
from (
  select event_id, kind, match_key, occurred_at, recorded_at, source, payload, cause_flow, cause_step from event e
  where e.bucket = %(bucket)s and e.contact_id = %(contact_id)s and e.kind not in ('clock.due', 'run.entered')
  union all
  select n.run_id, 'run.entered', n.flow_id::text, n.entered_at, n.entered_at, 'system',
         jsonb_build_object('flow_id', n.flow_id), null, null
  from entry n where n.bucket = %(bucket)s and n.contact_id = %(contact_id)s) e
left join flow f on f.flow_id = e.cause_flow
where %(before)s::timestamptz is null or (e.recorded_at, e.event_id) < (%(before)s, %(before_id)s::uuid)
order by e.recorded_at desc, e.event_id desc
limit %(limit)s

-- name: flow_names
-- Flows that events tell of.
select flow_id, name from flow where flow_id = any(%(flows)s)
