"""Words everyone shares: the clock, errors, ids, dates and folded text. Imports nothing of Relance."""
