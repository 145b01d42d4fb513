-- What somebody listens to: an event that nobody hears stands in the ledger and is never judged. Whoever adds listeners
-- first calls events.append.change_listeners.
create view listened_to as select s.audience_id, s.event_kind, s.match_key from subscription s;
