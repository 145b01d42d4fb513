"""Notices to the team: the outbox of the step notify_team (spec/flows.md 6.2)."""
