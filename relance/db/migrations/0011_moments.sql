-- When a message that may become too late could first have left.

alter table delivery add column ready_at timestamptz;
