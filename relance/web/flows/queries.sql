-- name: flows_of_account
-- The list. Name search is on the folded form; a flow's triggers come from its published version, else its draft.
select f.flow_id, f.name, f.state, f.changed_at, f.first_live_at, f.draft is not null as has_draft, f.version_id,
       f.audience_id, u.name as audience, coalesce(v.definition -> 'triggers', f.draft -> 'triggers', '[]') as triggers
from flow f
join audience u using (audience_id)
left join flow_version v on v.version_id = f.version_id
where f.account_id = %(account_id)s and f.state = any(%(states)s) and position(%(wanted)s in f.folded) > 0
order by f.changed_at desc, f.flow_id
limit %(limit)s

-- name: states_of_account
-- The numbers on the tabs.
select state, count(*) as n from flow where account_id = %(account_id)s group by state

-- name: find_flow
-- The account's own only.
select f.flow_id, f.name, f.state, f.audience_id, u.name as audience, f.draft, f.version_id, f.changed_at, f.paused_at,
       f.first_live_at, f.problems, f.paused_steps, v.number, v.definition, v.published_at
from flow f
join audience u using (audience_id)
left join flow_version v on v.version_id = f.version_id
where f.flow_id = %(flow_id)s and f.account_id = %(account_id)s

-- name: names_of_audience
-- What ids in settings and conditions are called.
select 'tag' as kind, tag_id as id, name from tag where audience_id = %(audience_id)s
union all select 'field', field_id, name from field where audience_id = %(audience_id)s
union all select 'group', group_id, name from audience_group where audience_id = %(audience_id)s
union all select 'segment', segment_id, name from segment where audience_id = %(audience_id)s
union all select 'message', message_id, name from message where audience_id = %(audience_id)s
union all select 'flow', flow_id, name from flow where audience_id = %(audience_id)s
union all select 'link', l.link_id, l.url from message_link l join message m using (message_id) where m.audience_id = %(audience_id)s

-- name: steps_ever
-- A step that the present version has no more: what it was, as last published.
select s.step_id, s.kind, s.label, v.number
from step s join flow_version v using (version_id)
where s.step_id = %(step_id)s and v.flow_id = %(flow_id)s
order by v.number desc
limit 1
