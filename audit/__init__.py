"""Append-only, hash-chained proof of what was done, by whom and why, without any value of a person (Art. 5(2), 32)."""
