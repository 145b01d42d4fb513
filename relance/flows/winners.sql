-- name: tests_to_look_at
-- Splits whose time has passed and whose best way is not found.
select test_id, ways, metric, min_per_way, started_at from split_test
where winner is null and started_at + after <= %(now)s
order by test_id

-- name: ways_of_test
-- What came of a slot's people, by way. Messages count from the split on: those before it say nothing of the way.
select w.way, count(*) as people,
       count(*) filter (where case %(metric)s
         when 'conversion' then r.goal_at is not null
         else exists (
           select from delivery d
           where d.bucket = w.bucket and d.bucket = any(%(slot)s) and d.contact_id = w.contact_id
             and d.run_id = w.run_id and d.queued_at >= w.at and d.queued_at >= %(since)s
             and case %(metric)s when 'open' then d.opened_at else d.clicked_at end is not null) end) as reached
from split_way w
join run r on r.bucket = w.bucket and r.bucket = any(%(slot)s) and r.contact_id = w.contact_id and r.run_id = w.run_id
where w.bucket = any(%(slot)s) and w.test_id = %(test)s
group by w.way

-- name: decide
-- Once: what is found stays, whatever comes later.
update split_test set winner = %(winner)s, decided_at = %(now)s where test_id = %(test)s and winner is null
