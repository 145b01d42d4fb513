"""Messages: templates, the outbox, transports and what came of each message."""
