"""Messages that were sent, wait, or were left out."""
