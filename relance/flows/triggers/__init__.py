"""What lets a contact into a flow: one small module per kind, listed in registry.py."""
