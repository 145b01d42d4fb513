"""Steps that do something."""
