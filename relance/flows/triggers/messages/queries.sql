-- name: unopened
-- By (message, sent_at). Bounced deliveries never count (M2); a delivery with machine activity only, or to somebody whose
-- opens are not tracked, is unknown (M5) and refused by the trigger's guard, unless the account counts it as not opened.
select d.contact_id, d.delivery_id, d.sent_at,
       (d.machine_at is not null or c.no_open_tracking) and not %(unknown_counts)s as unknown
from delivery d
join contact c on c.bucket = d.bucket and c.contact_id = d.contact_id and c.bucket = any(%(slot)s)
where d.bucket = any(%(slot)s) and d.message_id = %(message_id)s
  and d.sent_at > %(sent_after)s and d.sent_at <= %(sent_until)s
  and d.opened_at is null and d.clicked_at is null and d.bounced_at is null
