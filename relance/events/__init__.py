"""The ledger: one immutable fact per row, appended in the transaction of the change it tells of (spec/flows.md section 10)."""
