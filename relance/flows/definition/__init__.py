"""A flow as written: its model, its checks (section 3 of the spec), its text file, its publication."""
