-- By which secret links are signed: another one is noticed when a process starts, not by the readers of sent mail.

create table signing_secret (
  one         boolean primary key default true check (one),
  fingerprint text not null,
  since       timestamptz not null
);
