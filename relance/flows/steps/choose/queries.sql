-- name: tests_of_splits
-- Once a batch, of the few splits that look for their best way. `winner` null: not found yet.
select t.test_id, t.winner from split_test t where t.test_id = any(%(tests)s::bigint[])

-- name: begin_test
-- With the first arrival; two workers may both be the first.
insert into split_test (test_id, account_id, flow_id, step_id, ways, metric, min_per_way, after, started_at)
values (%(test)s, %(account)s, %(flow)s, %(step)s, %(ways)s, %(metric)s, %(min_per_way)s, make_interval(secs => %(after)s),
        %(now)s)
on conflict do nothing

-- name: note_ways
-- As long as the best way is not found; what comes of them is looked at by winners.py.
insert into split_way (bucket, contact_id, run_id, test_id, way, at)
select a.bucket, a.contact_id, a.run_id, a.test_id, a.way, %(now)s
from unnest(%(buckets)s::int[], %(contacts)s::uuid[], %(runs)s::uuid[], %(tests)s::bigint[], %(ways)s::smallint[])
  as a(bucket, contact_id, run_id, test_id, way)
where a.bucket = any(%(buckets)s::int[])
on conflict do nothing
