-- name: lock_partitions
-- Two processes that start together must not both make the same month.
select pg_advisory_xact_lock(7310003)

-- name: list_partitions
-- Every month there is, by name.
select child.relname as name
from pg_inherits join pg_class child on child.oid = inhrelid
where inhparent in ('event'::regclass, 'delivery'::regclass, 'trail'::regclass) and child.relkind = 'r'

-- name: create_partition
-- Composed from names and instants that partitions.py makes itself.
create table {name} partition of {table} for values from ('{start}') to ('{end}')

-- name: drop_partition
-- A whole month at once: no row is looked at.
drop table {name}
