"""The loyalty programme: points from orders, on a consent of its own (policy clauses 4, 7.1)."""
