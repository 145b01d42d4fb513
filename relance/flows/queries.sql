-- name: flow_by_name
-- Names are unique among flows that are not archived; of archived ones the last.
select flow_id, account_id, audience_id, name, state, draft, draft_rev, version_id, settings, created_at, changed_at,
       first_live_at, paused_at, state_before, problems, broken_points, paused_steps
from flow where account_id = %(account_id)s and folded = %(folded)s
order by (state = 'archived'), changed_at desc limit 1

-- name: flow_by_id
-- Of one account: an id of somebody else's flow finds nothing.
select flow_id, account_id, audience_id, name, state, draft, draft_rev, version_id, settings, created_at, changed_at,
       first_live_at, paused_at, state_before, problems, broken_points, paused_steps
from flow where account_id = %(account_id)s and flow_id = %(flow_id)s

-- name: lock_flow_by_name
-- Two saves of one flow come one after the other.
select flow_id, account_id, audience_id, name, state, draft, draft_rev, version_id, settings, created_at, changed_at,
       first_live_at, paused_at, state_before, problems, broken_points, paused_steps
from flow where account_id = %(account_id)s and folded = %(folded)s and state <> 'archived' for no key update

-- name: flows_of_account
-- Small: a thousand flows per audience at most (spec section 12).
select f.flow_id, f.audience_id, a.name as audience, f.name, f.state, f.draft is not null as has_draft, f.version_id,
       (select v.number from flow_version v where v.version_id = f.version_id) as version, f.created_at, f.changed_at,
       f.first_live_at, coalesce(f.draft, v.definition) #>> '{settings,objective}' as objective
from flow f join audience a on a.audience_id = f.audience_id
left join flow_version v on v.version_id = f.version_id
where f.account_id = %(account_id)s and (%(archived)s or f.state <> 'archived')
order by case when %(by_objective)s then fold(coalesce(f.draft, v.definition) #>> '{settings,objective}') end nulls last,
         f.folded, f.created_at

-- name: names_of_flows
-- For suggestions when a name is not there.
select name from flow where account_id = %(account_id)s and state <> 'archived'

-- name: definition_of_version
-- Definitions of versions never change.
select definition from flow_version where version_id = %(version_id)s

-- name: insert_flow
-- A name that is taken inserts nothing: the caller counts.
insert into flow (flow_id, account_id, audience_id, name, folded, state, draft, draft_rev, created_at, changed_at)
values (%(flow_id)s, %(account_id)s, %(audience_id)s, %(name)s, %(folded)s, 'draft', %(draft)s, 1, %(now)s, %(now)s)
on conflict do nothing

-- name: save_draft
-- draft_rev tells a file that was written from the draft that it is stale (apply.py).
update flow set draft = %(draft)s, draft_rev = draft_rev + 1, name = %(name)s, changed_at = %(now)s
where flow_id = %(flow_id)s

-- name: messages_of_audience
-- Flow emails and campaigns alike: an email setting takes any of them (M1).
select message_id, name, flow_id from message
where audience_id = %(audience_id)s and channel = 'email' and deleted_at is null

-- name: links_of_audience
-- The links that those messages have or had.
select l.message_id, l.link_id, l.url from message_link l join message m using (message_id)
where m.audience_id = %(audience_id)s and m.deleted_at is null

-- name: flows_of_audience
-- Those that a setting may name: archived ones never come back.
select flow_id, name from flow where audience_id = %(audience_id)s and state <> 'archived'

-- name: flows_elsewhere
-- Of the account's other audiences: no contact is in two.
select f.name from flow f join audience a on a.account_id = f.account_id
where a.audience_id = %(audience_id)s and f.audience_id <> a.audience_id and f.state <> 'archived'

-- name: starts_of_audience
-- Which flow starts which, as published: for circles (V21).
select f.flow_id, (s.args ->> 'flow')::bigint as started
from flow f join step s on s.version_id = f.version_id
where f.audience_id = %(audience_id)s and f.state <> 'archived' and s.kind = 'start_flow'

-- name: insert_message
-- Version 0 has no content yet: publication writes version 1.
insert into message (message_id, account_id, audience_id, flow_id, name, folded, version, created_at)
values (%(message_id)s, %(account_id)s, %(audience_id)s, %(flow_id)s, %(name)s, %(folded)s, 0, %(now)s)
on conflict do nothing

-- name: people_around
-- Whom a flow of the audience may tell: everybody of its account.
select p.person_id, p.email
from audience u join membership m on m.account_id = u.account_id join person p on p.person_id = m.person_id
where u.audience_id = %(audience_id)s
order by p.email_folded
