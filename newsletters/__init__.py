"""Advertising by e-mail for whoever asked for it, without an account too, and the way out (policy clause 13)."""
