"""Triggers: other flows."""
