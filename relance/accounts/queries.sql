-- name: add_account
-- An account, as the first thing of all.
insert into account (account_id, name, zone, language, spread, settings, created_at)
values (%(account_id)s, %(name)s, %(zone)s, %(language)s, %(spread)s, %(settings)s, %(now)s)

-- name: get_account
-- The caller has found the id on its own key, session or command line.
select account_id, name, zone, language, spread, settings, created_at from account where account_id = %(account_id)s

-- name: all_accounts
-- For the command line: an installation has few.
select account_id, name, zone, language, spread, settings, created_at from account order by created_at, account_id

-- name: change_account
-- One of the three; the others stay.
update account set name = coalesce(%(name)s, name), zone = coalesce(%(zone)s, zone), language = coalesce(%(language)s, language)
where account_id = %(account_id)s

-- name: put_setting
-- Beside the others, which may be changed at the same moment.
update account set settings = settings || %(setting)s::jsonb where account_id = %(account_id)s

-- name: remove_setting
-- What is usual holds again.
update account set settings = settings - %(key)s::text where account_id = %(account_id)s

-- name: add_person
-- One person, one address, whatever the spelling; nothing comes back when somebody else was first.
insert into person (person_id, email, email_folded, name, password_hash, language, created_at)
values (%(person_id)s, %(email)s, %(folded)s, %(name)s, null, %(language)s, %(now)s)
on conflict (email_folded) do nothing
returning person_id

-- name: person_by_email
-- The folded address is unique.
select person_id, email, name, language, password_hash from person where email_folded = %(folded)s

-- name: set_language
-- In which the pages and our letters speak to them.
update person set language = %(language)s where person_id = %(person_id)s

-- name: set_first_language
-- Until a person has signed in, theirs is the account's, which nobody chose for them.
update person p set language = %(language)s
where p.person_id = %(person_id)s
  and not exists (select from web_session s where s.person_id = p.person_id)
  and exists (select from account a where a.account_id = %(account_id)s and a.language = p.language)

-- name: set_password_hash
-- Also used when the parameters of the hash are out of date.
update person set password_hash = %(password_hash)s where person_id = %(person_id)s

-- name: put_membership
-- Joining again changes the role.
insert into membership (account_id, person_id, role) values (%(account_id)s, %(person_id)s, %(role)s)
on conflict (account_id, person_id) do update set role = excluded.role

-- name: remove_membership
-- Sessions and keys of theirs end with it: their look-ups join it.
delete from membership where account_id = %(account_id)s and person_id = %(person_id)s

-- name: lock_owners
-- For update: of two owners who leave at one moment the second finds the first one gone.
select person_id from membership where account_id = %(account_id)s and role = 'owner' order by person_id for update

-- name: set_address
-- Where they sign in and are written to.
update person set email = %(email)s, email_folded = %(folded)s where person_id = %(person_id)s

-- name: first_membership
-- Where a person lands: the oldest account they belong to.
select m.account_id, m.role
from membership m join account a using (account_id)
where m.person_id = %(person_id)s
order by a.created_at, m.account_id
limit 1

-- name: people_of_account
-- Owners first.
select p.person_id, p.email, p.name, p.language, m.role
from membership m join person p using (person_id)
where m.account_id = %(account_id)s
order by array_position(array['owner', 'admin', 'editor', 'viewer'], m.role), p.email_folded

-- name: add_key
-- Only the hash stays: a copy of the database lets nobody in.
insert into api_key (key_hash, account_id, person_id, label, hint, scopes, created_at)
values (%(key_hash)s, %(account_id)s, %(person_id)s, %(label)s, %(hint)s, %(scopes)s, %(now)s)

-- name: key_holder
-- Asked by every API call. A key whose person left the account is dead: the left join finds no role.
select k.key_hash, k.person_id, k.scopes, p.email, p.name as person_name, p.language as person_language, m.role,
       a.account_id, a.name, a.zone, a.language, a.spread, a.settings, a.created_at
from api_key k
join account a using (account_id)
left join person p on p.person_id = k.person_id
left join membership m on m.account_id = k.account_id and m.person_id = k.person_id
where k.key_hash = %(key_hash)s and k.revoked_at is null

-- name: keys_of_account
-- Revoked keys stay listed: they tell what a log line's hint was.
select label, hint, scopes, created_at, revoked_at from api_key
where account_id = %(account_id)s
order by created_at, hint

-- name: revoke_key
-- By the key itself.
update api_key set revoked_at = %(now)s
where account_id = %(account_id)s and key_hash = %(key_hash)s and revoked_at is null

-- name: revoke_keys_by_hint
-- By what the list shows of it. Two keys may share a hint: the label tells them apart.
update api_key set revoked_at = %(now)s
where account_id = %(account_id)s and hint = %(hint)s and label = coalesce(%(label)s, label) and revoked_at is null

-- name: add_session
-- As with keys, only the hash of the token stays.
insert into web_session (session_hash, person_id, account_id, created_at, expires_at)
values (%(session_hash)s, %(person_id)s, %(account_id)s, %(now)s, %(expires_at)s)

-- name: get_session
-- The inner join ends the session of somebody who left the account.
select p.person_id, p.email, p.name as person_name, p.language as person_language, m.role, s.expires_at,
       a.account_id, a.name, a.zone, a.language, a.spread, a.settings, a.created_at
from web_session s
join account a using (account_id)
join person p using (person_id)
join membership m on m.account_id = s.account_id and m.person_id = s.person_id
where s.session_hash = %(session_hash)s and s.expires_at > %(now)s

-- name: end_session
-- Signing out.
delete from web_session where session_hash = %(session_hash)s

-- name: forget_expired
-- Sign-in sweeps what is over, so no loop has to.
with gone as (delete from sign_in_link where expires_at < %(now)s)
delete from web_session where expires_at < %(now)s

-- name: add_sign_in_link
-- Works once, for a short time.
insert into sign_in_link (token_hash, person_id, expires_at) values (%(token_hash)s, %(person_id)s, %(expires_at)s)

-- name: use_sign_in_link
-- Conditional, so that of two redemptions at one time one wins.
update sign_in_link set used_at = %(now)s
where token_hash = %(token_hash)s and used_at is null and expires_at > %(now)s
returning person_id
