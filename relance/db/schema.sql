-- The whole schema, for reading. The migrations build exactly this (tests/db/test_schema.py).
--
-- Two sorts of tables:
--   shared       small, rarely written, one copy for everybody (on Citus: reference tables)
--   per contact  `bucket` (0-4095, never changed) stands first in the primary key and in every unique key; a statement
--                names one bucket or one slot (bucket = any(...)) for every such table (docs/decisions/0008)
-- No serials, no triggers, no sequences, no statement that reads a clock. Lock order: inbox, delivery, run, contact,
-- everything else. Instants are timestamptz, written by the product's clock.

-- ── Words and keys ──────────────────────────────────────────────────────────────────────────────────────────────────

-- How Relance compares words (spec 7.4). Twin of kernel/text.py, held equal by tests/db/test_functions.py.
create function fold(value text) returns text language sql immutable strict parallel safe as $$
  select btrim(regexp_replace(
    translate(
      replace(replace(replace(lower(regexp_replace(normalize(value, nfkd), '[\u0300-\u036f]', '', 'g')), 'ß', 'ss'), 'œ', 'oe'), 'æ', 'ae'),
      'øłđς’‘ʼ“”', 'oldσ''''''""'),
    '[\s\u00a0\u001c-\u001f\u0085]+', ' ', 'g'))
$$;

-- The same UUID for the same parts. Twin of kernel/ids.py derived_uuid. Stable, as array_to_string is, and not immutable:
-- so it becomes part of the statement that calls it.
create function derived_uuid(variadic parts text[]) returns uuid language sql stable parallel safe as $$
  select md5(array_to_string(parts, ':', ''))::uuid
$$;

-- A key that sorts where `base` (a UUID version 7 from kernel/ids.py time_uuid) sorts, and is the same for the same key:
-- what a set-based statement gives the rows it makes.
create function ordered_uuid(base uuid, key text) returns uuid language sql immutable strict parallel safe as $$
  select (substr(replace(base::text, '-', ''), 1, 16) || '8' || substr(md5(key), 1, 15))::uuid
$$;

-- Keys for the rows of one batch, in their order: they sort where `base` sorts, then by `place` (1 to 1,048,575).
create function placed_uuid(base uuid, place bigint) returns uuid language sql immutable strict parallel safe as $$
  select (substr(replace(base::text, '-', ''), 1, 16) || '8' || lpad(to_hex(place), 5, '0') || right(base::text, 10))::uuid
$$;

-- Which slot a bucket is of. Twin of kernel/slots.py.
create function slot_of(bucket int) returns int language sql immutable strict parallel safe as $$ select bucket / 256 $$;

-- 0 to 9,999, the same for the same parts. Twin of kernel/ids.py chance.
create function chance(variadic parts text[]) returns int language sql stable parallel safe as $$
  select (('x' || left(md5(array_to_string(parts, ':', '')), 15))::bit(60)::bigint % 10000)::int
$$;

-- What conditions and merge tags may ask of the event that let a run in.
create function event_context(kind text, match_key text, payload jsonb, occurred_at timestamptz) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('event', coalesce(payload -> 'properties', payload -> 'data', payload),
                            'name', case when kind = 'contact.event' then match_key else kind end, 'date', occurred_at)
$$;

-- The same with what the run has learnt on its way (run.context): events that released a wait, answers of webhooks.
create function run_context(learnt jsonb, of_event jsonb) returns jsonb language sql immutable parallel safe as $$
  select case
    when of_event is null then learnt
    when not learnt ? 'event' then of_event || learnt
    else of_event || learnt || jsonb_build_object('event',
      case when jsonb_typeof(of_event -> 'event') = 'object' then of_event -> 'event' else '{}' end || (learnt -> 'event')) end
$$;

-- ── Accounts (shared) ───────────────────────────────────────────────────────────────────────────────────────────────

create table account (
  account_id bigint primary key,
  name       text not null,
  zone       text not null default 'UTC',       -- IANA name: days, windows, birthdays
  language   text not null default 'en',
  spread     int not null default 4096 check (spread between 1 and 4096),
  settings   jsonb not null default '{}',       -- account settings of the spec (limits.*, unknown_counts_as …), defaults absent
  created_at timestamptz not null
);

create table person (
  person_id     bigint primary key,
  email         text not null,
  email_folded  text not null unique,
  name          text not null default '',
  password_hash text,                           -- argon2id; null: signs in by link only
  language      text not null default 'en',
  created_at    timestamptz not null
);

create table membership (
  account_id bigint not null references account,
  person_id  bigint not null references person,
  role       text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  primary key (account_id, person_id)
);

create table api_key (
  key_hash   bytea primary key,                 -- SHA-256 of the 32 hex digits; the key itself is shown once
  account_id bigint not null references account,
  person_id  bigint references person,
  label      text not null,
  hint       text not null,                     -- last four digits, to tell keys apart
  scopes     text[] not null default '{all}',
  created_at timestamptz not null,
  revoked_at timestamptz
);

create table web_session (
  session_hash bytea primary key,
  person_id    bigint not null references person,
  account_id   bigint not null references account,
  created_at   timestamptz not null,
  expires_at   timestamptz not null
);

create table sign_in_link (
  token_hash bytea primary key,
  person_id  bigint not null references person,
  expires_at timestamptz not null,
  used_at    timestamptz
);

-- ── Audience: the shared part ───────────────────────────────────────────────────────────────────────────────────────

create table audience (
  audience_id   bigint primary key,
  account_id    bigint not null references account,
  name          text not null,
  sender        jsonb not null default '{}',    -- from_name, from_email, reply_to, company, address, phone, url, permission_reminder
  language      text not null default 'en',
  double_opt_in boolean not null default false,
  created_at    timestamptz not null,
  changed_at    timestamptz not null,
  deleted_at    timestamptz
);
create index audience_of_account on audience (account_id);

create table field (
  field_id      bigint primary key,
  audience_id   bigint not null references audience,
  tag           text not null,                  -- FNAME: what a merge tag names
  name          text not null,
  type          text not null,                  -- text number date birthday choice address phone url image yes_no zip
  wire_type     text not null,                  -- the compatible API's word, so that it reads back what was written
  required      boolean not null default false,
  default_value text not null default '',
  public        boolean not null default true,
  options       jsonb not null default '{}',
  position      int not null,
  number        int not null,                   -- merge_id of the compatible API: small, per audience
  unique (audience_id, tag),
  unique (audience_id, number)
);

create table tag (
  tag_id      bigint primary key,
  audience_id bigint not null references audience,
  name        text not null,
  folded      text not null,
  created_at  timestamptz not null,
  unique (audience_id, folded)
);

create table group_category (
  category_id bigint primary key,
  audience_id bigint not null references audience,
  title       text not null,
  folded      text not null,
  choice      text not null default 'checkboxes',   -- checkboxes dropdown radio hidden
  position    int not null default 0,
  unique (audience_id, folded)
);

create table audience_group (
  group_id    bigint primary key,
  category_id bigint not null references group_category,
  audience_id bigint not null references audience,
  name        text not null,
  folded      text not null,
  position    int not null default 0,
  unique (category_id, folded)
);

-- A condition that a flow uses, compiled. `shape` names the SQL that all conditions of the same form share, `params` are
-- this one's values: ten thousand filters of one form cost one statement (docs/decisions/0010).
create table condition (
  condition_id bigint primary key,              -- derived from audience and source
  audience_id  bigint not null references audience,
  source       jsonb not null,
  shape        bigint not null,
  params       jsonb not null
);

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

-- ── Audience: per contact ───────────────────────────────────────────────────────────────────────────────────────────

create table contact (
  bucket           int not null,
  contact_id       uuid not null,
  account_id       bigint not null,
  audience_id      bigint not null,
  email            text,
  email_status     text check (email_status in ('subscribed', 'non_subscribed', 'unsubscribed', 'pending', 'cleaned')),
  email_out_by     text,                        -- who unsubscribed: self complaint app api import flow
  email_format     text not null default 'html',
  sms_number       text,
  sms_status       text check (sms_status in ('subscribed', 'non_subscribed', 'unsubscribed', 'pending', 'cleaned')),
  sms_out_by       text,
  fields           jsonb not null default '{}', -- field id → value, in the form of audience/fields
  language         text not null default '',
  zone             text,
  country          text,
  vip              boolean not null default false,
  rating           smallint not null default 2,
  no_open_tracking boolean not null default false,
  source           text not null default '',
  signed_up_at     timestamptz,                 -- the form or call that asked
  opted_in_at      timestamptz,                 -- became subscribed
  created_at       timestamptz not null,
  changed_at       timestamptz not null,
  archived_at      timestamptz,
  merged_into      uuid,
  joined_at        timestamptz,                 -- into the audience; null until the first confirmation (G21)
  primary key (bucket, contact_id)
) with (fillfactor = 85);
create index contact_of_audience on contact (audience_id, changed_at);
create index contact_joined on contact (audience_id, joined_at);

create table identity (
  bucket      int not null,                     -- of the key, not of the contact
  audience_id bigint not null,
  kind        text not null,                    -- email (MD5 of the lower-cased address), sms, store_customer, visitor
  key         text not null,
  contact_id  uuid not null,                    -- carries the contact's bucket
  created_at  timestamptz not null,
  primary key (bucket, audience_id, kind, key)
);

create table consent_record (
  bucket     int not null,
  contact_id uuid not null,
  consent_id uuid not null,
  channel    text not null check (channel in ('email', 'sms')),
  old        text,
  new        text not null,
  at         timestamptz not null,
  by         text not null,                     -- self complaint app api import flow bounce store
  source     text not null,
  shown      text,                              -- the text the contact agreed to
  address    text,                              -- network address of the request
  primary key (bucket, contact_id, consent_id)
);

-- People erased for good, as long as messages, runs and the trail may still hold something of them; then it goes too.
create table erasure (
  bucket     int not null,
  contact_id uuid not null,
  addresses  text[] not null,                   -- lower case: how caught mail names them
  at         timestamptz not null,
  primary key (bucket, contact_id)
);

create table contact_tag (
  bucket     int not null,
  contact_id uuid not null,
  tag_id     bigint not null,
  added_at   timestamptz not null,
  primary key (bucket, contact_id, tag_id)
);

create table contact_group (
  bucket     int not null,
  contact_id uuid not null,
  group_id   bigint not null,
  joined_at  timestamptz not null,
  primary key (bucket, contact_id, group_id)
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

-- One row per contact and date field, so that "whose day is it" is an index look-up.
create table contact_date (
  bucket     int not null,
  contact_id uuid not null,
  field_id   bigint not null,
  day        date,                              -- null for birthdays: they have no year
  month_day  smallint not null,                 -- 229 = 29 February
  primary key (bucket, contact_id, field_id)
);
create index contact_date_yearly on contact_date (field_id, month_day);
create index contact_date_once on contact_date (field_id, day) where day is not null;

-- ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

-- The ledger: facts, appended, never changed. Its order is (recorded_at, event_id) per contact.
create table event (
  bucket      int not null,
  event_id    uuid not null,
  recorded_at timestamptz not null,
  account_id  bigint not null,
  audience_id bigint not null,
  contact_id  uuid,
  kind        text not null,
  match_key   text not null,                    -- the coarse key of its kind: tag id, event name, message id; '' if none
  occurred_at timestamptz not null,
  source      text not null,
  syncing     boolean not null default false,
  payload     jsonb not null,
  cause_flow  bigint,
  cause_run   uuid,
  cause_step  bigint,
  depth       smallint not null default 0,
  primary key (bucket, event_id, recorded_at)
) partition by range (recorded_at);
create index event_of_contact on event (bucket, contact_id, kind, occurred_at);

-- What the dispatcher has not judged yet: deleted in the transaction that judges it. An id is no cursor: a late commit
-- would be skipped (architecture 7).
create table inbox (
  bucket      int not null,
  event_id    uuid not null,
  recorded_at timestamptz not null,
  lane        smallint not null default 0,      -- 0 what somebody has just done, 1 what comes in bulk (decision 27)
  retry_at    timestamptz,                      -- set aside until then: judging it failed for a mistake of ours
  trouble     text,                             -- what was said
  account_id  bigint not null,
  contact_id  uuid not null,                    -- or, of an event without a contact, its own id
  primary key (bucket, contact_id, event_id)
) with (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000);
create index inbox_order on inbox (slot_of(bucket), lane, account_id, recorded_at, event_id);
create index inbox_set_aside on inbox (recorded_at) where retry_at is not null;

-- Input seen in the last 30 days, by the caller's own key.
create table ingest_key (
  bucket     int not null,
  account_id bigint not null,
  key        text not null,
  event_id   uuid not null,
  at         timestamptz not null,
  primary key (bucket, account_id, key)
);

-- ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

create table message (
  message_id  bigint primary key,
  account_id  bigint not null references account,
  audience_id bigint not null references audience,
  flow_id     bigint,                           -- of which flow's step it is; null for campaigns
  channel     text not null default 'email' check (channel in ('email', 'sms')),
  name        text not null,
  folded      text not null,
  version     int not null,                     -- the current one
  created_at  timestamptz not null,
  sent_at     timestamptz,                      -- first sent to anybody; null: conditions on it are false (spec 7.5)
  deleted_at  timestamptz
);
create index message_of_audience on message (audience_id, folded);

create table message_version (
  message_id bigint not null references message,
  version    int not null,
  subject    text not null,
  preview    text not null default '',
  from_name  text not null default '',
  from_email text not null default '',
  reply_to   text not null default '',
  html       text not null,
  text       text not null default '',          -- empty: derived from the HTML
  track_opens  boolean not null default true,
  track_clicks boolean not null default true,
  created_at timestamptz not null,
  analytics  text not null default '',          -- utm_source=…&…: goes to the end of counted links that are followed
  primary key (message_id, version)
);

-- A link is its URL without tracking parameters; it stays the same link when the message is edited and keeps the URL.
create table message_link (
  message_id bigint not null references message,
  link_id    bigint not null,                   -- derived from the URL
  url        text not null,
  primary key (message_id, link_id)
);

-- One message to one contact. Also the outbox: rows with a `due` wait to be handed over.
create table delivery (
  bucket      int not null,
  delivery_id uuid not null,                    -- derived from (run, step): one delivery, whatever the retry
  queued_at   timestamptz not null,
  account_id  bigint not null,
  audience_id bigint not null,
  contact_id  uuid not null,
  message_id  bigint not null,
  version     int,                              -- of the message, set at rendering
  channel     text not null,
  class       text not null check (class in ('marketing', 'transactional', 'reply', 'system')),
  flow_id     bigint,
  version_id  bigint,
  run_id      uuid,
  step_id     bigint,
  depth       smallint not null default 0,
  state       text not null check (state in ('queued', 'handed', 'sent', 'skipped', 'failed', 'unknown', 'bounced')),
  code        text,                             -- S00-S22 once decided
  due         timestamptz,                      -- when to try next; null when nothing is left to do
  attempts    smallint not null default 0,
  address     text,                             -- where it was handed to
  worker      uuid,                             -- who has it in hand
  answer      text,                             -- the transport's last words
  sent_at     timestamptz,
  opened_at   timestamptz,                      -- first human open, or click
  clicked_at  timestamptz,                      -- first human click on a counted link
  machine_at  timestamptz,                      -- first open or click by a machine
  bounced_at  timestamptz,
  bounce      text,                             -- hard, soft
  ready_at    timestamptz,                      -- when it could first have left; null: when it was queued
  lane        smallint not null default 1,      -- that of the run
  primary key (bucket, delivery_id, queued_at)
) partition by range (queued_at);
create index delivery_due on delivery (slot_of(bucket), lane, account_id, due) where due is not null;
create index delivery_handed on delivery (worker) where state = 'handed';
create index delivery_of_contact on delivery (bucket, contact_id, message_id);
create index delivery_by_message on delivery (message_id, sent_at) where sent_at is not null;

-- What the local mail catcher took: stands outside of accounts, for trying things out.
create table caught_mail (
  caught_id  uuid primary key,
  at         timestamptz not null,
  sender     text not null,
  recipients text[] not null,
  subject    text not null,
  data       bytea not null
);
create index caught_mail_newest on caught_mail (at desc);

-- ── Flows: the shared part ──────────────────────────────────────────────────────────────────────────────────────────

create table flow (
  flow_id     bigint primary key,
  account_id  bigint not null references account,
  audience_id bigint not null references audience,
  name        text not null,
  folded      text not null,
  state       text not null default 'draft' check (state in ('draft', 'live', 'paused', 'draining', 'broken', 'archived')),
  state_before text,                            -- of a broken flow
  draft       jsonb,                            -- definition being edited; null: same as the published version
  draft_rev   int not null default 0,           -- a save names the one it read: the second of two editors is refused
  version_id  bigint,                           -- the published version
  settings    jsonb not null default '{}',      -- of the published version (spec 5.1)
  created_at  timestamptz not null,
  changed_at  timestamptz not null,
  first_live_at timestamptz,
  paused_at   timestamptz,
  problems    jsonb not null default '[]',      -- of a broken flow: what is wrong, as definition/problems.py tells it
  broken_points bigint[] not null default '{}', -- triggers and steps that do not work (E04, W09)
  paused_steps bigint[] not null default '{}',  -- steps paused alone (W05)
  holdout_since timestamptz,                    -- its first hold-out was published; null: it never had one
  timed_exit  bigint                            -- its exit condition, if time alone may make it true
);
create unique index flow_name on flow (account_id, folded) where state <> 'archived';

create table flow_version (
  version_id   bigint primary key,
  flow_id      bigint not null references flow,
  number       int not null,
  definition   jsonb not null,
  published_at timestamptz not null,
  moves_people boolean not null default true,   -- false: who is inside finishes the version they are in
  placed      jsonb not null default '{}',      -- step that is not there any more → where its people go on, null: X14
  unique (flow_id, number)
);

create table step (
  version_id bigint not null references flow_version,
  step_id    bigint not null,                   -- stable across versions
  position   int not null,                      -- reading order, from 1
  kind       text not null,
  label      text not null default '',
  args       jsonb not null,                    -- settings with names resolved to ids, conditions to condition ids
  outcomes   jsonb not null,                    -- outcome → step id or null (an end)
  primary key (version_id, step_id)
);
create index step_by_id on step (step_id);

create table flow_trigger (
  trigger_id bigint primary key,                -- stable across versions
  flow_id    bigint not null references flow,
  kind       text not null,
  position   int not null,
  settings   jsonb not null,                    -- names resolved to ids
  filter     jsonb,
  armed_at   timestamptz,                       -- last time it went live in its present settings (G1)
  removed_at timestamptz
);
create index flow_trigger_of_flow on flow_trigger (flow_id);

-- What a live flow listens to, as rows. The dispatcher joins a batch of events with these (docs/architecture.md).
create table subscription (
  subscription_id  bigint primary key,
  account_id       bigint not null,
  audience_id      bigint not null,
  flow_id          bigint not null references flow,
  version_id       bigint not null,
  purpose          text not null check (purpose in ('enter', 'wait', 'exit', 'goal', 'late')),
  trigger_id       bigint,                      -- enter
  step_id          bigint,                      -- wait: the waiting step; enter: the first step
  position         int not null default 0,      -- enter: order of the flow's triggers
  event_kind       text not null,
  match_key        text not null default '',    -- '' matches every event of the kind
  predicate        bigint references condition, -- does the event fit the settings? no: not considered (E27)
  guard            bigint references condition, -- true: refused with guard_code, at that code's place in the gate
  guard_code       text,
  filter           bigint references condition, -- false: E15
  exit_test        bigint references condition, -- true: E16
  key_paths        text[],                      -- entry key: these parts of the payload; null: the event's id
  occurrence       boolean not null default false,  -- the key alone decides, re-entry rules do not apply (G5)
  by_hand          boolean not null default false,  -- passes over filter, block list and re-entry (trigger 10)
  who              text not null default 'any' check (who in ('any', 'sub')),
  armed_at         timestamptz not null,
  subject_word     text,                        -- with one_run_per occurrence: what a run is about, order, event …
  subject_path     text[]                       -- and which one: this part of the payload; null: the event's id
);
create index subscription_listens on subscription (audience_id, event_kind, match_key);
create index subscription_of_flow on subscription (flow_id);

-- What somebody listens to: an event that nobody hears stands in the ledger and is never judged. Whoever adds listeners
-- first calls events.append.change_listeners.
create view listened_to as select s.audience_id, s.event_kind, s.match_key from subscription s
  union all select l.audience_id, l.event_kind, l.match_key from segment_listener l;

-- How far a clock-woken trigger has looked, per slot: everything up to `moment` has been turned into events.
create table watermark (
  trigger_id bigint not null references flow_trigger,
  slot       int not null,
  moment     timestamptz not null,
  primary key (trigger_id, slot)
);

-- Objects that their owner deleted: the flows that name them are looked at, then the row goes (G14).
create table deleted_object (
  type        text not null,                    -- tag field group category audience flow message segment
  object_id   bigint not null,
  audience_id bigint not null references audience,
  deleted_at  timestamptz not null,
  primary key (type, object_id)
);

-- What the people of the account are told about a flow, once.
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

-- One row: raised by whatever changes what workers keep in memory (publication, states, messages).
create table catalogue (
  one   boolean primary key default true check (one),
  epoch bigint not null
);
insert into catalogue (epoch) values (0);

-- One row: by which secret links are signed. Another one is noticed when a process starts.
create table signing_secret (
  one         boolean primary key default true check (one),
  fingerprint text not null,                    -- an HMAC of a constant: tells secrets apart and not what they are
  since       timestamptz not null
);

-- Hosts that have failed lately, an account's webhooks together: after some failures in a row they are left alone.
create table webhook_host (
  account_id   bigint not null references account,
  host         text not null,
  failures     int not null,                    -- in a row
  closed_until timestamptz,
  primary key (account_id, host)
);

-- How many notices of a step a colleague was sent in the hour that begins then.
create table notice_hour (
  step_id   bigint not null,
  person_id bigint not null references person,
  hour      timestamptz not null,
  sent      int not null,
  primary key (step_id, person_id)
);

-- ── Flows: per contact ──────────────────────────────────────────────────────────────────────────────────────────────

-- One passage of one contact through one flow. Every move changes `due`, which is indexed: few indexes, eager vacuum.
create table run (
  bucket      int not null,
  contact_id  uuid not null,
  run_id      uuid not null,
  account_id  bigint not null,
  audience_id bigint not null,
  flow_id     bigint not null,
  version_id  bigint not null,
  trigger_id  bigint,
  event_id    uuid,
  subject     text not null default '',
  step_id     bigint not null,
  state       text not null,                    -- arriving waiting sending leaving held queued ended; skipping, ending: late
  outcome     text,                             -- leaving: by which outcome
  due         timestamptz,                      -- when the advancer must look at it; null: an event will tell
  arrived_at  timestamptz,                      -- at step_id
  entered_at  timestamptz not null,
  ended_at    timestamptz,
  end_code    text,                             -- X00-X17
  goal_at     timestamptz,
  depth       smallint not null default 0,
  context     jsonb not null default '{}',      -- what it has learnt on its way; run_context() adds the event's data
  lane        smallint not null default 1,      -- that of the event which has made it due; time makes due in bulk
  primary key (bucket, contact_id, run_id)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create unique index run_live on run (bucket, contact_id, flow_id, subject) where ended_at is null;
create index run_due on run (slot_of(bucket), lane, account_id, due) where due is not null;
create index run_held on run (flow_id) where state = 'held';

-- Every entry for ever: an entry key enters once.
create table entry (
  bucket     int not null,
  contact_id uuid not null,
  flow_id    bigint not null,
  trigger_id bigint not null,
  entry_key  text not null,
  subject    text not null default '',
  run_id     uuid not null,
  entered_at timestamptz not null,
  forgotten_at timestamptz,                     -- reset: does not count for re-entry any more
  primary key (bucket, contact_id, flow_id, trigger_id, entry_key)
);

-- Who was sent which way while a split was looking for its best one.
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

-- Would-be entrants who get nothing, for measuring (E21). Who is here stays out, whatever becomes of the hold-out.
create table held_out (
  bucket     int not null,
  contact_id uuid not null,
  flow_id    bigint not null,
  at         timestamptz not null,              -- the decision: their time to reach the goal runs from here
  goal_at    timestamptz,
  primary key (bucket, contact_id, flow_id)
);

create table block_list (
  bucket     int not null,
  contact_id uuid not null,
  flow_id    bigint not null,
  at         timestamptz not null,
  primary key (bucket, contact_id, flow_id)
);

-- What a change of a flow asks of its runs, slot by slot: done by the slot's own worker.
create table flow_task (
  flow_id    bigint not null references flow,
  slot       int not null,
  what       text not null check (what in ('release', 'end', 'recheck', 'remove', 'let_in', 'look_again', 'shorten')),
  version_id bigint,
  asked_at   timestamptz not null,
  progress   int not null default 0,            -- buckets of the slot that are done
  args       jsonb not null default '{}',       -- what was answered to the questions of a resume
  retry_at   timestamptz,                       -- set aside until then: doing it failed for a mistake of ours
  trouble    text,                              -- what was said
  primary key (flow_id, slot, what)
);

-- A percentage split that looks for its best way (spec 6.1): one for each step as it was published.
create table split_test (
  test_id     bigint primary key,               -- derived from the step and its settings
  account_id  bigint not null,
  flow_id     bigint not null references flow,
  step_id     bigint not null,
  ways        smallint[] not null,              -- that people are sent
  metric      text not null check (metric in ('open', 'click', 'conversion')),
  min_per_way int not null,
  after       interval not null,
  started_at  timestamptz not null,             -- the first arrival
  winner      smallint,                         -- the way of all who come later
  decided_at  timestamptz
);

-- When the next run that is overdue may leave, of flows with a release rate (W11). One row for all slots: the rate holds
-- over all of them together.
create table release_turn (
  flow_id   bigint primary key references flow,
  next_turn timestamptz not null
);

-- People who already match when a flow is turned on and are let in little by little.
create table backfill (
  flow_id    bigint not null references flow,
  trigger_id bigint not null,
  per_hour   int not null,
  asked_at   timestamptz not null,              -- later by the time in which nobody could enter
  at_bucket  int not null default 0,            -- how far the audience was gone through
  at_contact uuid,
  let_in     bigint not null default 0,
  primary key (flow_id, trigger_id)
);

-- The outbox of the step call_webhook: one call per (run, step). What becomes of it stays, so that a step acts once.
create table webhook_call (
  bucket      int not null,
  call_id     uuid not null,                    -- derived from (run, step): the Idempotency-Key of every try
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
  due         timestamptz,                      -- when to try next; null when nothing is left to do
  tries       smallint not null default 0,
  give_up_at  timestamptz,                      -- set with the first try
  body        text,                             -- written at the first try, gone with the last
  status      int,                              -- of the last answer; null: there was none
  answer      text,                             -- why not
  primary key (bucket, call_id)
);
create index webhook_call_due on webhook_call (due) where due is not null;

-- The outbox of the step notify_team: one row for each run, step and colleague, until they are told.
create table notice (
  bucket      int not null,
  notice_id   uuid not null,                    -- derived from (run, step, person)
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
  in_digest   boolean not null default false,   -- over the number of an hour
  primary key (bucket, notice_id)
);
create index notice_due on notice (due);

-- Why and why not: every decision about a contact (spec 5.12). What a batch decides about one run is one row: writing a
-- row costs more than what stands in it (docs/decisions/0030). It is read by the view `decision`.
create table trail (
  bucket     int not null,
  contact_id uuid not null,
  trail_id   uuid not null,                     -- in the order of writing
  at         timestamptz not null,
  account_id bigint not null,
  flow_id    bigint not null,
  version_id bigint,
  trigger_id bigint,
  steps      bigint[],                          -- one a code; null: not at a step
  run_id     uuid,
  event_id   uuid,
  codes      text[] not null,                   -- in the order of deciding
  seen       jsonb,                             -- the values looked at, one a code; null: none at all
  primary key (bucket, contact_id, trail_id, at)
) partition by range (at);

-- One row a decision; (trail_id, place) is their order.
create view decision as
select t.bucket, t.contact_id, t.trail_id, d.place, t.at, t.account_id, t.flow_id, t.version_id, t.trigger_id, t.run_id,
       t.event_id, t.steps[d.place::int] as step_id, d.code, nullif(t.seen -> (d.place::int - 1), 'null') as seen
from trail t cross join lateral unnest(t.codes) with ordinality as d(code, place);

-- Figures, kept beside the trail and never by counting it. Workers append what a batch changed; a loop folds it up.
create table tally_delta (
  bucket     int not null,                      -- any bucket of the batch: says where it was counted
  delta_id   uuid not null,
  account_id bigint not null,
  flow_id    bigint not null,
  version_id bigint not null,
  trigger_id bigint not null default 0,
  step_id    bigint not null default 0,
  day        date not null,                     -- of the account
  code       text not null,                     -- a decision code, arrived, passed, goal; by the day of the entry:
                                                -- converted; by that of the first E21: held, held_converted
  n          bigint not null,
  primary key (bucket, delta_id)
);

create table tally (
  bucket     int not null,
  account_id bigint not null,
  flow_id    bigint not null,
  version_id bigint not null,
  trigger_id bigint not null,
  step_id    bigint not null,
  day        date not null,
  code       text not null,
  n          bigint not null,
  primary key (bucket, flow_id, version_id, trigger_id, step_id, day, code)
);

-- The same over all flows and for ever: what /metrics shows, a few rows a slot.
create table code_tally (
  bucket int not null,
  code   text not null,
  n      bigint not null,
  primary key (bucket, code)
);

-- ── Workers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Who works on which slot. Every engine transaction reads its rows FOR KEY SHARE, so a take-over waits for work in hand.
create table lease (
  slot    int primary key,
  owner   uuid,
  beat    bigint not null default 0,            -- counted up by the owner; others watch it by their own stopwatch
  backend text                                  -- server process of the owner's lease connection: gone = owner gone
);

create table heartbeat (
  worker_id uuid not null,
  loop      text not null,
  at        timestamptz not null,
  host      text not null,
  trouble   text,                               -- what keeps the loop from working; null: healthy
  slots     int not null default 0,             -- that the worker holds
  done      bigint not null default 0,          -- rows that the loop has worked on since its worker started
  busy      double precision not null default 0, -- seconds that it spent on them
  took      bigint[] not null default '{}',     -- batches by class of duration (worker/loops.py)
  primary key (worker_id, loop)
);

-- One row: what the clock showed last, written with every heartbeat and kept when the workers stop. Time goes on from there.
create table last_reading (
  one    boolean primary key default true check (one),
  moment timestamptz not null
);

-- ── Partitions ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Months of event, delivery and decision are made ahead and dropped whole by db/partitions.py.
