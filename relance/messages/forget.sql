-- name: blank_deliveries
-- Rows that say nothing already are left alone: this may run several times.
update delivery set address = null, answer = null
where bucket = %(bucket)s and contact_id = %(contact_id)s and (address is not null or answer is not null)

-- name: forget_mail_to
-- The catcher stands outside of accounts and keeps a few thousand mails at most, so they are read through.
delete from caught_mail where lower(recipients::text)::text[] && %(addresses)s::text[]
