"""One person: what is known, what happened, why."""
