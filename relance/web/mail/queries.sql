-- name: caught
-- Newest first; the catcher keeps what it took until somebody deletes it.
select caught_id, at, sender, recipients, subject, octet_length(data) as size
from caught_mail
where %(before)s::timestamptz is null or (at, caught_id) < (%(before)s, %(before_id)s::uuid)
order by at desc, caught_id desc
limit %(limit)s

-- name: find_caught
-- The whole letter.
select caught_id, at, sender, recipients, subject, data from caught_mail where caught_id = %(caught_id)s
