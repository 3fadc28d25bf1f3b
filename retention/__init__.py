"""Ends storage: sweeps by time, erasure by right, the six-year archive (GDPR Art. 5(1)(e), 17; clauses 10, 17, 18)."""
