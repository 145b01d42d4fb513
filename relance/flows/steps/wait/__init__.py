"""Steps that wait."""
