-- name: server_version
-- What one wants to know first.
select current_setting('server_version') as version, pg_size_pretty(pg_database_size(current_database())) as size

-- name: applied_migrations
-- What the schema is made of.
select number from migration order by number

-- name: partitions_of_month
-- Rows of this month and the next need a place to go.
select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relispartition and c.relname = any(%(names)s)

-- name: has_migrations
-- An empty database has no table of migrations to ask.
select to_regclass('migration') is not null
