-- name: insert_audience
-- Deleted ones stay as rows, so that the ledger's ids keep a meaning.
insert into audience (audience_id, account_id, name, sender, language, double_opt_in, created_at, changed_at)
values (%(audience_id)s, %(account_id)s, %(name)s, %(sender)s, %(language)s, %(double_opt_in)s, %(now)s, %(now)s)

-- name: list_audiences
-- The account comes from the key or session, never from the request.
select audience_id, account_id, name, sender, language, double_opt_in, created_at, changed_at
from audience where account_id = %(account_id)s and deleted_at is null order by created_at, audience_id

-- name: find_audience
-- Another account's audience is not found.
select audience_id, account_id, name, sender, language, double_opt_in, created_at, changed_at
from audience where account_id = %(account_id)s and audience_id = %(audience_id)s and deleted_at is null

-- name: find_audiences_by_name
-- Names are compared folded; nothing keeps two audiences from having one name, so the older is the answer.
select audience_id, account_id, name, sender, language, double_opt_in, created_at, changed_at
from audience where account_id = %(account_id)s and fold(name) = %(folded)s and deleted_at is null
order by created_at, audience_id limit 1

-- name: update_audience
-- Everything that may change, at once.
update audience set name = %(name)s, sender = %(sender)s, language = %(language)s, double_opt_in = %(double_opt_in)s,
                    changed_at = %(changed_at)s
where audience_id = %(audience_id)s

-- name: delete_audience
-- Out of sight at once; contacts are removed by whoever erases them.
update audience set deleted_at = %(now)s, changed_at = %(now)s where audience_id = %(audience_id)s
