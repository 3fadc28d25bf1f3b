"""Payments by card through Braintree (policy clause 9.1)."""
