-- name: insert_alert
-- With what happened, in its transaction.
insert into alert (alert_id, account_id, flow_id, kind, at, data)
values (%(alert_id)s, %(account_id)s, %(flow_id)s, %(kind)s, %(now)s, %(data)s)

-- name: newest_alerts
-- For the pages and the command line.
select l.at, l.flow_id, f.name as flow, l.kind, l.data, l.told_at
from alert l join flow f on f.flow_id = l.flow_id
where l.account_id = %(account_id)s
order by l.at desc, l.alert_id desc limit %(limit)s

-- name: take_untold
-- Two workers take different ones.
update alert l set told_at = %(now)s
from (select alert_id from alert where told_at is null order by at limit %(limit)s for update skip locked) n, flow f
where l.alert_id = n.alert_id and f.flow_id = l.flow_id
returning l.account_id, l.flow_id, f.name as flow, l.kind, l.at, l.data
