-- What keeps a live flow from working as a whole, steps paused alone, what happens to people inside at a publication,
-- past runs that were forgotten, and what the team is told.
alter table flow
  add column problems jsonb not null default '[]',
  add column broken_points bigint[] not null default '{}',
  add column paused_steps bigint[] not null default '{}';

alter table flow_version
  add column moves_people boolean not null default true,
  add column placed jsonb not null default '{}';

alter table entry add column forgotten_at timestamptz;

alter table flow_task add column args jsonb not null default '{}';
alter table flow_task drop constraint flow_task_what_check;
alter table flow_task add constraint flow_task_what_check check (what in ('release', 'end', 'recheck', 'remove', 'let_in'));

create table deleted_object (
  type        text not null,
  object_id   bigint not null,
  audience_id bigint not null references audience,
  deleted_at  timestamptz not null,
  primary key (type, object_id)
);

create table alert (
  alert_id   bigint primary key,
  account_id bigint not null references account,
  flow_id    bigint not null references flow,
  kind       text not null check (kind in ('broken', 'drained', 'quiet')),
  at         timestamptz not null,
  data       jsonb not null,
  told_at    timestamptz
);
create index alert_to_tell on alert (at) where told_at is null;
create index alert_of_flow on alert (flow_id, kind, at);

create table backfill (
  flow_id    bigint not null references flow,
  trigger_id bigint not null,
  per_hour   int not null,
  asked_at   timestamptz not null,
  at_bucket  int not null default 0,
  at_contact uuid,
  let_in     bigint not null default 0,
  primary key (flow_id, trigger_id)
);
