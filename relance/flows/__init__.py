"""Flows: what they are, what starts them (triggers), what they do (steps), and what moves people (engine)."""
