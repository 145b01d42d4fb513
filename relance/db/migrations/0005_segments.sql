-- A named condition. Its members are kept: by events, by due instants, and, when it is new, slot by slot.
create table segment (
  segment_id   bigint primary key,
  audience_id  bigint not null references audience,
  name         text not null,
  folded       text not null,
  condition_id bigint not null references condition,
  level        int not null default 0,          -- above the levels of the segments that its condition names
  created_at   timestamptz not null,
  changed_at   timestamptz not null,
  deleted_at   timestamptz                      -- stays until its members are gone, and as a name in reports
);
create unique index segment_name on segment (audience_id, folded) where deleted_at is null;

-- Which segments the condition of a segment names: when somebody joins or leaves one of those, it is asked again.
create table segment_use (
  segment_id bigint not null references segment,
  uses_id    bigint not null references segment,
  primary key (segment_id, uses_id)
);

-- Which events can change who is in a segment.
create table segment_listener (
  audience_id bigint not null,
  event_kind  text not null,
  match_key   text not null,                    -- '': every event of the kind
  segment_id  bigint not null references segment,
  primary key (audience_id, event_kind, match_key, segment_id)
);
create index segment_listener_of_segment on segment_listener (segment_id);

-- A new or changed condition has everybody asked, slot by slot; a row for each slot that is not done.
create table segment_task (
  segment_id bigint not null references segment,
  slot       int not null,
  asked_at   timestamptz not null,
  progress   int not null default 0,            -- buckets of the slot that are done
  primary key (segment_id, slot)
);

create table segment_member (
  bucket     int not null,
  contact_id uuid not null,
  segment_id bigint not null,
  joined_at  timestamptz not null,
  primary key (bucket, contact_id, segment_id)
);
create index segment_member_of on segment_member (segment_id, bucket, contact_id);

-- When the answer about a contact may change although nothing happens: a sliding window lets go of what was in it.
create table segment_due (
  bucket     int not null,
  contact_id uuid not null,
  segment_id bigint not null,
  due        timestamptz not null,
  primary key (bucket, contact_id, segment_id)
);
create index segment_due_next on segment_due (due);

-- Who must be asked again because something happened: written by the judgement of the event, deleted by whoever asks.
create table segment_touch (
  bucket      int not null,
  contact_id  uuid not null,
  segment_id  bigint not null,
  event_id    uuid not null,
  recorded_at timestamptz not null,
  quiet       boolean not null,                 -- archived, restored: neither joining nor leaving
  syncing     boolean not null,                 -- as of the event, like what follows
  cause_flow  bigint,
  cause_run   uuid,
  cause_step  bigint,
  depth       smallint not null,
  primary key (bucket, contact_id, segment_id, event_id)
) with (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000);
create index segment_touch_order on segment_touch (recorded_at, event_id);

-- Segments listen too.
create or replace view listened_to as select s.audience_id, s.event_kind, s.match_key from subscription s
  union all select l.audience_id, l.event_kind, l.match_key from segment_listener l;
