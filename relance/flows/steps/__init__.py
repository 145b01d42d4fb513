"""What a flow does: one small module per kind, listed in registry.py."""
