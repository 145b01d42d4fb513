"""Triggers: dates."""
