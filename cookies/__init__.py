"""Cookies and third-party services: declared in code, switched on by the visitor, refused otherwise (policy clause 11)."""
