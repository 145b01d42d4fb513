-- What /metrics shows without counting: sums over all flows by code, what each loop of each worker has done, and the
-- events that were set aside found by an index of their own.

create table code_tally (
  bucket int not null,
  code   text not null,
  n      bigint not null,
  primary key (bucket, code)
);
insert into code_tally (bucket, code, n) select bucket, code, sum(n) from tally group by bucket, code;

alter table heartbeat
  add column slots int not null default 0,
  add column done bigint not null default 0,
  add column busy double precision not null default 0,
  add column took bigint[] not null default '{}';

create index inbox_set_aside on inbox (recorded_at) where retry_at is not null;
