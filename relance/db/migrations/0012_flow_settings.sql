-- Settings of flows: the hold-out, runs for each occurrence, the release rate.

create function chance(variadic parts text[]) returns int language sql immutable parallel safe as $$
  select (('x' || left(md5(array_to_string(parts, ':', '')), 15))::bit(60)::bigint % 10000)::int
$$;

alter table flow add column holdout_since timestamptz;

create table held_out (
  bucket     int not null,
  contact_id uuid not null,
  flow_id    bigint not null,
  at         timestamptz not null,
  goal_at    timestamptz,
  primary key (bucket, contact_id, flow_id)
);

-- Conversions by the day of their entry: of those that there are already, too.
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, day, code, n)
select min(r.bucket), derived_uuid('converted', (r.bucket / 256)::text, r.flow_id::text, r.version_id::text,
                                   ((r.entered_at at time zone a.zone)::date)::text),
       r.account_id, r.flow_id, r.version_id, (r.entered_at at time zone a.zone)::date, 'converted', count(*)
from run r join account a on a.account_id = r.account_id
where r.goal_at is not null
group by r.bucket / 256, r.account_id, r.flow_id, r.version_id, (r.entered_at at time zone a.zone)::date;

alter table subscription
  add column subject_word text,
  add column subject_path text[];

create table release_turn (
  flow_id   bigint primary key references flow,
  next_turn timestamptz not null
);

alter table message_version add column analytics text not null default '';

-- Percentage splits that look for the best way.

create table split_test (
  test_id     bigint primary key,
  account_id  bigint not null,
  flow_id     bigint not null references flow,
  step_id     bigint not null,
  ways        smallint[] not null,
  metric      text not null check (metric in ('open', 'click', 'conversion')),
  min_per_way int not null,
  after       interval not null,
  started_at  timestamptz not null,
  winner      smallint,
  decided_at  timestamptz
);

create table split_way (
  bucket     int not null,
  contact_id uuid not null,
  run_id     uuid not null,
  test_id    bigint not null,
  way        smallint not null,
  at         timestamptz not null,
  primary key (bucket, contact_id, run_id, test_id)
);
create index split_way_of_test on split_way (test_id);
