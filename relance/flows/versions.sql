-- name: versions_of_flow
-- Every version stays (5.5).
select version_id, number, published_at, version_id = %(version_id)s::bigint as published
from flow_version where flow_id = %(flow_id)s order by number desc

-- name: definition_by_number
-- Definitions of versions never change.
select definition from flow_version where flow_id = %(flow_id)s and number = %(number)s
