"""Consents: published wordings, an append-only record of what people chose, and the answer to the gate (Art. 7)."""
