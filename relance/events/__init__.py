"""The ledger: one immutable fact per row, appended with the change it tells of (spec/flows.md section 10)."""
