-- name: first_fingerprint
-- Of the process that starts first; whoever comes later is compared with it.
insert into signing_secret (fingerprint, since) values (%(fingerprint)s, %(now)s) on conflict (one) do nothing

-- name: get_fingerprint
-- No row before the first process that signs.
select fingerprint from signing_secret

-- name: accept_fingerprint
-- On purpose: links signed by the former secret lead nowhere from here on.
insert into signing_secret (fingerprint, since) values (%(fingerprint)s, %(now)s)
on conflict (one) do update set fingerprint = excluded.fingerprint, since = excluded.since
where signing_secret.fingerprint <> excluded.fingerprint
