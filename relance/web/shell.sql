-- name: flows_in_use
-- The number beside "Flows". Archived ones are out of sight.
select count(*) from flow where account_id = %(account_id)s and state <> 'archived'
