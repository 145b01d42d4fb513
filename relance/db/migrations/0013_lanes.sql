-- The three queues (inbox, due runs, due deliveries) are read slot by slot, lane by lane, account by account: what
-- somebody has just done does not wait behind a million rows that are due, and no account behind another one.

create function slot_of(bucket int) returns int language sql immutable strict parallel safe as $$ select bucket / 256 $$;

alter table inbox add column account_id bigint, add column contact_id uuid;
update inbox i set account_id = e.account_id, contact_id = coalesce(e.contact_id, e.event_id)
from event e
where e.bucket = i.bucket and e.event_id = i.event_id and e.recorded_at = i.recorded_at;
alter table inbox alter column account_id set not null, alter column contact_id set not null,
  drop constraint inbox_pkey, add primary key (bucket, contact_id, event_id);
drop index inbox_order;
create index inbox_order on inbox (slot_of(bucket), lane, account_id, recorded_at, event_id);

alter table run add column lane smallint not null default 1;
drop index run_due;
create index run_due on run (slot_of(bucket), lane, account_id, due) where due is not null;

alter table delivery add column lane smallint not null default 1;
drop index delivery_due;
create index delivery_due on delivery (slot_of(bucket), lane, account_id, due) where due is not null;
