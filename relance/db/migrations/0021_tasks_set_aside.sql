-- A task that fails for a mistake of ours is tried again later, and stops nobody else of its slots.

alter table flow_task add column retry_at timestamptz;
alter table flow_task add column trouble text;
