"""Cookies and third-party services: declared in code, switched on by the visitor (policy clause 11)."""
