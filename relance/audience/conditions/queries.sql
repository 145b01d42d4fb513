-- name: insert_condition
-- The id is derived from audience and source, so storing twice is storing once; a newer version brings its own shape.
insert into condition (condition_id, audience_id, source, shape, params)
values (%(condition_id)s, %(audience_id)s, %(source)s, %(shape)s, %(params)s)
on conflict (condition_id) do update set shape = excluded.shape, params = excluded.params
where (condition.shape, condition.params) is distinct from (excluded.shape, excluded.params)

-- name: find_conditions
-- What the cache has not met yet.
select condition_id, audience_id, source, shape from condition where condition_id = any(%(ids)s)

-- name: conditions_of_unknown_shapes
-- One example of each shape is enough to have its SQL.
select distinct on (shape) condition_id, audience_id, source, shape
from condition where shape <> all(%(known)s)
order by shape, condition_id

-- name: conditions_of_shape
-- Read when the example does not compile to its shape: another version wrote it, or its field is gone.
select condition_id, audience_id, source, shape from condition where shape = %(shape)s order by condition_id

-- name: rewrite_condition
-- In the order of ids, so that two workers after an update do not lock each other out.
update condition set shape = %(shape)s, params = %(params)s where condition_id = %(condition_id)s

-- name: audience_fields
-- Types decide about operators; choices, about options that exist.
select field_id, type, options from field where audience_id = %(audience_id)s

-- name: audience_tags
-- Ids only: a condition names nothing.
select tag_id from tag where audience_id = %(audience_id)s

-- name: audience_groups
-- With their categories, which conditions name too.
select group_id, category_id from audience_group where audience_id = %(audience_id)s

-- name: evaluate_conditions
-- Many contacts and many conditions at once, as columns: one look-up of the contact per question, one CASE with an arm
-- per shape. Filtered by buckets so that the statement goes to one place of a distributed database. Asked for is whether
-- it holds and what was seen, as text: most people have seen the same, and it is read once. Or when the answer may change.
select x.n, {asked}
from (
  select asked.n, asked.bucket, asked.contact_id, asked.condition_id, asked.context::jsonb as context,
         asked.payload::jsonb as payload, asked.entered_at, asked.arrived_at, k.shape, k.params, account.zone,
         %(now)s::timestamptz as now
  from unnest(%(ns)s::int[], %(buckets)s::int[], %(contacts)s::uuid[], %(conditions)s::bigint[], %(contexts)s::text[],
              %(payloads)s::text[], %(entered)s::timestamptz[], %(arrived)s::timestamptz[])
    as asked(n, bucket, contact_id, condition_id, context, payload, entered_at, arrived_at)
  join condition k on k.condition_id = asked.condition_id
  join audience on audience.audience_id = k.audience_id
  join account on account.account_id = audience.account_id
) x
left join contact c on c.bucket = x.bucket and c.contact_id = x.contact_id and c.bucket = any(%(buckets)s::int[])
