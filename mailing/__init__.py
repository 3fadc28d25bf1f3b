"""Mail to people: rendered at once, sealed until it is handed over, then forgotten (policy clauses 9, 13)."""
