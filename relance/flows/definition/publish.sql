-- name: next_number
-- The flow's row is locked by the caller, so two publications cannot take one number.
select coalesce(max(number), 0) + 1 from flow_version where flow_id = %(flow_id)s

-- name: insert_version
-- A version never changes afterwards: it stays readable, comparable and restorable.
insert into flow_version (version_id, flow_id, number, definition, published_at, moves_people, placed)
values (%(version_id)s, %(flow_id)s, %(number)s, %(definition)s, %(now)s, %(moves_people)s, %(placed)s)

-- name: insert_step
-- Steps as rows: the advancer reads settings, it knows no flow.
insert into step (version_id, step_id, position, kind, label, args, outcomes)
values (%(version_id)s, %(step_id)s, %(position)s, %(kind)s, %(label)s, %(args)s, %(outcomes)s)

-- name: triggers_of
-- Those of the version published before.
select trigger_id, kind, settings, armed_at from flow_trigger where flow_id = %(flow_id)s and removed_at is null

-- name: put_trigger
-- A trigger that was removed and comes back with its id starts anew.
insert into flow_trigger (trigger_id, flow_id, kind, position, settings, filter, armed_at)
values (%(trigger_id)s, %(flow_id)s, %(kind)s, %(position)s, %(settings)s, %(filter)s, %(armed_at)s)
on conflict (trigger_id) do update set kind = excluded.kind, position = excluded.position, settings = excluded.settings,
  filter = excluded.filter, armed_at = excluded.armed_at, removed_at = null

-- name: remove_triggers
-- Marked, not deleted: decisions name them.
update flow_trigger set removed_at = %(now)s where trigger_id = any(%(ids)s::bigint[])

-- name: delete_subscriptions
-- Rebuilt whole with each publication; the dispatcher sees the old set or the new one, never a mixture. What people wait
-- for stays when they finish the version they are in: `keep`.
delete from subscription
where flow_id = %(flow_id)s
  and not (%(keep)s and (purpose = 'wait' or purpose = 'late' and exists (
    select from step s where s.version_id = subscription.version_id and s.step_id = subscription.trigger_id)))

-- name: insert_subscription
-- armed_at of an entry is its trigger's, so that publishing an unchanged trigger does not re-arm it.
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id,
                          position, event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths,
                          occurrence, by_hand, who, subject_word, subject_path, armed_at)
values (%(subscription_id)s, %(account_id)s, %(audience_id)s, %(flow_id)s, %(version_id)s, %(purpose)s, %(trigger_id)s,
        %(step_id)s, %(position)s, %(event_kind)s, %(match_key)s, %(predicate)s, %(guard)s, %(guard_code)s, %(filter)s,
        %(exit_test)s, %(key_paths)s, %(occurrence)s, %(by_hand)s, %(who)s, %(subject_word)s, %(subject_path)s,
        coalesce((select t.armed_at from flow_trigger t where t.trigger_id = %(trigger_id)s), %(armed_at)s))

-- name: set_version
-- From here on runs that move go on in this version. A step that is gone is paused no longer, unless people finish a
-- version that has it.
update flow set version_id = %(version_id)s, settings = %(settings)s, draft = null, changed_at = %(now)s,
  timed_exit = %(timed_exit)s,
  paused_steps = array(
    select p.step_id from unnest(paused_steps) with ordinality as p(step_id, nth)
    where not %(moves_people)s or exists (
      select from step s where s.version_id = %(version_id)s and s.step_id = p.step_id)
    order by p.nth),
  holdout_since = case when %(settings)s::jsonb ? 'holdout' then coalesce(holdout_since, %(now)s) else holdout_since end
where flow_id = %(flow_id)s

-- name: names_for_analytics
-- Where a visitor comes from, and by which campaign unless it has a name of its own.
select u.name as audience, f.name as flow from flow f join audience u on u.audience_id = f.audience_id
where f.flow_id = %(flow_id)s

-- name: language_of
-- Of the footer of marketing emails.
select language from audience where audience_id = %(audience_id)s
