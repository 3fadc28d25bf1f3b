"""The visit log: what the server sees of each request, kept for twenty weeks (policy clause 5.2)."""
