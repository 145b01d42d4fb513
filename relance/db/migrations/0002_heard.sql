-- Does anybody listen to such an event? One that nobody hears stands in the ledger and is never judged. Whoever adds
-- listeners first calls events.append.change_listeners.
create function heard(audience bigint, event_kind text, match_key text) returns boolean language sql stable parallel safe as $$
  select exists (
    select from subscription s
    where s.audience_id = heard.audience and s.event_kind = heard.event_kind and s.match_key in (heard.match_key, ''))
$$;
