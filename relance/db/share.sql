-- name: hold_leases
-- A lock that many readers share and a take-over must wait for (docs/decisions/0013).
select slot from lease where slot = any(%(slots)s) and owner = %(owner)s for share
