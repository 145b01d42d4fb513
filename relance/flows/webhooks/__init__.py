"""Calls of webhooks: the outbox of the step call_webhook (spec/flows.md 6.2, docs/decisions/0020)."""
