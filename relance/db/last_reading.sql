-- name: keep_reading
-- The latest of all processes; who is behind writes nothing.
insert into last_reading (moment) values (%(now)s)
on conflict (one) do update set moment = excluded.moment where last_reading.moment < excluded.moment

-- name: read_reading
-- None until a worker has run.
select moment from last_reading

-- name: take_back_reading
-- A person has said that the machine is right.
update last_reading set moment = %(now)s where moment > %(now)s
