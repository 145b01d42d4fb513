"""What moves people: dispatcher (events → runs), advancer (runs → effects), clock (time → events)."""
