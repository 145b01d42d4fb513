"""Triggers: apps."""
