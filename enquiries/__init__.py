"""Enquiries and problem reports, with and without an account, and contacts that staff log (policy clause 5)."""
