"""Triggers: contact."""
