"""Triggers: messages."""
