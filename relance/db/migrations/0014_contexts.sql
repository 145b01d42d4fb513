-- A run's context is read from the event that let it in; the run keeps what it has learnt on its way. Every row of a run
-- has a new place with every move, since its due time is in an index: room on the page for it only made the table larger.

create function event_context(kind text, match_key text, payload jsonb, occurred_at timestamptz) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('event', coalesce(payload -> 'properties', payload -> 'data', payload),
                            'name', case when kind = 'contact.event' then match_key else kind end, 'date', occurred_at)
$$;

create function run_context(learnt jsonb, of_event jsonb) returns jsonb language sql immutable parallel safe as $$
  select case
    when of_event is null then learnt
    when not learnt ? 'event' then of_event || learnt
    else of_event || learnt || jsonb_build_object('event',
      case when jsonb_typeof(of_event -> 'event') = 'object' then of_event -> 'event' else '{}' end || (learnt -> 'event')) end
$$;

alter table run reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
alter table run set (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
