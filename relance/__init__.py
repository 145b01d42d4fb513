"""Relance: self-hosted marketing-automation flows."""

__version__ = "0.1.0"
