-- name: last_version
-- What people are in, and what was said about deleted steps before.
select v.definition, v.placed from flow f join flow_version v on v.version_id = f.version_id
where f.flow_id = %(flow_id)s
