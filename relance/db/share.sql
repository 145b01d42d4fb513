-- name: hold_leases
-- A lock that many readers share, that a take-over must wait for, and a renewal need not (docs/decisions/0013, 0028).
select slot from lease where slot = any(%(slots)s) and owner = %(owner)s for key share
