-- People join the audience when they have confirmed (G21), not with the form. Who waits for a second confirmation had joined
-- before; since when the others were there is not told apart from when they came.
alter table contact add column joined_at timestamptz;
drop index contact_added;
update contact c set joined_at = c.created_at
where c.email_status is distinct from 'pending' or c.sms_status = 'subscribed'
   or exists (select from consent_record r where r.bucket = c.bucket and r.contact_id = c.contact_id and r.new <> 'pending');
create index contact_joined on contact (audience_id, joined_at);

-- What the clock showed last, for the next start.
create table last_reading (
  one    boolean primary key default true check (one),
  moment timestamptz not null
);
