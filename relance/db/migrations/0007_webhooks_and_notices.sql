-- Calls of webhooks (step call_webhook) and the hosts that have failed lately.

create table webhook_call (
  bucket      int not null,
  call_id     uuid not null,
  account_id  bigint not null,
  audience_id bigint not null,
  contact_id  uuid not null,
  flow_id     bigint not null,
  version_id  bigint not null,
  run_id      uuid not null,
  step_id     bigint not null,
  depth       smallint not null default 0,
  asked_at    timestamptz not null,
  state       text not null check (state in ('waiting', 'ok', 'failed', 'withdrawn')),
  due         timestamptz,
  tries       smallint not null default 0,
  give_up_at  timestamptz,
  body        text,
  status      int,
  answer      text,
  primary key (bucket, call_id)
);
create index webhook_call_due on webhook_call (due) where due is not null;

create table webhook_host (
  account_id   bigint not null references account,
  host         text not null,
  failures     int not null,
  closed_until timestamptz,
  primary key (account_id, host)
);

-- Notices to the team (step notify_team).

create table notice (
  bucket      int not null,
  notice_id   uuid not null,
  account_id  bigint not null,
  audience_id bigint not null,
  contact_id  uuid not null,
  flow_id     bigint not null,
  version_id  bigint not null,
  run_id      uuid not null,
  step_id     bigint not null,
  person_id   bigint not null,
  asked_at    timestamptz not null,
  due         timestamptz not null,
  in_digest   boolean not null default false,
  primary key (bucket, notice_id)
);
create index notice_due on notice (due);

create table notice_hour (
  step_id   bigint not null,
  person_id bigint not null references person,
  hour      timestamptz not null,
  sent      int not null,
  primary key (step_id, person_id)
);
