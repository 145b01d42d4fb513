"""What came of a message: one module an outcome. Mark once, touch the contact, append the event."""
