-- What a batch decides about one run is one row of `trail`; `decision` becomes the view that takes it apart.

alter table decision rename to trail;
alter table trail rename column decision_id to trail_id;
alter table trail rename column code to codes;
alter table trail rename column step_id to steps;
alter table trail
  alter column codes type text[] using array[codes],
  alter column steps type bigint[] using case when steps is not null then array[steps] end,
  alter column seen type jsonb using case when seen is not null then jsonb_build_array(seen) end;

do $$
declare old text;
begin
  for old in select conname from pg_constraint where conrelid = 'trail'::regclass and conname like 'decision%' loop
    execute format('alter table trail rename constraint %I to %I', old,
                   replace(replace(replace(old, 'decision_id', 'trail_id'), 'decision_code', 'trail_codes'), 'decision_', 'trail_'));
  end loop;
  for old in select inhrelid::regclass::text from pg_inherits where inhparent = 'trail'::regclass loop
    execute format('alter table %I rename to %I', old, replace(old, 'decision_', 'trail_'));
  end loop;
end $$;

create view decision as
select t.bucket, t.contact_id, t.trail_id, d.place, t.at, t.account_id, t.flow_id, t.version_id, t.trigger_id, t.run_id,
       t.event_id, t.steps[d.place::int] as step_id, d.code, nullif(t.seen -> (d.place::int - 1), 'null') as seen
from trail t cross join lateral unnest(t.codes) with ordinality as d(code, place);
